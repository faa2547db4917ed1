// setKeyForDeletion: the first of the two authorizations that a key with a dual authorization policy needs to be deleted.
import type { OperationReply } from '@zonehold/api-contract';
import { setForDeletion } from '@zonehold/key-domain';
import { changeKey } from '../key-change.ts';
import { noContent, refuse, stampOf, type KeyCall, type OperationPorts } from '../operation.ts';

/** 204 (reference §7.8). A repeat is answered as the first time, and its seven days do not start anew. */
export async function setKeyForDeletion(
  ports: OperationPorts,
  call: KeyCall,
): Promise<OperationReply> {
  const { request } = call;
  const input = { stamp: stampOf(request), authorizedBy: request.caller.iamId };
  const changed = await changeKey(ports, call, 'setForDeletion', (key, nowMs) =>
    setForDeletion(key, input, nowMs),
  );
  return changed.ok ? noContent : refuse(changed.refusal);
}
