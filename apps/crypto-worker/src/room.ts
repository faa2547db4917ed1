// What every operation may use: the opened root, the opened keys, and fresh randomness. Made once per process.
import { RandomPool, type RegionRoot } from '@zonehold/crypto';
import type { Random } from '@zonehold/primitives';
import { OpenedKeys } from './material-cache.ts';
import { SigningKeys } from './signing-keys.ts';

export interface Room {
  readonly root: RegionRoot;
  readonly keys: OpenedKeys;
  readonly signingKeys: SigningKeys;
  readonly pool: RandomPool;
}

/** One method: takes the unchecked body of a frame, returns the reply's body. Fails with a KmsError. */
export type Operation<Reply> = (room: Room, body: unknown) => Reply | Promise<Reply>;

export function createRoom(root: RegionRoot, random: Random): Room {
  return {
    root,
    keys: new OpenedKeys(root),
    signingKeys: new SigningKeys(root),
    pool: new RandomPool(random),
  };
}
