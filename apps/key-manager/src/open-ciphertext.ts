// The crypto call that unwrap and rewrap share: all sealed versions of the key, newest first, and the ciphertext.
import type { UnwrapBody, UnwrapReply, UnwrapRequest } from '@zonehold/api-contract';
import type { SealedKeyVersion } from '@zonehold/key-domain';
import type { KeyCall, OperationPorts } from './operation.ts';

/** `ok: false` for whatever does not open. Fails as CryptoClient does. */
export function openCiphertext(
  ports: OperationPorts,
  call: KeyCall,
  sealed: readonly SealedKeyVersion[],
  mode: UnwrapRequest['mode'],
): Promise<UnwrapReply> {
  const { request, instance, key, deadline } = call;
  const { ciphertext, aad } = request.body as UnwrapBody;
  return ports.crypto.unwrap(
    {
      sealedInstanceKey: instance.sealedInstanceKey,
      instanceId: key.instanceId,
      keyId: key.id,
      versions: sealed.map(({ versionId, sealedMaterial }) => ({
        versionId,
        sealedMaterial,
      })),
      ciphertext,
      aad,
      mode,
    },
    { deadline, correlationId: request.correlationId },
  );
}
