// rotate: a new version in front. The material is made and sealed once, before the round; a replay makes none.
import type { OperationReply, RotateBody } from '@zonehold/api-contract';
import { refuseRotate, refuseTokenless, rotateKey } from '@zonehold/key-domain';
import { changeKey, decideChange } from '../key-change.ts';
import { randomUuid } from '../key-id.ts';
import { sealNewMaterial } from '../new-material.ts';
import { noContent, refuse, stampOf, type KeyCall, type OperationPorts } from '../operation.ts';

/** 204 (reference §7.6). Nothing is sealed for a request that the key refuses or has already seen. */
export async function rotate(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const { request, instance, key } = call;
  const body = (request.body ?? {}) as RotateBody;
  const isPlain = body.payload !== undefined;
  const hasPayload = isPlain || body.tokenMaterial !== undefined;
  const expected = decideChange(
    call,
    'rotate',
    (current, nowMs) => {
      const refusal =
        refuseRotate(current, hasPayload, nowMs) ??
        (isPlain ? refuseTokenless(instance.policies) : undefined);
      return refusal === undefined ? { ok: true, key: current } : { ok: false, refusal };
    },
    key,
  );
  if (expected.kind === 'keep') {
    return expected.result.ok ? noContent : refuse(expected.result.refusal);
  }
  const versionId = randomUuid(ports.random);
  const binding = { instanceId: key.instanceId, keyId: key.id, versionId };
  const sealed = await sealNewMaterial(ports, call, binding, body);
  if (!sealed.ok) return refuse(sealed.refusal);
  const { sealedMaterial } = sealed;
  const input = { stamp: stampOf(request), versionId, sealedMaterial, hasPayload };
  const changed = await changeKey(ports, call, 'rotate', (current, nowMs) =>
    rotateKey(current, input, nowMs),
  );
  return changed.ok ? noContent : refuse(changed.refusal);
}
