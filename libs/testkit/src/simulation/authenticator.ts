// Authenticators for tests and simulations. Keys here are public: never use them outside tests.
import { createHash, createHmac } from 'node:crypto';
import type { Authenticator } from '@zonehold/caspaxos';

function authenticatorOver(
  tag: (text: string) => string,
  digest: (text: string) => string,
): Authenticator {
  const registerTag = (scope: string, name: string, ballot: string, payload: string): string =>
    tag(`register\n${scope}\n${name}\n${ballot}\n${payload}`);
  return {
    sign: (id, ballot, payload) => registerTag(id.scope, id.name, ballot, payload),
    verify: (id, accepted) =>
      registerTag(id.scope, id.name, accepted.ballot, accepted.payload) === accepted.mac,
    signConfiguration: (text) => tag(`configuration\n${text}`),
    verifyConfiguration: ({ text, mac }) => tag(`configuration\n${text}`) === mac,
    digest,
  };
}

/** HMAC-SHA-256 under a fixed test key, as in production. */
export function createTestAuthenticator(key = 'zonehold test integrity key'): Authenticator {
  return authenticatorOver(
    (text) => createHmac('sha256', key).update(text).digest('hex'),
    (text) => createHash('sha256').update(text).digest('hex').slice(0, 32),
  );
}

/** FNV-1a, 32 bits: a tag that no fault of a simulation can forge by chance often enough to matter, 20 times as fast. */
function fastTag(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** For simulations, where no one forges and speed is what buys seeds. */
export const fastAuthenticator: Authenticator = authenticatorOver(fastTag, (text) =>
  fastTag(text).repeat(4),
);
