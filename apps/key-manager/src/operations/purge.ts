// purge: a Destroyed key becomes a tombstone, for ever. Answered once the tombstone is committed; that the sealed material
// then leaves every disk and cache is the erasure's matter, on record before the tombstone is (docs/erasure.md).
import {
  fullKey,
  keyCollection,
  operationRow,
  type ApiRefusal,
  type OperationReply,
} from '@zonehold/api-contract';
import {
  guardedOf,
  purgeKey,
  recogniseRepeat,
  type Key,
  type KeyRecord,
} from '@zonehold/key-domain';
import { refuseOnKey } from '../access.ts';
import { isMeant } from '../key-change.ts';
import type { KeyDecision } from '../key-repository.ts';
import {
  noContent,
  refuse,
  stampOf,
  wireContext,
  type OperationPorts,
  type RecordCall,
} from '../operation.ts';

/** `key` is what was purged; undefined for a repeat, which finds only the tombstone. */
type Purged =
  | { readonly ok: true; readonly key: Key | undefined }
  | { readonly ok: false; readonly refusal: ApiRefusal };

/**
 * 204, or 200 with the key as it was (reference §6.8). A repeat is answered likewise; what the key was like is known until its
 * erasure is done, and at least as long as a correlation token lives. Afterwards a repeat is answered 204 whatever it prefers.
 */
export async function purge(ports: OperationPorts, call: RecordCall): Promise<OperationReply> {
  const { keyId, record, deadline, instance } = call;
  const expected = decidePurge(call, record);
  if (expected.kind === 'keep') return answer(ports, call, expected.result);
  if (record !== undefined && !record.isPurged) {
    const isShownAgain = call.request.prefer === 'representation';
    await ports.erasures.intendPurge(record, call.nowMs, deadline, isShownAgain);
  }
  const purged = await ports.keys.change(
    instance.instanceId,
    keyId,
    (current) => decidePurge(call, current),
    deadline,
  );
  return answer(ports, call, purged);
}

/** Pure: runs inside the round, where rights and repeats are looked at again. */
function decidePurge(call: RecordCall, current: KeyRecord | undefined): KeyDecision<Purged> {
  const { request, nowMs } = call;
  if (current === undefined) return keep({ code: 'KEY_NOT_FOUND_ERR' });
  const { right } = operationRow(request.operation);
  // A right on the key alone went with the key: its holder's repeat is refused, as any request after a lost right is.
  const denial = refuseOnKey({ right, keyRingId: request.keyRingId }, call, guardedOf(current));
  if (denial !== undefined) return keep({ code: denial });
  const key = current.isPurged ? undefined : current;
  const stamp = stampOf(request);
  const repeat = recogniseRepeat(current, stamp, 'purge', nowMs);
  if (repeat.kind === 'mismatch') return keep({ code: 'IDEMPOTENCY_MISMATCH_ERR' });
  if (repeat.kind === 'replay') return { kind: 'keep', result: { ok: true, key } };
  if (current.isPurged || !isMeant(current, call)) return keep({ code: 'KEY_NOT_FOUND_ERR' });
  const next = purgeKey(current, { stamp }, nowMs);
  return next.ok
    ? { kind: 'write', record: next.key, result: { ok: true, key: current } }
    : keep(next.refusal);
}

async function answer(
  ports: OperationPorts,
  call: RecordCall,
  purged: Purged,
): Promise<OperationReply> {
  if (!purged.ok) return refuse(purged.refusal);
  if (call.request.prefer !== 'representation') return noContent;
  const key = purged.key ?? (await keyAsItWas(ports, call));
  if (key === undefined) return noContent;
  return { ok: true, status: 200, body: keyCollection([fullKey(key, wireContext(ports, call))]) };
}

/** The purge is committed: what cannot be read now is left out, and fails nothing. */
async function keyAsItWas(ports: OperationPorts, call: RecordCall): Promise<Key | undefined> {
  const { instance, keyId, deadline, request } = call;
  try {
    return await ports.erasures.keyAsItWas(instance.instanceId, keyId, deadline);
  } catch (error) {
    ports.log.warn('purge.key-unread', { correlationId: request.correlationId, error });
    return undefined;
  }
}

function keep(refusal: ApiRefusal): KeyDecision<Purged> {
  return { kind: 'keep', result: { ok: false, refusal } };
}
