// createInstanceKey: a fresh instance key, sealed under the region root and bound to its instance.
import type { CreateInstanceKeyReply } from '@zonehold/api-contract';
import { generatedKeyBytes, seal, SecretBytes } from '@zonehold/crypto';
import { toBase64 } from '@zonehold/primitives';
import { idOf, membersOf } from '../request-shape.ts';
import type { Room } from '../room.ts';

/** Another key each time: the caller keeps the one whose register it wins. */
export function createInstanceKey(room: Room, body: unknown): CreateInstanceKeyReply {
  const instanceId = idOf(membersOf(body), 'instanceId');
  const secret = SecretBytes.take(room.pool.bytes(generatedKeyBytes));
  try {
    const { place, sealingKey } = room.root;
    const sealed = seal(
      sealingKey,
      place,
      { purpose: 'instance-key', instanceId },
      secret,
      room.pool,
    );
    return { sealedInstanceKey: toBase64(sealed) };
  } finally {
    secret.wipe();
  }
}
