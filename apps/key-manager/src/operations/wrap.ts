// wrap: encrypts a DEK under the newest version of a root key, or makes the DEK too. The state was checked before.
import { wrapReply, type OperationReply, type WrapBody } from '@zonehold/api-contract';
import { sealedVersions } from '@zonehold/key-domain';
import { keyDeleted, type KeyCall, type OperationPorts } from '../operation.ts';

/** 200 with `{plaintext?, ciphertext, keyVersion}` (reference §7.2). The order of the AAD is kept. */
export async function wrap(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const { request, instance, key, deadline } = call;
  const { plaintext, aad } = request.body as WrapBody;
  const versions = sealedVersions(key);
  if (versions === undefined) return keyDeleted;
  const { versionId, sealedMaterial } = versions[0];
  const reply = await ports.crypto.wrap(
    {
      sealedInstanceKey: instance.sealedInstanceKey,
      instanceId: key.instanceId,
      keyId: key.id,
      version: { versionId, sealedMaterial },
      ...(plaintext === undefined ? {} : { plaintext }),
      aad,
    },
    { deadline, correlationId: request.correlationId },
  );
  const { ciphertext } = reply;
  const body = wrapReply({ ciphertext, versionId, plaintext: reply.plaintext });
  return { ok: true, status: 200, body };
}
