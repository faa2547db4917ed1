// restore: Destroyed to Active with all its versions, 30 s to 30 days after the delete (reference §6.9).
import {
  fullKey,
  keyCollection,
  type OperationReply,
  type RestoreBody,
} from '@zonehold/api-contract';
import { newestVersion, refuseTokenless, restoreKey, type Transition } from '@zonehold/key-domain';
import { changeKey, decideChange, type KeyTransition } from '../key-change.ts';
import { sealNewMaterial } from '../new-material.ts';
import { refuse, stampOf, wireContext, type KeyCall, type OperationPorts } from '../operation.ts';

/**
 * 201 with the key, whatever was preferred: the SDKs read it. Material is not needed and goes nowhere; that it came as it may is
 * checked, and with an import token that it opens.
 */
export async function restore(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const { request } = call;
  const { tokenMaterial } = (request.body ?? {}) as Partial<RestoreBody>;
  const transition = transitionOf(call);
  const expected = decideChange(call, 'restore', transition, call.key);
  if (expected.kind === 'write' && tokenMaterial !== undefined) {
    const { instanceId, id: keyId } = call.key;
    const { versionId } = newestVersion(call.key);
    const binding = { instanceId, keyId, versionId };
    const opened = await sealNewMaterial(ports, call, binding, { tokenMaterial });
    if (!opened.ok) return refuse(opened.refusal);
  }
  const changed = await changeKey(ports, call, 'restore', transition);
  if (!changed.ok) return refuse(changed.refusal);
  const body = keyCollection([fullKey(changed.key, wireContext(ports, call))]);
  return { ok: true, status: 201, body };
}

function transitionOf({ request, instance }: KeyCall): KeyTransition {
  const stamp = stampOf(request);
  const { hasPayload = false, tokenMaterial } = (request.body ?? {}) as Partial<RestoreBody>;
  const isTokenless = hasPayload && tokenMaterial === undefined;
  const tokenless = isTokenless ? refuseTokenless(instance.policies) : undefined;
  return (key, nowMs): Transition => {
    const next = restoreKey(key, { stamp }, nowMs);
    if (!next.ok) return next;
    if (tokenMaterial !== undefined && key.isExtractable) {
      return { ok: false, refusal: { code: 'KEY_ROOT_REQ_ERR' } };
    }
    // Nobody has the material of a generated key, so whatever came is another's (reference §3.3).
    if (hasPayload && !key.isImported) return { ok: false, refusal: { code: 'KEY_IMPT_REQ_ERR' } };
    return tokenless === undefined ? next : { ok: false, refusal: tokenless };
  };
}
