// A connection for errands now and then: opened for the first one, kept while it works, dropped with the first failure and
// opened anew for the next. For probing and formatting, never for requests: those go through redis-link.ts.
import type { Redis } from 'ioredis';
import { KmsError, type Random } from '@zonehold/primitives';
import { openRedis, type RedisAddress } from './redis-connection.ts';

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
  async run<Result>(timeoutMs: number, errand: (redis: Redis) => Promise<Result>): Promise<Result> {
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
      return await Promise.race([kept.connected.then(() => errand(kept.redis)), late]);
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
    const opened: Opened = { redis, connected: redis.connect(), lastError: undefined };
    redis.on('error', (error: Error) => (opened.lastError = error));
    redis.on('close', () => this.#drop(opened));
    return opened;
  }

  #drop(opened: Opened): void {
    if (this.#kept === opened) this.#kept = undefined;
    opened.redis.disconnect();
    opened.redis.stream.destroy();
  }
}

interface Opened {
  readonly redis: Redis;
  readonly connected: Promise<void>;
  lastError: Error | undefined;
}

/** Runs one errand on a connection of its own, which is gone afterwards in every case. Fails as `KeptConnection.run` does. */
export async function withConnection<Result>(
  address: RedisAddress,
  random: Random,
  timeoutMs: number,
  errand: (redis: Redis) => Promise<Result>,
): Promise<Result> {
  const connection = new KeptConnection(address, random);
  try {
    return await connection.run(timeoutMs, errand);
  } finally {
    connection.close();
  }
}
