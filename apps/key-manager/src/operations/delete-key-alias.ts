// DELETE /keys/id/aliases/alias: a change of the key alone; the alias's register is void by it (key-domain's aliases.ts).
import type { OperationReply } from '@zonehold/api-contract';
import { removeAlias } from '@zonehold/key-domain';
import { changeKey } from '../key-change.ts';
import { noContent, refuse, stampOf, type KeyCall, type OperationPorts } from '../operation.ts';

/** 204 (reference §13). The alias may be used again at once, in every zone. */
export async function deleteKeyAlias(
  ports: OperationPorts,
  call: KeyCall,
): Promise<OperationReply> {
  const { request } = call;
  const input = { stamp: stampOf(request), alias: request.subRef ?? '' };
  const changed = await changeKey(ports, call, 'delete-alias', (key, nowMs) =>
    removeAlias(key, input, nowMs),
  );
  return changed.ok ? noContent : refuse(changed.refusal);
}
