// The one way an existing key is changed: right, repeat, state and transition are all decided inside the register's change
// function, on the value that the new one replaces. An earlier read only saves rounds.
import { operationRow, type ApiRefusal } from '@zonehold/api-contract';
import {
  hasAlias,
  isUuidV4,
  keyRingOf,
  recogniseRepeat,
  type Key,
  type KeyChange,
  type KeyRecord,
  type Transition,
} from '@zonehold/key-domain';
import { refuseOnKey } from './access.ts';
import { livingKey, type KeyDecision } from './key-repository.ts';
import { stampOf, type InstanceCall, type KeyCall, type OperationPorts } from './operation.ts';

/** The next key, or why not. Pure. */
export type KeyTransition = (key: Key, nowMs: number) => Transition;

/** The key as committed, by this request or by an earlier one that it repeats, and when that was; or the refusal. */
export type ChangeResult =
  | { readonly ok: true; readonly key: Key; readonly atMs: number }
  | { readonly ok: false; readonly refusal: ApiRefusal };

/** What the change would do to `current`: write, or keep because it is refused or done already. Pure. */
export function decideChange(
  call: KeyCall,
  change: KeyChange,
  transition: KeyTransition,
  current: KeyRecord | undefined,
): KeyDecision<ChangeResult> {
  const { request, nowMs } = call;
  const key = livingKey(current);
  if (key === undefined) return keep({ code: 'KEY_NOT_FOUND_ERR' });
  const { right } = operationRow(request.operation);
  const denial = refuseOnKey({ right, keyRingId: request.keyRingId }, call, key);
  if (denial !== undefined) return keep({ code: denial });
  const repeat = recogniseRepeat(key, stampOf(request), change, nowMs);
  if (repeat.kind === 'mismatch') return keep({ code: 'IDEMPOTENCY_MISMATCH_ERR' });
  if (repeat.kind === 'replay') {
    return { kind: 'keep', result: { ok: true, key, atMs: repeat.operation.atMs } };
  }
  // After the repeats: the first request may have moved the key out of the ring that both name, or taken its alias.
  if (!isMeant(key, call)) return keep({ code: 'KEY_NOT_FOUND_ERR' });
  const next = transition(key, nowMs);
  return next.ok
    ? {
        kind: 'write',
        record: next.key,
        result: { ok: true, key: next.key, atMs: next.key.updatedAtMs },
      }
    : keep(next.refusal);
}

/** The decision, unless what was looked at before the round has changed since: then nothing is written. Pure. */
export function unlessStale(
  decision: KeyDecision<ChangeResult>,
  isStale: boolean,
): KeyDecision<ChangeResult | 'stale'> {
  return decision.kind === 'write' && isStale ? { kind: 'keep', result: 'stale' } : decision;
}

/**
 * Decides on the key that was read, and if it would change, in a Paxos round on the key that is. `beforeRound` runs in
 * between: for what must be on record before the key changes.
 */
export async function changeKey(
  ports: OperationPorts,
  call: KeyCall,
  change: KeyChange,
  transition: KeyTransition,
  beforeRound?: () => Promise<void>,
): Promise<ChangeResult> {
  const expected = decideChange(call, change, transition, call.key);
  if (expected.kind === 'keep') return expected.result;
  await beforeRound?.();
  const { instanceId, id } = call.key;
  return ports.keys.change(
    instanceId,
    id,
    (current) => decideChange(call, change, transition, current),
    call.deadline,
  );
}

/** A key in another ring than the one named counts as not found (reference §1.3), and so does one that lost the alias. */
export function isMeant(
  key: Key,
  { request, keyRings }: Pick<InstanceCall, 'request' | 'keyRings'>,
): boolean {
  const { keyRef, keyRingId } = request;
  const isNamed = keyRef === undefined || isUuidV4(keyRef) || hasAlias(key, keyRef);
  return isNamed && (keyRingId === undefined || keyRingId === keyRingOf(key, keyRings));
}

function keep(refusal: ApiRefusal): KeyDecision<ChangeResult> {
  return { kind: 'keep', result: { ok: false, refusal } };
}
