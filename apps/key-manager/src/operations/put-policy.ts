// PUT /keys/{id}/policies: sets the policies that are named, all or none, and leaves the others.
import { keyPolicyCollection, type OperationReply } from '@zonehold/api-contract';
import { keyPolicyNames, setPolicies, type KeyPolicyWishes } from '@zonehold/key-domain';
import { changeKey } from '../key-change.ts';
import { refuse, stampOf, wireContext, type KeyCall, type OperationPorts } from '../operation.ts';
import { policyAuthor } from '../policy-author.ts';

/** 200 with the policies that were set, as they are now (reference §8.1). */
export async function putPolicy(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const { request } = call;
  const wishes = request.body as KeyPolicyWishes;
  const author = policyAuthor(ports.random, request.caller.iamId);
  const input = { stamp: stampOf(request), wishes, author };
  const changed = await changeKey(ports, call, 'setPolicies', (key, nowMs) =>
    setPolicies(key, input, nowMs),
  );
  if (!changed.ok) return refuse(changed.refusal);
  const names = keyPolicyNames.filter((name) => wishes[name] !== undefined);
  const body = keyPolicyCollection(changed.key, names, wireContext(ports, call));
  return { ok: true, status: 200, body };
}
