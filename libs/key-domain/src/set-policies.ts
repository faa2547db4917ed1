// The change of a key that sets policies (reference §8.1). What may be set is key-policies.ts.
import { refuseAction } from './action-table.ts';
import {
  policiesOf,
  refusePolicies,
  type KeyPolicyWishes,
  type PolicyAuthor,
} from './key-policies.ts';
import type { Key } from './key.ts';
import { timeForKey } from './time-rules.ts';
import { noted, refused, type PlainChange, type Transition } from './transition.ts';

export interface SetPoliciesInput extends PlainChange {
  readonly wishes: KeyPolicyWishes;
  readonly author: PolicyAuthor;
}

/** The key with its policies set, all or none of them. Its state first, then what it is. */
export function setPolicies(key: Key, input: SetPoliciesInput, nowMs: number): Transition {
  const { wishes, author } = input;
  const refusal = refuseAction(key, 'setPolicy', nowMs) ?? refusePolicies(key, wishes);
  if (refusal !== undefined) return refused(refusal);
  const atMs = timeForKey(key, nowMs);
  const policies = policiesOf(key.policies, wishes, author, atMs);
  return { ok: true, key: { ...noted(key, input, 'setPolicies', atMs), policies } };
}
