// GET /instance/policies: from the instance's register, which every operation reads anyway.
import {
  instancePolicyCollection,
  type OperationReply,
  type PolicyQuery,
} from '@zonehold/api-contract';
import { instancePolicyNames, type InstancePolicyName } from '@zonehold/key-domain';
import type { InstanceCall, OperationPorts } from '../operation.ts';

/** 200 with the policies that were ever set, or with the one that is asked for (reference §9.1). */
export async function getInstancePolicy(
  _ports: OperationPorts,
  { request, instance }: InstanceCall,
): Promise<OperationReply> {
  const { policy } = (request.query ?? {}) as PolicyQuery<InstancePolicyName>;
  const names = policy === undefined ? instancePolicyNames : [policy];
  return { ok: true, status: 200, body: instancePolicyCollection(instance.policies, names) };
}
