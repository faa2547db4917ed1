// What a change of a key is, and what each writes besides its own members. The changes themselves: transitions.ts,
// dual-authorization.ts, set-policies.ts.
import type { AppliedOperation, Key, KeyChange } from './key.ts';
import type { DomainRefusal } from './refusal.ts';
import { keepOperations, type OperationStamp } from './repeat.ts';

/** The next key, or why not. */
export type Transition<Next = Key> =
  | { readonly ok: true; readonly key: Next }
  | { readonly ok: false; readonly refusal: DomainRefusal };

/** A change that needs nothing but to be told apart from its repeats. */
export interface PlainChange {
  readonly stamp: OperationStamp;
}

export const refused = (refusal: DomainRefusal): { ok: false; refusal: DomainRefusal } => ({
  ok: false,
  refusal,
});

/** The entry by which a repeat of this change is recognised. `subject`: what of the record, where it has several of a kind. */
export function applied(
  stamp: OperationStamp,
  action: KeyChange,
  atMs: number,
  subject?: string,
): AppliedOperation {
  const { operationId, tokenKind, tokenValue, parametersHash } = stamp;
  const known = { operationId, tokenKind, tokenValue, parametersHash, action, atMs };
  return subject === undefined ? known : { ...known, subject };
}

/** What a change of metadata writes: it is no action of the life cycle, and no wait counts from it. */
export function noted(
  key: Key,
  input: PlainChange,
  action: KeyChange,
  atMs: number,
  subject?: string,
): Key {
  const operation = applied(input.stamp, action, atMs, subject);
  return { ...key, updatedAtMs: atMs, operations: keepOperations(key.operations, operation) };
}

/** What a change of the life cycle writes. */
export function stamped(key: Key, input: PlainChange, action: KeyChange, atMs: number): Key {
  return { ...noted(key, input, action, atMs), lastActionAtMs: atMs };
}
