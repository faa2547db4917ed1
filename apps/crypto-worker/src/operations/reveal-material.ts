// revealMaterial: the payload of a standard key. That the key may be read, and is no root key, the key-manager has decided.
import type { RevealMaterialReply } from '@zonehold/api-contract';
import { secretAccess } from '@zonehold/crypto/access';
import { toBase64 } from '@zonehold/primitives';
import { openMaterial } from '../material-cache.ts';
import { bindingOf, membersOf, textOf } from '../request-shape.ts';
import type { Room } from '../room.ts';

/** Never cached: a payload is in the clear here only while it is being answered. */
export function revealMaterial(room: Room, body: unknown): RevealMaterialReply {
  const members = membersOf(body);
  const binding = bindingOf(members);
  const instanceKey = room.keys.instanceKey(
    binding.instanceId,
    textOf(members, 'sealedInstanceKey'),
  );
  const material = openMaterial(room.root, instanceKey, binding, textOf(members, 'sealedMaterial'));
  return { material: material.spend(secretAccess, toBase64) };
}
