// The health-monitor's look at one acceptor: the gate's own check on a connection of its own, with a deadline. It reports
// and changes nothing. It cannot compare sequences over time: whoever asks keeps the last `seq` and `runId`.
import type { Redis } from 'ioredis';
import {
  selfOf,
  type AcceptorIdentity,
  type AcceptorStanding,
  type Stamp,
} from '@zonehold/caspaxos';
import { isKmsError, type Clock, type Random } from '@zonehold/primitives';
import { inspectionCommands, judgeInspection, type Inspection } from './inspection.ts';
import { KeptConnection } from './kept-connection.ts';
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

/** Looks again and again at one acceptor. */
export interface AcceptorProber {
  /** Looks once, within `timeoutMs`, connecting included. Never throws for what Redis does. */
  look(timeoutMs: number): Promise<AcceptorProbe>;
  /** Ends the connection. */
  close(): void;
}

/**
 * Keeps one connection between looks: a handshake for each cost 5 ms here and 3 ms in Redis. Who answers and with which settings
 * is asked in every look; a look that fails takes the connection with it.
 */
export function createAcceptorProber(options: {
  readonly address: RedisAddress;
  readonly identity: AcceptorIdentity;
  readonly clock: Clock;
  readonly random: Random;
}): AcceptorProber {
  const { address, identity, clock, random } = options;
  const self = selfOf(identity);
  const connection = new KeptConnection(address, random);
  const inspect = async (redis: Redis): Promise<Inspection> => {
    const replies = inspectionCommands.map(([name, ...args]) => redis.call(name, ...args));
    return judgeInspection(await Promise.all(replies), self);
  };
  return {
    look: async (timeoutMs) => {
      const startedMs = clock.monotonicMs();
      try {
        const { refusal, runId, seq, stamp } = await connection.run(timeoutMs, inspect);
        const { standing, reason } = refusal ?? { standing: 'voter', reason: '' };
        return { standing, reason, runId, seq, stamp, latencyMs: clock.monotonicMs() - startedMs };
      } catch (error) {
        if (!isKmsError(error)) throw error;
        const { message: reason } = error;
        const latencyMs = clock.monotonicMs() - startedMs;
        return { standing: 'unreachable', reason, runId: '', seq: 0, stamp: '', latencyMs };
      }
    },
    close: () => connection.close(),
  };
}
