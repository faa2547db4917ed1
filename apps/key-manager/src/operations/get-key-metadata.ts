// GET /keys/{id}/metadata: everything but the payload, in any state until purge.
import { fullKey, keyCollection, type OperationReply } from '@zonehold/api-contract';
import { wireContext, type KeyCall, type OperationPorts } from '../operation.ts';

/** 200 with exactly one full key (reference §6.5). */
export async function getKeyMetadata(
  ports: OperationPorts,
  call: KeyCall,
): Promise<OperationReply> {
  const body = keyCollection([fullKey(call.key, wireContext(ports, call))]);
  return { ok: true, status: 200, body };
}
