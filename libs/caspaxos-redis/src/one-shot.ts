// A connection for one short errand: connect, ask, close, all before a deadline. For formatting and probing, never for
// requests.
import type { Redis } from 'ioredis';
import { KmsError, type Random } from '@zonehold/primitives';
import { openRedis, type RedisAddress } from './redis-connection.ts';

/**
 * Runs `errand` on a fresh connection. Fails with UNAVAILABLE when Redis cannot be reached or refuses, and with
 * DEADLINE_EXCEEDED after `timeoutMs`; the connection is gone in every case.
 */
export async function withConnection<Result>(
  address: RedisAddress,
  random: Random,
  timeoutMs: number,
  errand: (redis: Redis) => Promise<Result>,
): Promise<Result> {
  const redis = openRedis(address, random);
  let lastError: Error | undefined;
  redis.on('error', (error: Error) => (lastError = error));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(new KmsError('DEADLINE_EXCEEDED', `Redis did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([redis.connect().then(() => errand(redis)), late]);
  } catch (error) {
    if (error instanceof KmsError) throw error;
    const cause = lastError ?? (error as Error);
    throw new KmsError('UNAVAILABLE', `Redis cannot be used: ${cause.message}`, { cause });
  } finally {
    clearTimeout(timer);
    redis.disconnect();
    redis.stream.destroy();
  }
}
