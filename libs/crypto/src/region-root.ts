// The opened region root key as an opaque handle: it seals, and derives the region's other keys, but is never given out.
import { createSecretKey, type KeyObject } from 'node:crypto';
import { assert } from '@zonehold/primitives';
import { secretAccess } from './access.ts';
import { derivationLabels, generatedKeyBytes } from './algorithms.ts';
import { deriveBytes, deriveKey } from './derive.ts';
import type { RegionPlace } from './sealing.ts';
import { SecretBytes } from './secret-bytes.ts';
import { Xaes256Gcm } from './xaes-256-gcm.ts';

/** Keys that every zone derives alike from the root, so that nothing needs to be stored. */
export type RegionKeyUse = 'registerIntegrity' | 'keyId';

/** The root of trust of one region, open. */
export class RegionRoot {
  readonly place: RegionPlace;
  /** Seals instance keys and signing keys. Derived, so that the root itself is only ever HKDF input. */
  readonly sealingKey: Xaes256Gcm;
  readonly #root: KeyObject;

  /** Takes the 32-byte root key and wipes it. */
  constructor(rootKey: SecretBytes, place: RegionPlace) {
    assert(rootKey.byteLength === generatedKeyBytes, 'the root key has 32 bytes');
    this.place = place;
    this.#root = rootKey.spend(secretAccess, (bytes) => createSecretKey(bytes));
    this.sealingKey = new Xaes256Gcm(deriveKey(this.#root, derivationLabels.rootSealing));
  }

  /** 32 bytes of HKDF-SHA-256 of the root under the label of `use`. */
  regionKey(use: RegionKeyUse): SecretBytes {
    return SecretBytes.take(deriveBytes(this.#root, derivationLabels[use]));
  }
}
