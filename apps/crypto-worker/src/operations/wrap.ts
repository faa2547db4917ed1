// wrap: a DEK goes in, or is made here, and its ciphertext comes out. The hot path: no schema library, no allocation to spare.
import type { WrapReply } from '@zonehold/api-contract';
import { generatedKeyBytes, wrap as wrapEnvelope } from '@zonehold/crypto';
import { toBase64 } from '@zonehold/primitives';
import { aadOf, idOf, membersOf, optionalBytesOf, textOf, versionOf } from '../request-shape.ts';
import type { Room } from '../room.ts';

/** Wraps with the given version. The plaintext is returned only when it was generated here. */
export function wrap(room: Room, body: unknown): WrapReply {
  const members = membersOf(body);
  const { versionId, sealedMaterial } = versionOf(members['version'], 'version');
  const binding = {
    instanceId: idOf(members, 'instanceId'),
    keyId: idOf(members, 'keyId'),
    versionId,
  };
  const aad = aadOf(members);
  const key = room.keys.wrappingKey(textOf(members, 'sealedInstanceKey'), binding, sealedMaterial);
  const given = optionalBytesOf(members, 'plaintext');
  const plaintext = given ?? room.pool.bytes(generatedKeyBytes);
  try {
    const ciphertext = toBase64(wrapEnvelope(key, plaintext, aad, room.pool));
    return given === undefined ? { ciphertext, plaintext: toBase64(plaintext) } : { ciphertext };
  } finally {
    plaintext.fill(0);
  }
}
