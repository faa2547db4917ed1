// GET /keys/{id}/policies: in any state until purge.
import { keyPolicyCollection, type OperationReply, type PolicyQuery } from '@zonehold/api-contract';
import { keyPolicyNames, type KeyPolicyName } from '@zonehold/key-domain';
import { wireContext, type KeyCall, type OperationPorts } from '../operation.ts';

/** 200 with the policies that were ever set, or with the one that is asked for (reference §8.2). */
export async function getPolicy(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const { policy } = (call.request.query ?? {}) as PolicyQuery<KeyPolicyName>;
  const names = policy === undefined ? keyPolicyNames : [policy];
  const body = keyPolicyCollection(call.key, names, wireContext(ports, call));
  return { ok: true, status: 200, body };
}
