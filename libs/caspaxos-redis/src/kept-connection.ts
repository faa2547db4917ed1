// A connection for errands now and then: opened for the first one, kept while it works, dropped with the first failure and
// opened anew for the next. For probing and formatting, never for requests: those go through redis-link.ts.
import type { Redis } from 'ioredis';
import { KmsError, type FaultEdge, type Random } from '@zonehold/primitives';
import type { RedisCommand } from './call-queue.ts';
import { madeUpReply, passConnection, passReply, passRequest, routeOf } from './faulted-traffic.ts';
import { openRedis, type RedisAddress } from './redis-connection.ts';

/** What an errand may do with its connection. */
export interface RedisCaller {
  /** Rejects with Redis's own error, or when the connection breaks. */
  call(name: string, ...args: string[]): Promise<unknown>;
}

export class KeptConnection {
  readonly #address: RedisAddress;
  readonly #random: Random;
  #kept: Opened | undefined;

  constructor(address: RedisAddress, random: Random) {
    this.#address = address;
    this.#random = random;
  }

  /**
   * Runs `errand`, connecting first when there is no connection. Fails with UNAVAILABLE when Redis cannot be reached or
   * refuses, and with DEADLINE_EXCEEDED after `timeoutMs`; after either the next errand connects anew.
   */
  async run<Result>(
    timeoutMs: number,
    errand: (redis: RedisCaller) => Promise<Result>,
  ): Promise<Result> {
    const kept = (this.#kept ??= this.#open());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () =>
          reject(new KmsError('DEADLINE_EXCEEDED', `Redis did not answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
    });
    try {
      return await Promise.race([kept.connected.then(() => errand(kept.caller)), late]);
    } catch (error) {
      this.#drop(kept);
      if (error instanceof KmsError) throw error;
      const cause = kept.lastError ?? (error as Error);
      throw new KmsError('UNAVAILABLE', `Redis cannot be used: ${cause.message}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the connection, if there is one. */
  close(): void {
    if (this.#kept !== undefined) this.#drop(this.#kept);
  }

  #open(): Opened {
    const redis = openRedis(this.#address, this.#random);
    const edge = this.#address.faults?.();
    const connected = redis.connect();
    const opened: Opened = {
      ...{ redis, edge, lastError: undefined },
      caller: edge === undefined ? redis : faultedCaller(redis, edge),
      connected: edge === undefined ? connected : connected.then(() => letThrough(redis, edge)),
    };
    redis.on('error', (error: Error) => (opened.lastError = error));
    redis.on('close', () => this.#drop(opened));
    return opened;
  }

  #drop(opened: Opened): void {
    if (this.#kept === opened) this.#kept = undefined;
    opened.edge?.close();
    opened.redis.disconnect();
    opened.redis.stream.destroy();
  }
}

interface Opened {
  readonly redis: Redis;
  readonly edge: FaultEdge | undefined;
  readonly caller: RedisCaller;
  readonly connected: Promise<void>;
  lastError: Error | undefined;
}

/** Runs one errand on a connection of its own, which is gone afterwards in every case. Fails as `KeptConnection.run` does. */
export async function withConnection<Result>(
  address: RedisAddress,
  random: Random,
  timeoutMs: number,
  errand: (redis: RedisCaller) => Promise<Result>,
): Promise<Result> {
  const connection = new KeptConnection(address, random);
  try {
    return await connection.run(timeoutMs, errand);
  } finally {
    connection.close();
  }
}

/** Settles never when a fault swallows the connection: whoever waits has a deadline. */
function letThrough(redis: Redis, edge: FaultEdge): Promise<void> {
  return new Promise((resolve, reject) => {
    passConnection(edge, { deliver: resolve, cut: cutting(redis, reject) });
  });
}

function faultedCaller(redis: Redis, edge: FaultEdge): RedisCaller {
  return {
    call: (name, ...args) =>
      new Promise((resolve, reject) => {
        const commands: RedisCommand[] = [[name, ...args]];
        const cut = cutting(redis, reject);
        const answer = (reply: unknown): void =>
          passReply(edge, routeOf(commands), reply, { deliver: () => resolve(reply), cut });
        passRequest(edge, commands, {
          deliver: () => void redis.call(name, ...args).then(answer, reject),
          cut,
          fail: (error) => reject(madeUpReply(error)),
        });
      }),
  };
}

function cutting(redis: Redis, reject: (error: Error) => void): (reason: string) => void {
  return (reason) => {
    const error = new Error(reason);
    redis.stream.destroy(error);
    reject(error);
  };
}
