// The region root key at rest: sealed under the secret of a key file that lies elsewhere. Bytes in, bytes out: whoever
// calls reads and writes the files. It protects stolen disks and backups, not against root on the host.
import { createSecretKey, scrypt, type KeyObject } from 'node:crypto';
import { assert, fromBase64, KmsError, toBase64, type Random } from '@zonehold/primitives';
import { secretAccess } from './access.ts';
import { generatedKeyBytes, rootScrypt, xaes256Gcm } from './algorithms.ts';
import { RegionRoot } from './region-root.ts';
import type { RegionPlace } from './sealing.ts';
import { SecretBytes } from './secret-bytes.ts';
import { Xaes256Gcm } from './xaes-256-gcm.ts';

const magic = Buffer.from('ZHROOT\n', 'latin1');
const formatVersion = 1;
const saltBytes = 32;
/** magic 7, version 1, log2 N 1, r 1, p 1, salt 32. */
const fixedBytes = magic.byteLength + 4 + saltBytes;
const nameMaxBytes = 255;
const sealedKeyBytes = xaes256Gcm.nonceBytes + generatedKeyBytes + xaes256Gcm.tagBytes;
const keyFilePrefix = 'zonehold-key-v1 ';

/** A fresh key file's text: `zonehold-key-v1 <base64 of 32 random bytes>` and a newline. Store it 0600, away from the data. */
export function createKeyFile(random: Random): string {
  const secret = SecretBytes.take(random.bytes(generatedKeyBytes));
  return secret.spend(secretAccess, (bytes) => `${keyFilePrefix}${toBase64(bytes)}\n`);
}

/** The secret of a key file's text; fails with SEALED when it is not one. */
export function parseKeyFile(text: string): SecretBytes {
  const line = text.endsWith('\n') ? text.slice(0, -1) : text;
  const bytes = line.startsWith(keyFilePrefix)
    ? fromBase64(line.slice(keyFilePrefix.length))
    : undefined;
  if (bytes?.byteLength !== generatedKeyBytes) {
    throw new KmsError(
      'SEALED',
      'The key file is not a Zonehold key file (one line: zonehold-key-v1 <base64>).',
    );
  }
  return SecretBytes.take(bytes);
}

/** A fresh region root key. Seal it for every zone, then wipe it. */
export function createRootKey(random: Random): SecretBytes {
  return SecretBytes.take(random.bytes(generatedKeyBytes));
}

/**
 * Seals `rootKey` under `keyFileSecret` (neither is wiped). Every zone has its own copy: same root, own salt and nonce.
 *
 * ```
 * offset   size  what
 * 0        7     "ZHROOT" and a newline
 * 7        1     format version, 0x01
 * 8        1     scrypt log2 N, 17
 * 9        1     scrypt r, 8
 * 10       1     scrypt p, 1
 * 11       32    scrypt salt, random
 * 43       1+c   byte length c and UTF-8 of the cluster id (c at most 255)
 * 44+c     1+g   byte length g and UTF-8 of the region
 * 45+c+g   24    nonce, random
 * 69+c+g   32    XAES-256-GCM ciphertext of the root key, under scrypt(key file secret, salt)
 * 101+c+g  16    tag
 *
 * authenticated data: everything before the nonce
 * ```
 */
export async function createSealedRoot(options: {
  readonly rootKey: SecretBytes;
  readonly keyFileSecret: SecretBytes;
  readonly place: RegionPlace;
  readonly random: Random;
}): Promise<Buffer> {
  const { rootKey, keyFileSecret, place, random } = options;
  assert(rootKey.byteLength === generatedKeyBytes, 'the root key has 32 bytes');
  const salt = random.bytes(saltBytes);
  const header = Buffer.concat([
    magic,
    Buffer.from([
      formatVersion,
      rootScrypt.costLog2,
      rootScrypt.blockSize,
      rootScrypt.parallelization,
    ]),
    salt,
    shortText(place.clusterId),
    shortText(place.region),
  ]);
  const key = new Xaes256Gcm(await stretch(keyFileSecret, salt));
  const sealed = Buffer.alloc(header.byteLength + sealedKeyBytes);
  sealed.set(header);
  const nonce = random.bytes(xaes256Gcm.nonceBytes);
  sealed.set(nonce, header.byteLength);
  key.sealInto(
    sealed,
    header.byteLength + nonce.byteLength,
    nonce,
    rootKey.read(secretAccess),
    header,
  );
  return sealed;
}

