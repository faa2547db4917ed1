// restore: Destroyed to Active with all its versions, 30 s to 30 days after the delete (reference §6.9).
import {
  fullKey,
  keyCollection,
  type OperationReply,
  type RestoreBody,
} from '@zonehold/api-contract';
import { refuseTokenless, restoreKey } from '@zonehold/key-domain';
import { changeKey } from '../key-change.ts';
import { refuse, stampOf, wireContext, type KeyCall, type OperationPorts } from '../operation.ts';

/** 201 with the key, whatever was preferred: the SDKs read it. */
export async function restore(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const { request, instance } = call;
  const stamp = stampOf(request);
  const { hasPayload = false } = (request.body ?? {}) as Partial<RestoreBody>;
  const tokenless = hasPayload ? refuseTokenless(instance.policies) : undefined;
  const changed = await changeKey(ports, call, 'restore', (key, nowMs) => {
    const next = restoreKey(key, { stamp }, nowMs);
    return next.ok && tokenless !== undefined ? { ok: false, refusal: tokenless } : next;
  });
  if (!changed.ok) return refuse(changed.refusal);
  const body = keyCollection([fullKey(changed.key, wireContext(ports, call))]);
  return { ok: true, status: 201, body };
}
