// Everything that depends on which algorithm is used, in one table: sizes, labels, costs. Formats name an entry by
// their version byte; code takes the entry, never the byte.

/** An authenticated cipher with random nonces, and the sizes (bytes) it adds to a format. */
export interface AeadAlgorithm {
  readonly name: string;
  readonly keyBytes: number;
  readonly nonceBytes: number;
  readonly tagBytes: number;
}

/** C2SP XAES-256-GCM (c2sp.org/XAES-256-GCM): 192-bit nonces may be random for 2^80 messages under one key. */
export const xaes256Gcm: AeadAlgorithm = {
  name: 'XAES-256-GCM',
  keyBytes: 32,
  nonceBytes: 24,
  tagBytes: 16,
};

/** Version byte of sealed secrets → cipher. A new algorithm is a new byte; old bytes stay readable for ever. */
export const sealedFormats: Readonly<Record<number, AeadAlgorithm>> = { 1: xaes256Gcm };
/** The version byte that new sealed secrets carry. */
export const sealedFormat = 1;

/** Version byte of wrap ciphertexts → cipher. Clients keep these for ever: an entry is never removed. */
export const envelopeFormats: Readonly<Record<number, AeadAlgorithm>> = { 1: xaes256Gcm };
/** The version byte that new ciphertexts carry. */
export const envelopeFormat = 1;

/** Bytes of a root, instance or generated key, and of a generated DEK. */
export const generatedKeyBytes = 32;

/** Sizes a root key's imported material may have (key-protect 5.4). */
export const rootMaterialBytes: readonly number[] = [16, 24, 32];

/** The transport key of import tokens, its OAEP (the MGF1 follows the hash), and the GCM of its nonce (key-protect 10.3). */
export const importTransport = {
  modulusBits: 4_096,
  oaepHash: 'SHA-256',
  nonceBytes: 12,
  ivBytes: 12,
  tagBytes: 16,
} as const;

/** HKDF-SHA-256 infos. Each names one use; no two uses share a key. */
export const derivationLabels = {
  wrapKey: 'zonehold wrap v1',
  materialId: 'zonehold material id v1',
  rootSealing: 'zonehold root sealing v1',
  registerIntegrity: 'zonehold register integrity v1',
  keyId: 'zonehold key id v1',
} as const;

/** scrypt for the root of trust: 128 MiB (128 · N · r bytes) and about half a second once per start (RFC 7914). */
export const rootScrypt = { costLog2: 17, blockSize: 8, parallelization: 1 } as const;
