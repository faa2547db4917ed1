// Whether the policies of the instance let a key be made, and which policies it gets: the instance's, or those that a create
// with overrides brings instead (reference §6.2, §6.4).
import type { CreateKeyBody } from '@zonehold/api-contract';
import {
  inheritedPolicies,
  policiesOf,
  refuseNewKey,
  refusePolicies,
  type DomainRefusal,
  type KeyPolicies,
  type NewKeyKind,
} from '@zonehold/key-domain';
import type { CreateCall, OperationPorts } from './operation.ts';
import { policyAuthor } from './policy-author.ts';

/** Why this key is not made here with these policies. Never asked for a repeat: its key is there already. */
export function refuseByPolicies(call: CreateCall, body: CreateKeyBody): DomainRefusal | undefined {
  const kind = kindOf(body);
  return (
    refusePolicies(kind, body.policyOverrides ?? {}) ?? refuseNewKey(call.instance.policies, kind)
  );
}

/** The policies of the new key; undefined when it gets none. */
export function newKeyPolicies(
  ports: OperationPorts,
  { request, instance, nowMs }: CreateCall,
  body: CreateKeyBody,
): KeyPolicies | undefined {
  const wishes = body.policyOverrides ?? inheritedPolicies(instance.policies, kindOf(body));
  if (Object.keys(wishes).length === 0) return undefined;
  return policiesOf(undefined, wishes, policyAuthor(ports.random, request.caller.iamId), nowMs);
}

function kindOf({ isExtractable, payload, tokenMaterial }: CreateKeyBody): NewKeyKind {
  const isWithToken = tokenMaterial !== undefined;
  return { isExtractable, isImported: payload !== undefined || isWithToken, isWithToken };
}
