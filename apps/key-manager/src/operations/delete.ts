// delete: to Destroyed, soft; the material stays for 30 days (reference §16). That it goes then is on record before the delete
// is (docs/erasure.md).
import { fullKey, keyCollection, type OperationReply } from '@zonehold/api-contract';
import { deleteKey } from '@zonehold/key-domain';
import { changeKey } from '../key-change.ts';
import {
  noContent,
  refuse,
  stampOf,
  wireContext,
  type KeyCall,
  type OperationPorts,
} from '../operation.ts';

/** 204, or 200 with the key when a representation was asked for (reference §6.7). `force` has nothing to overrule yet. */
export async function deleteOperation(
  ports: OperationPorts,
  call: KeyCall,
): Promise<OperationReply> {
  const { request, key } = call;
  const input = { stamp: stampOf(request), deletedBy: request.caller.iamId };
  const changed = await changeKey(
    ports,
    call,
    'delete',
    (current, nowMs) => deleteKey(current, input, nowMs),
    () => ports.erasures.intendDeletion(key, call.nowMs, call.deadline),
  );
  if (!changed.ok) return refuse(changed.refusal);
  if (request.prefer !== 'representation') return noContent;
  const body = keyCollection([fullKey(changed.key, wireContext(ports, call))]);
  return { ok: true, status: 200, body };
}
