// The region's integrity key at work: HMAC-SHA-256 over what acceptors store, so that a Redis taken over can replay what
// it once held but forge nothing (promise P9). Holds the key as a KeyObject; it is not an encryption key.
import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Authenticator } from '@zonehold/caspaxos';
import { assert, equalBytes } from '@zonehold/primitives';
import { sequenceOf } from './reply-shapes.ts';

/** RFC 2104: a key as long as the digest. */
const integrityKeyBytes = 32;
const digestBytes = 16;

/**
 * Signs with `integrityKey` (32 bytes). A register's MAC covers cluster, scope, name, ballot and payload; a configuration's
 * covers cluster and text. Each part is preceded by its length, and the purpose comes first: no two messages share bytes.
 */
export function createAuthenticator(clusterId: string, integrityKey: Uint8Array): Authenticator {
  const macOf = macUnder(clusterId, integrityKey);
  return {
    sign: ({ scope, name }, ballot, payload) => macOf('register', [scope, name, ballot, payload]),
    verify: ({ scope, name }, accepted) =>
      equalText(macOf('register', [scope, name, accepted.ballot, accepted.payload]), accepted.mac),
    signConfiguration: (text) => macOf('configuration', [text]),
    verifyConfiguration: (signed) => equalText(macOf('configuration', [signed.text]), signed.mac),
    digest: (text) =>
      createHash('sha256')
        .update(text, 'utf8')
        .digest('hex')
        .slice(0, 2 * digestBytes),
  };
}

/** What acceptors keep about each other's sequences. Signed, or one that lies could have all others taken for rolled back. */
export interface SequenceRecords {
  /** `<seq>:<MAC>`: the MAC has a fixed length, so that texts compare as their sequences do. */
  sign(recordName: string, seq: number): string;
  /** The sequence; undefined when nobody of this region wrote it. */
  verify(recordName: string, text: string): number | undefined;
}

/** Signs records under `integrityKey` (32 bytes). Remembers the last one of each name: every write carries them. */
export function createSequenceRecords(
  clusterId: string,
  integrityKey: Uint8Array,
): SequenceRecords {
  const macOf = macUnder(clusterId, integrityKey);
  const signed = new Map<string, { readonly seq: number; readonly text: string }>();
  return {
    sign: (recordName, seq) => {
      const known = signed.get(recordName);
      if (known?.seq === seq) return known.text;
      const text = `${seq}:${macOf('sequence', [recordName, String(seq)])}`;
      signed.set(recordName, { seq, text });
      return text;
    },
    verify: (recordName, text) => {
      const [digits = '', tag = ''] = text.split(':');
      const seq = sequenceOf(digits);
      if (seq === undefined || text !== `${digits}:${tag}`) return undefined;
      return equalText(macOf('sequence', [recordName, digits]), tag) ? seq : undefined;
    },
  };
}

function macUnder(
  clusterId: string,
  integrityKey: Uint8Array,
): (purpose: string, parts: readonly string[]) => string {
  assert(integrityKey.byteLength === integrityKeyBytes, 'the integrity key has 32 bytes');
  const key = createSecretKey(integrityKey);
  return (purpose, parts) => mac(key, [purpose, clusterId, ...parts]);
}

/** `<length in UTF-8 bytes>:<part>` of each part: decodable, hence unambiguous. */
function mac(key: KeyObject, parts: readonly string[]): string {
  let message = '';
  for (const part of parts) message += `${Buffer.byteLength(part, 'utf8')}:${part}`;
  return createHmac('sha256', key).update(message, 'utf8').digest('base64url');
}

function equalText(left: string, right: string): boolean {
  return equalBytes(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8'));
}
