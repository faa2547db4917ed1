// regionKeys: the two keys a key-manager holds in the clear. They open no sealed material.
import type { RegionKeysReply } from '@zonehold/api-contract';
import { secretAccess } from '@zonehold/crypto/access';
import { toBase64 } from '@zonehold/primitives';
import type { Room } from '../room.ts';

/** The integrity key and the id key of the region, the same from every zone's crypto-worker. */
export function regionKeys(room: Room): RegionKeysReply {
  const keyOf = (use: 'registerIntegrity' | 'keyId'): string =>
    room.root.regionKey(use).spend(secretAccess, toBase64);
  return {
    clusterId: room.root.place.clusterId,
    integrityKey: keyOf('registerIntegrity'),
    idKey: keyOf('keyId'),
  };
}
