// What every operation may use: the opened root, the opened keys, and fresh randomness. Made once per process.
import { createImportKeyPair, RandomPool, type RegionRoot } from '@zonehold/crypto';
import type { Deadline, Random } from '@zonehold/primitives';
import { ImportKeyStock } from './import-key-stock.ts';
import { OpenedKeys } from './material-cache.ts';
import { SigningKeys } from './signing-keys.ts';

export interface Room {
  readonly root: RegionRoot;
  readonly keys: OpenedKeys;
  readonly signingKeys: SigningKeys;
  readonly pool: RandomPool;
  readonly importKeys: ImportKeyStock;
}

/** One method: takes the unchecked body of a frame, returns the reply's body. Fails with a KmsError. */
export type Operation<Reply> = (
  room: Room,
  body: unknown,
  deadline: Deadline,
) => Reply | Promise<Reply>;

/** `importPairsMax`: key pairs that are kept ready for import tokens. */
export function createRoom(root: RegionRoot, random: Random, importPairsMax = 1): Room {
  return {
    root,
    keys: new OpenedKeys(root),
    signingKeys: new SigningKeys(root),
    pool: new RandomPool(random),
    importKeys: new ImportKeyStock(createImportKeyPair, importPairsMax),
  };
}
