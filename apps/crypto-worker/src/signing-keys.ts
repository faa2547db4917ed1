// Opened ES256 private keys by their sealed text. There are two at a time in a region: one active, one next.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { open, type RegionRoot } from '@zonehold/crypto';
import { secretAccess } from '@zonehold/crypto/access';
import { fromBase64, KmsError } from '@zonehold/primitives';
import { BoundedCache } from './material-cache.ts';

/** Active, next, and some retired ones whose last request is still under way. */
const signingKeysMax = 8;

export class SigningKeys {
  readonly #root: RegionRoot;
  readonly #opened = new BoundedCache<{ readonly kid: string; readonly key: KeyObject }>(
    signingKeysMax,
  );

  constructor(root: RegionRoot) {
    this.#root = root;
  }

  /** The private key sealed as `kid`. Fails with INTEGRITY when it does not open under that name in this region. */
  privateKey(kid: string, sealedPrivateKey: string): KeyObject {
    const known = this.#opened.get(sealedPrivateKey);
    if (known?.kid === kid) return known.key;
    const sealed = fromBase64(sealedPrivateKey);
    const secret =
      sealed === undefined
        ? undefined
        : open(this.#root.sealingKey, this.#root.place, { purpose: 'signing-key', kid }, sealed);
    if (secret === undefined)
      throw new KmsError('INTEGRITY', 'The sealed signing key does not open in this place.');
    const key = secret.spend(secretAccess, (der) =>
      createPrivateKey({
        key: Buffer.from(der.buffer, der.byteOffset, der.byteLength),
        format: 'der',
        type: 'pkcs8',
      }),
    );
    this.#opened.set(sealedPrivateKey, { kid, key });
    return key;
  }
}
