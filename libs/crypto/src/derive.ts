// HKDF-SHA-256 (RFC 5869) with an empty salt, as this house uses it: the info says what the key is for.
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { generatedKeyBytes } from './algorithms.ts';

const noSalt = new Uint8Array(0);

/** 32 bytes for the use that `info` names, in a buffer of their own. */
export function deriveBytes(secret: KeyObject, info: string | Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, noSalt, info, generatedKeyBytes));
}

/** The same as a KeyObject; the bytes do not stay behind. */
export function deriveKey(secret: KeyObject, info: string | Uint8Array): KeyObject {
  const bytes = deriveBytes(secret, info);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}
