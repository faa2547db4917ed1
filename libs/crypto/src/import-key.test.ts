// Import as clients do it, with node:crypto: what comes out, and that nothing says why when nothing does.
import {
  constants,
  createCipheriv,
  createPublicKey,
  publicEncrypt,
  randomBytes,
  type CipherGCMTypes,
} from 'node:crypto';
import { systemRandom } from '@zonehold/primitives';
import { beforeAll, describe, expect, it } from 'vitest';
import { secretAccess } from './access.ts';
import {
  createImportKeyPair,
  openImported,
  type ImportedMaterial,
  type ImportKeyPair,
} from './import-key.ts';
import { RandomPool } from './random-pool.ts';
import { SecretBytes } from './secret-bytes.ts';

const pool = new RandomPool(systemRandom);
const nonce = randomBytes(12);
let pair: ImportKeyPair;
let privateKey: Buffer;
beforeAll(async () => {
  pair = await createImportKeyPair();
  privateKey = Buffer.from(pair.privateKey.read(secretAccess));
}, 60_000);

const padding = constants.RSA_PKCS1_OAEP_PADDING;

function imported(material: Uint8Array, over: Partial<ImportedMaterial> = {}): ImportedMaterial {
  const payload = publicEncrypt({ key: pair.publicKeyPem, padding, oaepHash: 'sha256' }, material);
  return { payload, ...encryptedNonce(material), ...over };
}

function encryptedNonce(key: Uint8Array, text: Uint8Array = nonce) {
  const iv = randomBytes(12);
  const algorithm = `aes-${key.byteLength * 8}-gcm` as CipherGCMTypes;
  const cipher = createCipheriv(algorithm, key, iv);
  const body = Buffer.concat([cipher.update(text), cipher.final()]);
  return { iv, encryptedNonce: Buffer.concat([body, cipher.getAuthTag()]) };
}

const opening = (what: ImportedMaterial) =>
  openImported(SecretBytes.take(Buffer.from(privateKey)), what, nonce, pool);

describe('the public half of an import key', () => {
  it('is a PEM text with an RSA key of 4096 bits', () => {
    expect(pair.publicKeyPem).toMatch(
      /^-----BEGIN PUBLIC KEY-----\n[^]+-----END PUBLIC KEY-----\n$/,
    );
    const key = createPublicKey(pair.publicKeyPem);
    expect([key.asymmetricKeyType, key.asymmetricKeyDetails?.modulusLength]).toEqual(['rsa', 4096]);
  });
});

describe('imported material', () => {
  it.each([16, 24, 32])('of %i bytes comes out as it went in', async (sizeBytes) => {
    const material = randomBytes(sizeBytes);
    const result = await opening(imported(material));
    if (result.verdict !== 'opened') throw new Error(result.verdict);
    expect(Buffer.from(result.material.read(secretAccess)).equals(material)).toBe(true);
  });

  it('with another nonce is told apart, for who knows the material', async () => {
    const material = randomBytes(32);
    const other = encryptedNonce(material, randomBytes(12));
    expect(await opening(imported(material, other))).toEqual({ verdict: 'other-nonce' });
    const shorter = encryptedNonce(material, nonce.subarray(0, 11));
    expect(await opening(imported(material, shorter))).toEqual({ verdict: 'other-nonce' });
  });

  it.each<[string, (material: Buffer) => Partial<ImportedMaterial>]>([
    ['another iv', () => ({ iv: randomBytes(12) })],
    ['a nonce under other material', () => encryptedNonce(randomBytes(32))],
    ['a nonce that was cut short', () => ({ encryptedNonce: randomBytes(15) })],
    ['a payload of noise', () => ({ payload: randomBytes(512) })],
    [
      'noise and a nonce under a key that anybody knows',
      () => ({ payload: randomBytes(512), ...encryptedNonce(Buffer.alloc(32)) }),
    ],
    ['an empty payload', () => ({ payload: Buffer.alloc(0) })],
    ['a payload that is too long', () => ({ payload: randomBytes(513) })],
    ['material of no key', () => ({ payload: imported(randomBytes(32)).payload })],
    [
      'OAEP with SHA-1',
      (material) => ({
        payload: publicEncrypt({ key: pair.publicKeyPem, padding, oaepHash: 'sha1' }, material),
      }),
    ],
    [
      'OAEP with a label',
      (material) => ({
        payload: publicEncrypt(
          { key: pair.publicKeyPem, padding, oaepHash: 'sha256', oaepLabel: Buffer.from('x') },
          material,
        ),
      }),
    ],
    [
      'the older padding',
      (material) => ({
        payload: publicEncrypt(
          { key: pair.publicKeyPem, padding: constants.RSA_PKCS1_PADDING },
          material,
        ),
      }),
    ],
  ])('with %s says nothing but that', async (_name, change) => {
    const material = randomBytes(32);
    expect(await opening(imported(material, change(material)))).toEqual({
      verdict: 'undecipherable',
    });
  });

  it('of another size than a root key has says no more', async () => {
    const material = randomBytes(20);
    const payload = publicEncrypt(
      { key: pair.publicKeyPem, padding, oaepHash: 'sha256' },
      material,
    );
    const result = await opening({ payload, ...encryptedNonce(randomBytes(16)) });
    expect(result).toEqual({ verdict: 'undecipherable' });
  });

  it('leaves no private key behind', async () => {
    const key = SecretBytes.take(Buffer.from(privateKey));
    await openImported(key, imported(randomBytes(32)), nonce, pool);
    expect(key.isWiped).toBe(true);
  });
});
