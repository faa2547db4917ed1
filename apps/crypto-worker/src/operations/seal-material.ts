// sealMaterial: generates key material or takes the imported one, and seals it under the instance key. Which sizes a root
// key may have is the contract's rule and checked at the edge; here only what can be stored at all.
import type { SealMaterialReply } from '@zonehold/api-contract';
import { generatedKeyBytes, seal, SecretBytes } from '@zonehold/crypto';
import { toBase64 } from '@zonehold/primitives';
import { bindingOf, malformed, membersOf, optionalBytesOf, textOf } from '../request-shape.ts';
import type { Room } from '../room.ts';

/** The largest payload of a standard key (key-protect 5.4). */
const materialMaxBytes = 7_500;

/** Seals `material` (1 to 7,500 bytes), or 32 fresh bytes, for exactly the given binding. */
export function sealMaterial(room: Room, body: unknown): SealMaterialReply {
  const members = membersOf(body);
  const binding = bindingOf(members);
  const instanceKey = room.keys.instanceKey(
    binding.instanceId,
    textOf(members, 'sealedInstanceKey'),
  );
  const bytes = optionalBytesOf(members, 'material') ?? room.pool.bytes(generatedKeyBytes);
  const secret = SecretBytes.take(bytes);
  try {
    if (bytes.byteLength === 0 || bytes.byteLength > materialMaxBytes) {
      throw malformed('material', `1 to ${materialMaxBytes} bytes`);
    }
    const bound = { purpose: 'key-material', ...binding } as const;
    return {
      sealedMaterial: toBase64(seal(instanceKey, room.root.place, bound, secret, room.pool)),
    };
  } finally {
    secret.wipe();
  }
}
