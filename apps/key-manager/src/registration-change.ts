// The one way a registration is made or changed: its own record first, then the key's, which takes note of it or refuses; if it
// refuses, the record is put back (key-domain's registrations.ts has the rules by number). The key's record knows repeats.
import type { ApiRefusal } from '@zonehold/api-contract';
import {
  applied,
  noteDeregistration,
  noteRegistration,
  recogniseRepeat,
  withdrawnRegistration,
  type AppliedOperation,
  type Key,
  type KeyRecord,
  type RegistrationRecord,
  type RegistrationTransition,
} from '@zonehold/key-domain';
import { KmsError, isKmsError } from '@zonehold/primitives';
import { decideChange, type ChangeResult } from './key-change.ts';
import type { KeyDecision } from './key-repository.ts';
import { stampOf, type KeyCall, type OperationPorts } from './operation.ts';
import { registrationName } from './registration-repository.ts';

/** What a request does to a registration. `deregister` weakens what protects the key, and needs no consent of it. */
export type RegistrationAction = 'register' | 'deregister';

/** How one request changes a registration. */
export interface RegistrationWish {
  readonly action: RegistrationAction;
  /** The record as it is to be, or why not. Pure. */
  readonly step: (
    current: RegistrationRecord | undefined,
    operation: AppliedOperation,
  ) => RegistrationTransition;
  /** True for a step that only makes what is not there. */
  readonly isCreate: boolean;
  /** Looks for what the key and the record would allow, and is refused all the same. */
  readonly refuseBefore?: () => Promise<ApiRefusal | undefined>;
}

/** `record`: as written, or for a repeat as it is now. `before`: what was there, where this attempt has written over it. */
export type RegistrationChangeResult =
  | {
      readonly ok: true;
      readonly record: RegistrationRecord | undefined;
      readonly before: RegistrationRecord | undefined;
    }
  | { readonly ok: false; readonly refusal: ApiRefusal };

/** `before` is unknown where an earlier attempt of the request has written. */
interface Written {
  readonly record: RegistrationRecord;
  readonly before: RegistrationRecord | undefined | 'unknown';
}

interface Refused {
  readonly refusal: ApiRefusal;
}

/** Changes the registration that the request's path names. */
export async function changeRegistration(
  ports: OperationPorts,
  call: KeyCall,
  wish: RegistrationWish,
): Promise<RegistrationChangeResult> {
  const { request, key, deadline } = call;
  const name = registrationName(key.id, request.subRef ?? '');
  const decide = (current: KeyRecord | undefined): KeyDecision<ChangeResult> =>
    decideNote(call, wish.action, name, current);
  const expected = decide(key);
  if (expected.kind === 'keep') return answerKept(ports, call, name, expected.result);
  const refusal = await wish.refuseBefore?.();
  if (refusal !== undefined) return { ok: false, refusal };
  const written = await write(ports, call, name, wish);
  if ('refusal' in written) return { ok: false, refusal: written.refusal };
  try {
    const noted = await ports.keys.change(key.instanceId, key.id, decide, deadline);
    // A claim that was given up is gone by now, and may have let a delete pass: no refusal would be true.
    if (noted.ok || wish.action === 'deregister') {
      const before = written.before === 'unknown' ? undefined : written.before;
      return { ok: true, record: written.record, before };
    }
    await withdraw(ports, call, name, { wish, written });
    return noted;
  } catch (error) {
    // The registration's own record is written, whatever became of the key's: "not applied" would be wrong.
    if (!isKmsError(error) || error.outcome === 'unknown') throw error;
    const message = 'the key could not take note of a registration';
    throw new KmsError('OUTCOME_UNKNOWN', message, { cause: error });
  }
}

/** Pure. */
function decideNote(
  call: KeyCall,
  action: RegistrationAction,
  registration: string,
  current: KeyRecord | undefined,
): KeyDecision<ChangeResult> {
  const input = { stamp: stampOf(call.request), registration };
  const note = action === 'register' ? noteRegistration : noteDeregistration;
  return decideChange(call, action, (key: Key, nowMs) => note(key, input, nowMs), current);
}

async function answerKept(
  ports: OperationPorts,
  { key, deadline }: KeyCall,
  name: string,
  result: ChangeResult,
): Promise<RegistrationChangeResult> {
  if (!result.ok) return result;
  const [record] = await ports.registrations.read(key.instanceId, [name], deadline);
  return { ok: true, record, before: undefined };
}

/** What an earlier attempt of this very request has written counts as written. */
function write(
  ports: OperationPorts,
  { key, request, deadline, nowMs }: KeyCall,
  name: string,
  { action, step }: RegistrationWish,
): Promise<Written | Refused> {
  const stamp = stampOf(request);
  const operation = applied(stamp, action, nowMs, name);
  return ports.registrations.change<Written | Refused>(
    key.instanceId,
    name,
    (current) => {
      const operations = current?.writtenBy === undefined ? [] : [current.writtenBy];
      const repeat = recogniseRepeat({ operations }, stamp, action, nowMs);
      if (repeat.kind === 'mismatch') {
        return { kind: 'keep', result: { refusal: { code: 'IDEMPOTENCY_MISMATCH_ERR' } } };
      }
      if (repeat.kind === 'replay' && current !== undefined) {
        return { kind: 'keep', result: { record: current, before: 'unknown' } };
      }
      const next = step(current, operation);
      if (!next.ok) return { kind: 'keep', result: { refusal: next.refusal } };
      const { record } = next;
      return { kind: 'write', record, result: { record, before: current } };
    },
    deadline,
  );
}

/**
 * Puts back what was there, unless somebody has written over it. Where an earlier attempt changed a registration, nobody knows
 * what that was: it stays changed. A registration that protects too much does no harm.
 */
async function withdraw(
  ports: OperationPorts,
  { key, deadline }: KeyCall,
  name: string,
  { wish, written }: { readonly wish: RegistrationWish; readonly written: Written },
): Promise<void> {
  const { record } = written;
  const before = written.before === 'unknown' && wish.isCreate ? undefined : written.before;
  if (before === 'unknown') return;
  await ports.registrations.change<undefined>(
    key.instanceId,
    name,
    (current) =>
      current?.revision === record.revision
        ? { kind: 'write', record: withdrawnRegistration(record, before), result: undefined }
        : { kind: 'keep', result: undefined },
    deadline,
  );
}
