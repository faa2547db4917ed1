// restore: Destroyed to Active with all its versions, 30 s to 30 days after the delete (reference §6.9).
import { fullKey, keyCollection, type OperationReply } from '@zonehold/api-contract';
import { restoreKey } from '@zonehold/key-domain';
import { changeKey } from '../key-change.ts';
import { refuse, stampOf, wireContext, type KeyCall, type OperationPorts } from '../operation.ts';

/** 201 with the key, whatever was preferred: the SDKs read it. */
export async function restore(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const stamp = stampOf(call.request);
  const changed = await changeKey(ports, call, 'restore', (key, nowMs) =>
    restoreKey(key, { stamp }, nowMs),
  );
  if (!changed.ok) return refuse(changed.refusal);
  const body = keyCollection([fullKey(changed.key, wireContext(ports, call))]);
  return { ok: true, status: 201, body };
}
