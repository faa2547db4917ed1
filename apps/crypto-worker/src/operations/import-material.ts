// importMaterial: a root key's material that came under an import token becomes a sealed version. That the token may be used, the
// key-manager has decided; here only what fits together.
import type { ImportMaterialReply } from '@zonehold/api-contract';
import { importTransport, open, openImported, seal } from '@zonehold/crypto';
import { fromBase64, KmsError, toBase64 } from '@zonehold/primitives';
import { bindingOf, bytesOf, idOf, membersOf, textOf } from '../request-shape.ts';
import type { Room } from '../room.ts';

/** Fails with INTEGRITY when the sealed private key is not this token's. Private keys are not kept: an import is no hot path. */
export async function importMaterial(room: Room, body: unknown): Promise<ImportMaterialReply> {
  const members = membersOf(body);
  const binding = bindingOf(members);
  const { instanceId } = binding;
  const tokenId = idOf(members, 'tokenId');
  const nonce = bytesOf(members, 'nonce', importTransport.nonceBytes);
  const imported = {
    payload: bytesOf(members, 'payload'),
    encryptedNonce: bytesOf(
      members,
      'encryptedNonce',
      importTransport.nonceBytes + importTransport.tagBytes,
    ),
    iv: bytesOf(members, 'iv', importTransport.ivBytes),
  };
  const sealedPrivateKey = fromBase64(textOf(members, 'sealedPrivateKey'));
  const instanceKey = room.keys.instanceKey(instanceId, textOf(members, 'sealedInstanceKey'));
  const { place } = room.root;
  const privateKey =
    sealedPrivateKey === undefined
      ? undefined
      : open(instanceKey, place, { purpose: 'import-key', instanceId, tokenId }, sealedPrivateKey);
  if (privateKey === undefined)
    throw new KmsError('INTEGRITY', 'The sealed import key does not open in this place.');
  const result = await openImported(privateKey, imported, nonce, room.pool);
  if (result.verdict !== 'opened') return { ok: false, reason: result.verdict };
  const { material } = result;
  try {
    const bound = { purpose: 'key-material', ...binding } as const;
    return {
      ok: true,
      sealedMaterial: toBase64(seal(instanceKey, place, bound, material, room.pool)),
    };
  } finally {
    material.wipe();
  }
}
