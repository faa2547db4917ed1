// unsetKeyForDeletion: takes the first authorization of a deletion back.
import type { OperationReply } from '@zonehold/api-contract';
import { unsetForDeletion } from '@zonehold/key-domain';
import { changeKey } from '../key-change.ts';
import { noContent, refuse, stampOf, type KeyCall, type OperationPorts } from '../operation.ts';

/** 204 (reference §7.8), also when there was none. */
export async function unsetKeyForDeletion(
  ports: OperationPorts,
  call: KeyCall,
): Promise<OperationReply> {
  const stamp = stampOf(call.request);
  const changed = await changeKey(ports, call, 'unsetForDeletion', (key, nowMs) =>
    unsetForDeletion(key, { stamp }, nowMs),
  );
  return changed.ok ? noContent : refuse(changed.refusal);
}
