// What is tried before a Redis that ended by itself is started again. kill -9 in the middle of a write can leave a torn tail of
// commands that nobody was answered for; Redis refuses to start on it, and so do we not lose it in silence (docs/decisions/0009).
import { mendTornTail } from '@zonehold/caspaxos-redis';
import { isKmsError } from '@zonehold/primitives';

/** A sentence about what was done or cannot be done; undefined when the log is whole. */
export async function mendRedisLog(redisDir: string): Promise<string | undefined> {
  try {
    const { cutBytes } = await mendTornTail(redisDir);
    return cutBytes === 0
      ? undefined
      : `The log ended in the middle of a write: ${cutBytes} unanswered bytes were cut. The acceptor's sequence is compared as ever.`;
  } catch (error) {
    if (isKmsError(error, 'INTEGRITY')) return `The acceptor stays out: ${error.message}.`;
    throw error;
  }
}
