// Seals one secret under a key of the hierarchy: region root → instance key → key material. What a sealed secret is for
// and where it belongs is authenticated, so a copy put in any other place does not open (promise P4).
import { createSecretKey } from 'node:crypto';
import { encodeStrings } from './aad.ts';
import { secretAccess } from './access.ts';
import { sealedFormat, sealedFormats, xaes256Gcm } from './algorithms.ts';
import type { RandomPool } from './random-pool.ts';
import { SecretBytes } from './secret-bytes.ts';
import { Xaes256Gcm } from './xaes-256-gcm.ts';

/** The region a secret may be opened in. Both go into every sealed secret's authenticated data. */
export interface RegionPlace {
  readonly clusterId: string;
  readonly region: string;
}

/** What a sealed secret is, and to which record it belongs. */
export type SealBinding =
  | { readonly purpose: 'instance-key'; readonly instanceId: string }
  | {
      readonly purpose: 'key-material';
      readonly instanceId: string;
      readonly keyId: string;
      readonly versionId: string;
    }
  | { readonly purpose: 'import-key'; readonly instanceId: string; readonly tokenId: string }
  | { readonly purpose: 'signing-key'; readonly kid: string };

/** The members of each purpose, in the order in which they are authenticated. */
const bindingFields = {
  'instance-key': ['instanceId'],
  'key-material': ['instanceId', 'keyId', 'versionId'],
  'import-key': ['instanceId', 'tokenId'],
  'signing-key': ['kid'],
} as const;

const headerBytes = 1 + xaes256Gcm.nonceBytes;

/**
 * Seals `secret` (not wiped here).
 *
 * ```
 * offset  size  what
 * 0       1     format version, 0x01
 * 1       24    nonce, random
 * 25      n     XAES-256-GCM ciphertext of the secret
 * 25+n    16    tag
 *
 * authenticated data
 * 0       1     format version
 * 1       …     string list (see aad.ts): purpose, clusterId, region, then
 *               instance-key: instanceId · key-material: instanceId, keyId, versionId · signing-key: kid ·
 *               import-key: instanceId, tokenId
 * ```
 */
export function seal(
  key: Xaes256Gcm,
  place: RegionPlace,
  binding: SealBinding,
  secret: SecretBytes,
  pool: RandomPool,
): Buffer {
  const plaintext = secret.read(secretAccess);
  const sealed = Buffer.alloc(headerBytes + plaintext.byteLength + xaes256Gcm.tagBytes);
  sealed[0] = sealedFormat;
  const nonce = sealed.subarray(1, headerBytes);
  pool.fill(nonce);
  key.sealInto(sealed, headerBytes, nonce, plaintext, authenticatedData(sealed, place, binding));
  return sealed;
}

/** Opens what `seal` made. Undefined when it is damaged, unknown, or belongs to any other place, purpose or record. */
export function open(
  key: Xaes256Gcm,
  place: RegionPlace,
  binding: SealBinding,
  sealed: Uint8Array,
): SecretBytes | undefined {
  const format = sealedFormats[sealed[0] ?? 0];
  if (format === undefined || sealed.byteLength < headerBytes + format.tagBytes) return undefined;
  const secret = key.open(
    sealed.subarray(1, headerBytes),
    sealed.subarray(headerBytes),
    authenticatedData(sealed, place, binding),
  );
  return secret === undefined ? undefined : SecretBytes.take(secret);
}

/** Turns an opened 32-byte key of the hierarchy into a cipher, and wipes the secret. */
export function sealingKey(secret: SecretBytes): Xaes256Gcm {
  return secret.spend(secretAccess, (bytes) => new Xaes256Gcm(createSecretKey(bytes)));
}

function authenticatedData(sealed: Uint8Array, place: RegionPlace, binding: SealBinding): Buffer {
  const fields: readonly string[] = bindingFields[binding.purpose];
  const values = binding as unknown as Readonly<Record<string, string>>;
  return encodeStrings(
    [binding.purpose, place.clusterId, place.region, ...fields.map((field) => values[field] ?? '')],
    sealed.subarray(0, 1),
  );
}
