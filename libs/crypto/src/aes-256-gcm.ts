// AES-256-GCM (NIST SP 800-38D) of node:crypto with 96-bit nonces and full 128-bit tags, and nothing else of it.
// Keys are KeyObjects: a Buffer as key costs seven times as much on Node 24.
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const tagBytes = 16;
// Shorter tags are valid GCM and forgeable: both sides pin the full length.
const options = { authTagLength: tagBytes } as const;

/** Writes ciphertext ‖ tag into `target` at `offset`; `plaintext.byteLength + 16` bytes must fit. */
export function sealGcm(
  key: KeyObject,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  authenticated: Uint8Array,
  target: Uint8Array,
  offset: number,
): void {
  const cipher = createCipheriv(algorithm, key, nonce, options);
  cipher.setAAD(authenticated);
  const body = cipher.update(plaintext);
  cipher.final();
  target.set(body, offset);
  target.set(cipher.getAuthTag(), offset + body.byteLength);
}

/** Opens ciphertext ‖ tag. Undefined when anything was changed; nothing says what. */
export function openGcm(
  key: KeyObject,
  nonce: Uint8Array,
  sealed: Uint8Array,
  authenticated: Uint8Array,
): Buffer | undefined {
  const bodyBytes = sealed.byteLength - tagBytes;
  if (bodyBytes < 0) return undefined;
  const decipher = createDecipheriv(algorithm, key, nonce, options);
  decipher.setAAD(authenticated);
  decipher.setAuthTag(sealed.subarray(bodyBytes));
  const plaintext = decipher.update(sealed.subarray(0, bodyBytes));
  try {
    decipher.final();
    return plaintext;
  } catch {
    // Unauthenticated plaintext must not survive the refusal.
    plaintext.fill(0);
    return undefined;
  }
}
