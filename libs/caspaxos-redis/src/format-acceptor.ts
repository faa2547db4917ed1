// Makes an empty Redis an acceptor: once, when a region is formed. Never erases, never overwrites.
import {
  formatStamp,
  selfOf,
  type AcceptorIdentity,
  type Authenticator,
  type SignedConfiguration,
} from '@zonehold/caspaxos';
import { KmsError, type Random } from '@zonehold/primitives';
import { inspectionCommands, judgeIdentity, judgeInspection } from './inspection.ts';
import { withConnection } from './kept-connection.ts';
import type { RedisAddress } from './redis-connection.ts';
import { configurationKey } from './redis-keys.ts';
import { formatScript } from './scripts.ts';

const formatTimeoutMs = 5_000;

/**
 * Writes identity and epoch-1 configuration into an EMPTY Redis (user `provisioner`); repeating it is allowed while the
 * acceptor is still at that configuration. Fails with CONFLICT when anything else is in there, or when the settings are
 * unsafe, with UNAVAILABLE or DEADLINE_EXCEEDED when Redis cannot be used.
 */
export async function formatAcceptor(options: {
  readonly address: RedisAddress;
  readonly identity: AcceptorIdentity;
  readonly configuration: SignedConfiguration;
  readonly authenticator: Authenticator;
  readonly random: Random;
  readonly timeoutMs?: number;
}): Promise<void> {
  const { address, identity, configuration, authenticator, random } = options;
  const self = selfOf(identity);
  const stamp = formatStamp(1, authenticator.digest(configuration.text));
  await withConnection(address, random, options.timeoutMs ?? formatTimeoutMs, async (redis) => {
    const replies = await Promise.all(
      inspectionCommands.map(([name, ...args]) => redis.call(name, ...args)),
    );
    const { refusal } = judgeInspection(replies, (found) => judgeIdentity(found, self));
    if (refusal?.standing === 'unsafe-settings' || refusal?.standing === 'foreign') {
      throw new KmsError('CONFLICT', `will not format ${identity.zone}: ${refusal.reason}`);
    }
    const { text, mac } = configuration;
    const facts = [configurationKey, self, stamp, text, mac];
    const reply = await redis.call('eval', formatScript.text, '1', ...facts);
    if ((reply as string[])[0] !== 'installed') {
      throw new KmsError('CONFLICT', `will not format ${identity.zone}: its Redis is not empty`);
    }
  });
}
