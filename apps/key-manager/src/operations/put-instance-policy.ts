// PUT /instance/policies: replaces the policies that are named, all or none, in the instance's own register. Right and repeat
// are decided inside the round, on the instance that the new one replaces.
import { operationRow, type ApiRefusal, type OperationReply } from '@zonehold/api-contract';
import {
  applied,
  callerRoles,
  instancePoliciesOf,
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
  refuse,
  stampOf,
  type InstanceCall,
  type OperationPorts,
} from '../operation.ts';

/** 204 (reference §9.1), and 501 for a limit that nobody would enforce: who set it would believe in it. A repeat is answered as the first time and undoes nothing that was set after it. */
export async function putInstancePolicy(
  ports: OperationPorts,
  call: InstanceCall,
): Promise<OperationReply> {
  const { request, nowMs, deadline } = call;
  if (isUnenforced(request.body as InstancePolicyWishes)) {
    return refuse({ code: 'NOT_IMPLEMENTED_ERR' });
  }
  const refusal = await ports.instances.change(
    request.instanceId,
    (current) => decide(call, nowMs, current),
    deadline,
  );
  return refusal === undefined ? noContent : refuse(refusal);
}

/** Gateways let callers in from anywhere. */
function isUnenforced({ allowedIP, allowedNetwork }: InstancePolicyWishes): boolean {
  const isPrivate = allowedNetwork?.isEnabled === true && allowedNetwork.network === 'private-only';
  return isPrivate || allowedIP?.isEnabled === true;
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
  if (repeat.kind === 'mismatch') {
    return { kind: 'keep', result: { code: 'IDEMPOTENCY_MISMATCH_ERR' } };
  }
  if (repeat.kind === 'replay') return { kind: 'keep', result: undefined };
  const wishes = request.body as InstancePolicyWishes;
  const operation = applied(stamp, 'setPolicies', nowMs);
  const record = {
    ...current,
    policies: instancePoliciesOf(policies, wishes, request.caller.iamId, nowMs),
    policyOperations: keepOperations(policyOperations, operation, policyOperationsMax),
  };
  return { kind: 'write', record, result: undefined };
}
