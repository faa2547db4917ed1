// forgetMaterial: drops opened keys whose material is being erased. That they may not be used any more, the key-managers have
// decided long before; here only nothing is left lying about.
import { forgottenKeysMax, type ForgetMaterialReply } from '@zonehold/api-contract';
import { idOf, malformed, membersOf } from '../request-shape.ts';
import type { Room } from '../room.ts';

/** Twice is once. INVALID_ARGUMENT for anything but a list of at most 100 keys. */
export function forgetMaterial(room: Room, body: unknown): ForgetMaterialReply {
  const { keys } = membersOf(body);
  if (!Array.isArray(keys) || keys.length > forgottenKeysMax) {
    throw malformed('keys', `at most ${forgottenKeysMax} keys`);
  }
  const meant = keys.map((key: unknown) => {
    const members = membersOf(key, 'keys');
    const instanceId = idOf(members, 'instanceId');
    return members['keyId'] === undefined
      ? { instanceId }
      : { instanceId, keyId: idOf(members, 'keyId') };
  });
  return { dropped: room.keys.forget(meant) };
}
