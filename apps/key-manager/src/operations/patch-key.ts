// PATCH /keys/id: moves a key to another ring, the one thing that can be patched (reference §6.6).
import {
  fullKey,
  keyCollection,
  operationRow,
  type OperationReply,
  type PatchKeyBody,
} from '@zonehold/api-contract';
import { mayInRing, moveKey, nameKeyRing } from '@zonehold/key-domain';
import { changeKey } from '../key-change.ts';
import { refuse, stampOf, wireContext, type KeyCall, type OperationPorts } from '../operation.ts';

/**
 * 200 with the full key. The header names the ring it is in, the body the one it goes to; a target that is deleted meanwhile
 * leaves it in `default` (key-domain's key-rings.ts).
 */
export async function patchKey(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const { request, roles, keyRings } = call;
  const { right } = operationRow(request.operation);
  const { keyRingId } = request.body as PatchKeyBody;
  // A right on the key, or on the ring it is in, is none on the ring it would go to.
  if (!mayInRing(roles, right, keyRingId, keyRings)) return refuse({ code: 'UNAUTHORIZED_ERR' });
  const stamp = stampOf(request);
  const changed = await changeKey(ports, call, 'move', (key, nowMs) => {
    const ring = nameKeyRing(keyRings, keyRingId);
    return ring === undefined
      ? { ok: false, refusal: { code: 'KEY_RING_NOT_FOUND_ERR' } }
      : moveKey(key, { stamp, ring }, nowMs);
  });
  if (!changed.ok) return refuse(changed.refusal);
  const body = keyCollection([fullKey(changed.key, wireContext(ports, call))]);
  return { ok: true, status: 200, body };
}
