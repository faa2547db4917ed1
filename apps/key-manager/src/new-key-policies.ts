// What the policies of an instance mean for a key that is to be made: whether it may be, and which policies it gets.
import type { CreateKeyBody } from '@zonehold/api-contract';
import {
  inheritedPolicies,
  policiesOf,
  refuseNewKey,
  type DomainRefusal,
  type KeyPolicies,
  type NewKeyKind,
} from '@zonehold/key-domain';
import type { CreateCall, OperationPorts } from './operation.ts';
import { policyAuthor } from './policy-author.ts';

/** Why the instance does not let this key be made. Never asked for a repeat: its key is there already. */
export function refuseByInstance(call: CreateCall, body: CreateKeyBody): DomainRefusal | undefined {
  return refuseNewKey(call.instance.policies, kindOf(body));
}

/** The policies of the new key; undefined when it gets none. */
export function newKeyPolicies(
  ports: OperationPorts,
  { request, instance, nowMs }: CreateCall,
  body: CreateKeyBody,
): KeyPolicies | undefined {
  const wishes = inheritedPolicies(instance.policies, kindOf(body));
  if (Object.keys(wishes).length === 0) return undefined;
  return policiesOf(undefined, wishes, policyAuthor(ports.random, request.caller.iamId), nowMs);
}

function kindOf({ isExtractable, payload }: CreateKeyBody): NewKeyKind {
  return { isExtractable, isImported: payload !== undefined };
}
