// The payload of a standard key, opened by a crypto-worker for one answer. Never kept, never logged.
import { sealedVersions, type Key } from '@zonehold/key-domain';
import { assert, KmsError } from '@zonehold/primitives';
import type { InstanceCall, OperationPorts } from './operation.ts';

/** Base64. Fails as CryptoClient does. Root keys are never asked for: their material does not leave the service. */
export async function revealPayload(
  ports: OperationPorts,
  call: InstanceCall,
  key: Key,
): Promise<string> {
  assert(key.isExtractable, 'only a standard key has a payload');
  const { instanceId, id: keyId } = key;
  const versions = sealedVersions(key);
  // Only of a key that was deleted for 30 days, and such a key's payload is withheld before.
  if (versions === undefined) throw new KmsError('NOT_FOUND', 'the material was destroyed');
  const { versionId, sealedMaterial } = versions[0];
  const { material } = await ports.crypto.revealMaterial(
    {
      sealedInstanceKey: call.instance.sealedInstanceKey,
      binding: { instanceId, keyId, versionId },
      sealedMaterial,
    },
    { deadline: call.deadline, correlationId: call.request.correlationId },
  );
  return material;
}
