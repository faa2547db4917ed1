// PUT /instance/policies: replaces the policies that are named, all or none, in the instance's own register. Right and repeat
// are decided inside the round, on the instance that the new one replaces.
import { operationRow, type ApiRefusal, type OperationReply } from '@zonehold/api-contract';
import {
  applied,
  callerRoles,
  instancePoliciesOf,
  isOriginAllowed,
  keepOperations,
  mayInInstance,
  recogniseRepeat,
  type InstancePolicyWishes,
} from '@zonehold/key-domain';
import {
  policyOperationsMax,
  type Instance,
  type InstanceDecision,
} from '../instance-repository.ts';
import {
  noContent,
  originOf,
  refuse,
  stampOf,
  type InstanceCall,
  type OperationPorts,
} from '../operation.ts';

/**
 * 204 (reference §9.1). A repeat is answered as the first time and undoes nothing that was set after it: also when the policy
 * that it set keeps its own sender out.
 */
export async function putInstancePolicy(
  ports: OperationPorts,
  call: InstanceCall,
): Promise<OperationReply> {
  const { request, nowMs, deadline } = call;
  const refusal = await ports.instances.change(
    request.instanceId,
    (current) => decide(call, nowMs, current),
    deadline,
  );
  return refusal === undefined ? noContent : refuse(refusal);
}

/** Pure. */
function decide(
  { request, roles }: InstanceCall,
  nowMs: number,
  current: Instance | undefined,
): InstanceDecision<ApiRefusal | undefined> {
  const { right } = operationRow(request.operation);
  const now = current && callerRoles(roles.credentialId, current.grants, roles.inAccount);
  if (current === undefined || now === undefined || !mayInInstance(now, right)) {
    return { kind: 'keep', result: { code: 'UNAUTHORIZED_ERR' } };
  }
  const { policies, policyOperations = [] } = current;
  const stamp = stampOf(request);
  const repeat = recogniseRepeat({ operations: policyOperations }, stamp, 'setPolicies', nowMs);
  if (repeat.kind === 'replay') return { kind: 'keep', result: undefined };
  if (!isOriginAllowed(policies, originOf(request))) {
    return { kind: 'keep', result: { code: 'UNAUTHORIZED_ERR' } };
  }
  if (repeat.kind === 'mismatch') {
    return { kind: 'keep', result: { code: 'IDEMPOTENCY_MISMATCH_ERR' } };
  }
  const wishes = request.body as InstancePolicyWishes;
  const operation = applied(stamp, 'setPolicies', nowMs);
  const record = {
    ...current,
    policies: instancePoliciesOf(policies, wishes, request.caller.iamId, nowMs),
    policyOperations: keepOperations(policyOperations, operation, policyOperationsMax),
  };
  return { kind: 'write', record, result: undefined };
}
