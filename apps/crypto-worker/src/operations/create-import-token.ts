// createImportToken: what an import token is made of. The private key leaves this process only sealed.
import type { CreateImportTokenReply } from '@zonehold/api-contract';
import { importTransport, seal } from '@zonehold/crypto';
import { toBase64, type Deadline } from '@zonehold/primitives';
import { idOf, membersOf, textOf } from '../request-shape.ts';
import type { Room } from '../room.ts';

/** Another pair each time; it fails as the stock's `take` does. Nothing is taken from the stock for a sealed key of another place. */
export async function createImportToken(
  room: Room,
  body: unknown,
  deadline: Deadline,
): Promise<CreateImportTokenReply> {
  const members = membersOf(body);
  const binding = membersOf(members['binding'], 'binding');
  const instanceId = idOf(binding, 'instanceId');
  const tokenId = idOf(binding, 'tokenId');
  const instanceKey = room.keys.instanceKey(instanceId, textOf(members, 'sealedInstanceKey'));
  const { publicKeyPem, privateKey } = await room.importKeys.take(deadline);
  try {
    const bound = { purpose: 'import-key', instanceId, tokenId } as const;
    const sealed = seal(instanceKey, room.root.place, bound, privateKey, room.pool);
    const nonce = toBase64(room.pool.bytes(importTransport.nonceBytes));
    return { publicKeyPem, sealedPrivateKey: toBase64(sealed), nonce };
  } finally {
    privateKey.wipe();
  }
}
