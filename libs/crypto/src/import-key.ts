// The transport keys of import tokens: an RSA-4096 pair, and how material is opened that came under its public half together with
// the token's nonce (key-protect 10.3). All of it runs on Node's thread pool: a pair takes about a second, an opening 6 ms.
import { createDecipheriv, generateKeyPair, webcrypto, type CipherGCMTypes } from 'node:crypto';
import { promisify } from 'node:util';
import { equalBytes } from '@zonehold/primitives';
import { secretAccess } from './access.ts';
import { generatedKeyBytes, importTransport } from './algorithms.ts';
import type { RandomPool } from './random-pool.ts';
import { SecretBytes } from './secret-bytes.ts';

const generate = promisify(generateKeyPair);
const oaep = { name: 'RSA-OAEP', hash: importTransport.oaepHash } as const;

export interface ImportKeyPair {
  /** SubjectPublicKeyInfo as PEM: what clients get. */
  readonly publicKeyPem: string;
  /** PKCS #8 as DER. */
  readonly privateKey: SecretBytes;
}

/** What a client sent, decoded. */
export interface ImportedMaterial {
  readonly payload: Uint8Array;
  /** 28 bytes: nonce, tag. */
  readonly encryptedNonce: Uint8Array;
  /** 12 bytes. */
  readonly iv: Uint8Array;
}

/** `undecipherable` is one word for every way in which nothing comes out; `other-nonce` is said to who knows the material. */
export type ImportVerdict =
  | { readonly verdict: 'undecipherable' | 'other-nonce' }
  | { readonly verdict: 'opened'; readonly material: SecretBytes };

/** A root key's sizes. */
const gcmByMaterialBytes: Readonly<Record<number, CipherGCMTypes>> = {
  16: 'aes-128-gcm',
  24: 'aes-192-gcm',
  32: 'aes-256-gcm',
};

/** A fresh pair. Takes a thread of the pool for a second or so: whoever calls it makes one at a time. */
export async function createImportKeyPair(): Promise<ImportKeyPair> {
  const { publicKey, privateKey } = await generate('rsa', {
    modulusLength: importTransport.modulusBits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  return { publicKeyPem: publicKey, privateKey: SecretBytes.take(privateKey) };
}

/**
 * Opens `imported` with a token's private key (wiped) and looks for the token's `nonce` in it.
 *
 * No oracle: whether the padding was right is neither said nor worth a shorter way. Where it was not, random bytes go on in the material's place, and the nonce does not open with them, as it does not with the wrong
 * material (as TLS does with a broken premaster secret, RFC 5246 §7.4.7.1). Which part of the padding was wrong, on which Manger's
 * attack on OAEP lives, nobody here knows: that its check takes the same time either way is OpenSSL's promise. That an exception was
 * made is left to see for who can tell microseconds in a call of milliseconds.
 * What opens and has no root key's size gets the same word. The nonce is compared only once it opened with the material. Both are
 * about what the payload holds, and who gets that far has made it.
 */
export async function openImported(
  privateKey: SecretBytes,
  imported: ImportedMaterial,
  nonce: Uint8Array,
  pool: RandomPool,
): Promise<ImportVerdict> {
  const material = SecretBytes.take(
    (await decrypted(privateKey, imported.payload)) ?? pool.bytes(generatedKeyBytes),
  );
  const found = openNonce(material.read(secretAccess), imported);
  if (found !== undefined && equalBytes(found, nonce)) return { verdict: 'opened', material };
  material.wipe();
  return { verdict: found === undefined ? 'undecipherable' : 'other-nonce' };
}

/** What the payload holds; undefined when its padding is wrong. */
async function decrypted(
  privateKey: SecretBytes,
  payload: Uint8Array,
): Promise<Uint8Array | undefined> {
  const { subtle } = webcrypto;
  const der = privateKey.read(secretAccess);
  const key = await subtle
    .importKey('pkcs8', der as Uint8Array<ArrayBuffer>, oaep, false, ['decrypt'])
    .finally(() => privateKey.wipe());
  try {
    return new Uint8Array(await subtle.decrypt(oaep, key, payload));
  } catch {
    return undefined;
  }
}

function openNonce(
  material: Uint8Array,
  { encryptedNonce, iv }: ImportedMaterial,
): Uint8Array | undefined {
  const algorithm = gcmByMaterialBytes[material.byteLength];
  const tagStart = encryptedNonce.byteLength - importTransport.tagBytes;
  if (algorithm === undefined || tagStart < 0) return undefined;
  try {
    const decipher = createDecipheriv(algorithm, material, iv, {
      authTagLength: importTransport.tagBytes,
    }).setAuthTag(encryptedNonce.subarray(tagStart));
    const nonce = decipher.update(encryptedNonce.subarray(0, tagStart));
    decipher.final();
    return nonce;
  } catch {
    return undefined;
  }
}
