// The region's integrity key at work: HMAC-SHA-256 over what acceptors store, so that a Redis taken over can replay what
// it once held but forge nothing (promise P9). Holds the key as a KeyObject; it is not an encryption key.
import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Authenticator } from '@zonehold/caspaxos';
import { assert, equalBytes } from '@zonehold/primitives';

/** RFC 2104: a key as long as the digest. */
const integrityKeyBytes = 32;
const digestBytes = 16;

/**
 * Signs with `integrityKey` (32 bytes). A register's MAC covers cluster, scope, name, ballot and payload; a configuration's
 * covers cluster and text. Each part is preceded by its length, and the purpose comes first: no two messages share bytes.
 */
export function createAuthenticator(clusterId: string, integrityKey: Uint8Array): Authenticator {
  assert(integrityKey.byteLength === integrityKeyBytes, 'the integrity key has 32 bytes');
  const key = createSecretKey(integrityKey);
  const macOf = (purpose: string, parts: readonly string[]): string =>
    mac(key, [purpose, clusterId, ...parts]);
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

/** `<length in UTF-8 bytes>:<part>` of each part: decodable, hence unambiguous. */
function mac(key: KeyObject, parts: readonly string[]): string {
  let message = '';
  for (const part of parts) message += `${Buffer.byteLength(part, 'utf8')}:${part}`;
  return createHmac('sha256', key).update(message, 'utf8').digest('base64url');
}

function equalText(left: string, right: string): boolean {
  return equalBytes(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8'));
}
