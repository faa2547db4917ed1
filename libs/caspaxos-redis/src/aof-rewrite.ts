// Has the AOF of each zone's Redis rewritten, and sees when that is over: what was overwritten in memory is in the files until
// then. When to ask, and how often at most, is decided elsewhere; here is only the conversation, on connections of its own.
import { parseSelf } from '@zonehold/caspaxos';
import { KmsError, type Random } from '@zonehold/primitives';
import { KeptConnection, type RedisCaller } from './kept-connection.ts';
import type { RedisAddress } from './redis-connection.ts';
import { configurationKey } from './redis-keys.ts';
import { parseInfo } from './safety-settings.ts';

/** One look at an acceptor's AOF. */
export interface AofState {
  /** The acceptor's identity, incarnation included. */
  readonly self: string;
  /** Changes when Redis restarts; `rewrites` counts anew then. */
  readonly runId: string;
  /** Rewrites begun since Redis started, by whomever. */
  readonly rewrites: number;
  /** One is under way, or will begin by itself. */
  readonly isRewriting: boolean;
  /** The last one that ended went well. */
  readonly isLastOk: boolean;
}

/** Fails with UNAVAILABLE when the zone's Redis cannot be reached or refuses, DEADLINE_EXCEEDED after `timeoutMs`. */
export interface AofRewriter {
  /** IDENTITY_REFUSED when the Redis that answers is of another zone, or of none. */
  look(zone: string, timeoutMs: number): Promise<AofState>;
  /**
   * Asks for a rewrite. Redis forks, writes a new base file from its memory, and deletes the files before it: everything it was
   * told before the fork is then on disk only as its memory held it. Twice is harmless.
   */
  start(zone: string, timeoutMs: number): Promise<void>;
  close(): void;
}

/** `addressOf` is asked at every look: a zone's Redis may have been replaced by one elsewhere. Undefined: no such zone. */
export function createAofRewriter(options: {
  readonly addressOf: (zone: string) => RedisAddress | undefined;
  readonly random: Random;
}): AofRewriter {
  const connections = new Map<string, { address: RedisAddress; connection: KeptConnection }>();
  let isClosed = false;
  const connectionTo = (zone: string): KeptConnection => {
    if (isClosed) throw new KmsError('UNAVAILABLE', 'the connections are closed');
    const address = options.addressOf(zone);
    if (address === undefined) throw new KmsError('UNAVAILABLE', `there is no Redis for ${zone}`);
    const known = connections.get(zone);
    if (known?.address.host === address.host && known.address.port === address.port) {
      return known.connection;
    }
    known?.connection.close();
    const connection = new KeptConnection(address, options.random);
    connections.set(zone, { address, connection });
    return connection;
  };
  return {
    look: (zone, timeoutMs) => connectionTo(zone).run(timeoutMs, (redis) => lookAt(redis, zone)),
    start: async (zone, timeoutMs) => {
      await connectionTo(zone).run(timeoutMs, requestRewrite);
    },
    close: () => {
      isClosed = true;
      for (const { connection } of connections.values()) connection.close();
      connections.clear();
    },
  };
}

async function lookAt(redis: RedisCaller, zone: string): Promise<AofState> {
  const [info, self] = await Promise.all([
    redis.call('info', 'server', 'persistence'),
    redis.call('hget', configurationKey, 'self'),
  ]);
  const facts = parseInfo(typeof info === 'string' ? info : '');
  if (typeof self !== 'string' || parseSelf(self)?.zone !== zone) {
    throw new KmsError('IDENTITY_REFUSED', `the Redis that answers is not the acceptor of ${zone}`);
  }
  const runId = facts.get('run_id') ?? '';
  const rewrites = Number(facts.get('aof_rewrites') ?? Number.NaN);
  if (runId === '' || !Number.isSafeInteger(rewrites)) {
    throw new KmsError(
      'UNAVAILABLE',
      'this Redis does not count its rewrites: it is older than 7.0',
    );
  }
  return {
    self,
    runId,
    rewrites,
    isRewriting:
      facts.get('aof_rewrite_in_progress') !== '0' || facts.get('aof_rewrite_scheduled') !== '0',
    isLastOk: facts.get('aof_last_bgrewrite_status') === 'ok',
  };
}

/** Redis refuses while a rewrite is under way: then there is one, and whoever asked looks again. */
async function requestRewrite(redis: RedisCaller): Promise<void> {
  try {
    await redis.call('bgrewriteaof');
  } catch (error) {
    if (!/already in progress/i.test((error as Error).message)) throw error;
  }
}
