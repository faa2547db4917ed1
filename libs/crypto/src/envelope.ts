// The ciphertext a client gets from wrap and brings to unwrap. It opens with material + ciphertext + AAD alone: key,
// instance and region never enter, because two keys with the same imported material unwrap each other (key-protect 7.5).
import { createSecretKey, type KeyObject } from 'node:crypto';
import { assert, equalBytes } from '@zonehold/primitives';
import { encodeStrings } from './aad.ts';
import { secretAccess } from './access.ts';
import {
  derivationLabels,
  envelopeFormat,
  envelopeFormats,
  rootMaterialBytes,
  xaes256Gcm,
} from './algorithms.ts';
import { deriveBytes, deriveKey } from './derive.ts';
import type { RandomPool } from './random-pool.ts';
import type { SecretBytes } from './secret-bytes.ts';
import { Xaes256Gcm } from './xaes-256-gcm.ts';

const materialIdBytes = 32;
const nonceStart = 1 + materialIdBytes;
const headerBytes = nonceStart + xaes256Gcm.nonceBytes;

/** Bytes that wrapping adds to a plaintext: header 57, tag 16. */
export const envelopeOverheadBytes = headerBytes + xaes256Gcm.tagBytes;

/** Key material made ready for wrap and unwrap. The material itself is not in it. */
export interface WrappingKey {
  /** 32 bytes that name the material without telling it. Equal material has equal ids, in every instance and region. */
  readonly materialId: Uint8Array;
  readonly cipher: Xaes256Gcm;
}

/** What one key says to one ciphertext: not made with this material, made but not authentic, or the plaintext. */
export type UnwrapVerdict =
  | { readonly verdict: 'not-mine' }
  | { readonly verdict: 'broken' }
  | { readonly verdict: 'opened'; readonly plaintext: Buffer };

const notMine: UnwrapVerdict = { verdict: 'not-mine' };
const broken: UnwrapVerdict = { verdict: 'broken' };

/**
 * Derives both halves from `material` (16, 24 or 32 bytes), which is wiped:
 *
 * ```
 * wrap key    = HKDF-SHA-256(material, info = "zonehold wrap v1"        ‖ u32 byte length of material)
 * material id = HKDF-SHA-256(material, info = "zonehold material id v1" ‖ u32 byte length of material)
 * ```
 */
export function wrappingKey(material: SecretBytes): WrappingKey {
  const materialBytes = material.byteLength;
  assert(rootMaterialBytes.includes(materialBytes), 'root key material has 16, 24 or 32 bytes');
  const secret: KeyObject = material.spend(secretAccess, (bytes) => createSecretKey(bytes));
  return {
    materialId: deriveBytes(secret, withLength(derivationLabels.materialId, materialBytes)),
    cipher: new Xaes256Gcm(deriveKey(secret, withLength(derivationLabels.wrapKey, materialBytes))),
  };
}

/**
 * Wraps `plaintext` (any length) and binds it to `aad` (well-formed strings, order counts; none is the same as []).
 * The same input never gives the same ciphertext.
 *
 * ```
 * offset  size  what
 * 0       1     format version, 0x01
 * 1       32    material id
 * 33      24    nonce, random
 * 57      n     XAES-256-GCM ciphertext of the plaintext
 * 57+n    16    tag
 *
 * authenticated data: bytes 0..56 as they stand, then the string list of the AAD (see aad.ts)
 * ```
 */
export function wrap(
  key: WrappingKey,
  plaintext: Uint8Array,
  aad: readonly string[],
  pool: RandomPool,
): Buffer {
  const envelope = Buffer.allocUnsafe(envelopeOverheadBytes + plaintext.byteLength);
  envelope[0] = envelopeFormat;
  envelope.set(key.materialId, 1);
  const nonce = envelope.subarray(nonceStart, headerBytes);
  pool.fill(nonce);
  key.cipher.sealInto(
    envelope,
    headerBytes,
    nonce,
    plaintext,
    encodeStrings(aad, envelope.subarray(0, headerBytes)),
  );
  return envelope;
}

/** Tries one key. `not-mine` also for what is no envelope at all. The caller tells a client one sentence for all refusals. */
export function unwrapWith(
  key: WrappingKey,
  envelope: Uint8Array,
  aad: readonly string[],
): UnwrapVerdict {
  if (envelopeFormats[envelope[0] ?? 0] === undefined) return notMine;
  if (envelope.byteLength < envelopeOverheadBytes) return notMine;
  if (!equalBytes(key.materialId, envelope.subarray(1, nonceStart))) return notMine;
  const plaintext = key.cipher.open(
    envelope.subarray(nonceStart, headerBytes),
    envelope.subarray(headerBytes),
    encodeStrings(aad, envelope.subarray(0, headerBytes)),
  );
  return plaintext === undefined ? broken : { verdict: 'opened', plaintext };
}

/**
 * Tries `keys` newest first and stops at the first with the envelope's material, so that among versions with equal
 * material the newest is reported. `keys` may be lazy: later versions are then not even opened.
 */
export function unwrap(
  keys: Iterable<WrappingKey>,
  envelope: Uint8Array,
  aad: readonly string[],
): { readonly index: number; readonly plaintext: Buffer } | undefined {
  let index = 0;
  for (const key of keys) {
    const result = unwrapWith(key, envelope, aad);
    if (result.verdict === 'opened') return { index, plaintext: result.plaintext };
    if (result.verdict === 'broken') return undefined;
    index += 1;
  }
  return undefined;
}

function withLength(label: string, materialBytes: number): Buffer {
  const info = Buffer.alloc(Buffer.byteLength(label) + 4);
  info.writeUInt32BE(materialBytes, info.write(label));
  return info;
}
