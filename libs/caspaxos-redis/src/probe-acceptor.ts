// The health-monitor's look at one acceptor: the gate's own check on a connection of its own, with a deadline. It reports
// and changes nothing. It cannot compare sequences over time: whoever asks keeps the last `seq` and `runId`.
import {
  selfOf,
  type AcceptorIdentity,
  type AcceptorStanding,
  type Stamp,
} from '@zonehold/caspaxos';
import { isKmsError, type Clock, type Random } from '@zonehold/primitives';
import { inspectionCommands, judgeInspection } from './inspection.ts';
import { withConnection } from './one-shot.ts';
import type { RedisAddress } from './redis-connection.ts';

export interface AcceptorProbe {
  /** `voter`: identity and settings are right. `unreachable`: no answer before the deadline. */
  readonly standing: AcceptorStanding;
  /** A sentence for people; empty for a voter. */
  readonly reason: string;
  /** Changes when Redis restarts; empty when unreachable. */
  readonly runId: string;
  /** Writes counted on its disk; going back means an old disk. */
  readonly seq: number;
  readonly stamp: Stamp;
  readonly latencyMs: number;
}

/** Looks once, connection included, within `timeoutMs`. Never throws for what Redis does. */
export async function probeAcceptor(options: {
  readonly address: RedisAddress;
  readonly identity: AcceptorIdentity;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeoutMs: number;
}): Promise<AcceptorProbe> {
  const { address, identity, clock, random, timeoutMs } = options;
  const startedMs = clock.monotonicMs();
  try {
    const { refusal, runId, seq, stamp } = await withConnection(
      address,
      random,
      timeoutMs,
      async (redis) => {
        const replies = await Promise.all(
          inspectionCommands.map(([name, ...args]) => redis.call(name, ...args)),
        );
        return judgeInspection(replies, selfOf(identity));
      },
    );
    const { standing, reason } = refusal ?? { standing: 'voter', reason: '' };
    return { standing, reason, runId, seq, stamp, latencyMs: clock.monotonicMs() - startedMs };
  } catch (error) {
    if (!isKmsError(error)) throw error;
    const latencyMs = clock.monotonicMs() - startedMs;
    return {
      standing: 'unreachable',
      reason: error.message,
      runId: '',
      seq: 0,
      stamp: '',
      latencyMs,
    };
  }
}