/**
 * Opens a sealed root. Fails with SEALED and one clear sentence when it is no sealed root, belongs to another cluster or
 * region than `place`, or does not open: wrong key and damaged file cannot be told apart, and the sentence says so.
 */
export async function openSealedRoot(options: {
  readonly sealed: Uint8Array;
  readonly keyFileSecret: SecretBytes;
  readonly place: RegionPlace;
}): Promise<RegionRoot> {
  const { sealed, keyFileSecret, place } = options;
  const parsed = parseSealedRoot(sealed);
  if (parsed === undefined) {
    throw new KmsError(
      'SEALED',
      'The sealed root is not a Zonehold root file of a known format, or is cut short.',
    );
  }
  if (parsed.clusterId !== place.clusterId || parsed.region !== place.region) {
    throw new KmsError(
      'SEALED',
      `The sealed root belongs to cluster ${JSON.stringify(parsed.clusterId)} in region ${JSON.stringify(parsed.region)}, ` +
        `not to ${JSON.stringify(place.clusterId)} in ${JSON.stringify(place.region)}.`,
    );
  }
  const key = new Xaes256Gcm(await stretch(keyFileSecret, parsed.salt));
  const root = key.open(parsed.nonce, parsed.body, parsed.header);
  if (root === undefined) {
    throw new KmsError(
      'SEALED',
      'The key file does not open the sealed root: wrong key, or a damaged file.',
    );
  }
  return new RegionRoot(SecretBytes.take(root), place);
}

interface ParsedRoot {
  readonly header: Uint8Array;
  readonly salt: Uint8Array;
  readonly clusterId: string;
  readonly region: string;
  readonly nonce: Uint8Array;
  readonly body: Uint8Array;
}

function parseSealedRoot(sealed: Uint8Array): ParsedRoot | undefined {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (!bytes.subarray(0, magic.byteLength).equals(magic)) return undefined;
  // Costs are written for readers of the file; a version accepts only its own, so a forged file cannot order gigabytes.
  const costs = [
    formatVersion,
    rootScrypt.costLog2,
    rootScrypt.blockSize,
    rootScrypt.parallelization,
  ];
  if (!bytes.subarray(magic.byteLength, magic.byteLength + costs.length).equals(Buffer.from(costs)))
    return undefined;
  const clusterIdEnd = fixedBytes + 1 + (bytes[fixedBytes] ?? 0);
  const headerEnd = clusterIdEnd + 1 + (bytes[clusterIdEnd] ?? 0);
  if (bytes.byteLength !== headerEnd + sealedKeyBytes) return undefined;
  return {
    header: bytes.subarray(0, headerEnd),
    salt: bytes.subarray(fixedBytes - saltBytes, fixedBytes),
    clusterId: bytes.toString('utf8', fixedBytes + 1, clusterIdEnd),
    region: bytes.toString('utf8', clusterIdEnd + 1, headerEnd),
    nonce: bytes.subarray(headerEnd, headerEnd + xaes256Gcm.nonceBytes),
    body: bytes.subarray(headerEnd + xaes256Gcm.nonceBytes),
  };
}

/** scrypt off the main thread; `maxmem` is raised because 128 · N · r is 128 MiB and Node's default limit is 32. */
function stretch(secret: SecretBytes, salt: Uint8Array): Promise<KeyObject> {
  const cost = 2 ** rootScrypt.costLog2;
  const options = {
    N: cost,
    r: rootScrypt.blockSize,
    p: rootScrypt.parallelization,
    maxmem: 2 * 128 * cost * rootScrypt.blockSize,
  };
  return new Promise((resolve, reject) => {
    scrypt(secret.read(secretAccess), salt, xaes256Gcm.keyBytes, options, (error, derived) => {
      if (error !== null) {
        reject(error);
        return;
      }
      const key = createSecretKey(derived);
      derived.fill(0);
      resolve(key);
    });
  });
}

function shortText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  assert(
    text.isWellFormed() && bytes.byteLength <= nameMaxBytes,
    'cluster id and region are short, well-formed texts',
  );
  return Buffer.concat([Buffer.from([bytes.byteLength]), bytes]);
}
