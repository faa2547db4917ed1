// delete: to Destroyed, soft; the material stays for 30 days (reference §16). That it goes then is on record before the delete
// is (docs/erasure.md). What the key protects is looked for before the round that ends it, and that round writes only over the
// very serial that was read before the look: a registration made meanwhile is not overlooked (key-domain's registrations.ts).
import {
  fullKey,
  keyCollection,
  type ApiRefusal,
  type ForceQuery,
  type OperationReply,
} from '@zonehold/api-contract';
import {
  deleteKey,
  refuseProtected,
  registrationSerialOf,
  type Key,
  type KeyRecord,
} from '@zonehold/key-domain';
import { decideChange, unlessStale, type ChangeResult } from '../key-change.ts';
import { livingKey, type KeyDecision } from '../key-repository.ts';
import {
  noContent,
  refuse,
  stampOf,
  wireContext,
  type KeyCall,
  type OperationPorts,
} from '../operation.ts';

/** Each means that a registration was made or changed meanwhile. */
const attemptsMax = 8;

/**
 * 204, or 200 with the key when a representation was asked for (reference §6.7). Registrations are in its way unless it is forced,
 * and retentions even then. Those of a deleted key stay with it, and come back with it.
 */
export async function deleteOperation(
  ports: OperationPorts,
  call: KeyCall,
): Promise<OperationReply> {
  const changed = await remove(ports, call);
  if (!changed.ok) return refuse(changed.refusal);
  if (call.request.prefer !== 'representation') return noContent;
  const body = keyCollection([fullKey(changed.key, wireContext(ports, call))]);
  return { ok: true, status: 200, body };
}

async function remove(ports: OperationPorts, call: KeyCall): Promise<ChangeResult> {
  const { key, deadline, nowMs } = call;
  let record: KeyRecord | undefined = key;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const expected = decide(call, record);
    if (expected.kind === 'keep') return expected.result;
    const serial = registrationSerialOf(livingKey(record));
    const refusal = await refuseWhatProtects(ports, call);
    if (refusal !== undefined) return { ok: false, refusal };
    await ports.erasures.intendDeletion(key, nowMs, deadline);
    const result = await ports.keys.change(
      key.instanceId,
      key.id,
      (current) =>
        unlessStale(decide(call, current), registrationSerialOf(livingKey(current)) !== serial),
      deadline,
    );
    if (result !== 'stale') return result;
    [record] = await ports.keys.read(key.instanceId, [key.id], deadline);
  }
  return { ok: false, refusal: { code: 'CONTENTION_ERR' } };
}

/** Pure. */
function decide(call: KeyCall, current: KeyRecord | undefined): KeyDecision<ChangeResult> {
  const { request } = call;
  const input = { stamp: stampOf(request), deletedBy: request.caller.iamId };
  const transition = (key: Key, nowMs: number) => deleteKey(key, input, nowMs);
  return decideChange(call, 'delete', transition, current);
}

async function refuseWhatProtects(
  ports: OperationPorts,
  { key, request, deadline }: KeyCall,
): Promise<ApiRefusal | undefined> {
  const { isForced = false } = (request.query ?? {}) as Partial<ForceQuery>;
  let isAny = false;
  let isRetained = false;
  for await (const slice of ports.registrationIndex.slices(key.instanceId, key.id, deadline)) {
    isAny ||= slice.length > 0;
    isRetained ||= slice.some(({ preventsKeyDeletion }) => preventsKeyDeletion);
    if (isRetained) break;
  }
  return refuseProtected({ isAny, isRetained }, isForced);
}
