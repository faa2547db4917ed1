// The health-monitor's look at one acceptor: the gate's own check on a connection of its own, with a deadline. It reports
// and changes nothing. It knows no incarnation and no configuration but those that are shown: a rebuild changes both, and
// only who holds the region's key can verify them. It cannot compare over time either: whoever asks keeps what it saw.
import {
  epochOf,
  parseSelf,
  selfOf,
  type AcceptorIdentity,
  type AcceptorStanding,
  type Stamp,
} from '@zonehold/caspaxos';
import { isKmsError, type Clock, type Random } from '@zonehold/primitives';
import { inspectionCommands, judgeHome, judgeInspection, type Inspection } from './inspection.ts';
import { KeptConnection, type RedisCaller } from './kept-connection.ts';
import type { RedisAddress } from './redis-connection.ts';
import { shownVote } from './shown-vote.ts';

export interface AcceptorProbe {
  /**
   * `voter`: this zone's acceptor, with safe settings, and a voter in the configuration that it shows. `unreachable`: no
   * answer before the deadline.
   */
  readonly standing: AcceptorStanding;
  /** A sentence for people; empty for a voter. */
  readonly reason: string;
  /** Changes when Redis restarts; empty when unreachable. */
  readonly runId: string;
  /** Writes counted on its disk; going back means an old disk. */
  readonly seq: number;
  readonly stamp: Stamp;
  /** Epoch of `stamp`; 0 when it is blank or cannot be read. */
  readonly epoch: number;
  /** What it calls itself beside its zone; empty when it has no identity. Another one has another memory, and another `seq`. */
  readonly incarnation: string;
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
  readonly identity: Omit<AcceptorIdentity, 'incarnation'>;
  readonly clock: Clock;
  readonly random: Random;
}): AcceptorProber {
  const { address, identity, clock, random } = options;
  // Only the other parts are compared.
  const self = selfOf({ ...identity, incarnation: 'any' });
  const connection = new KeptConnection(address, random);
  const inspect = async (redis: RedisCaller): Promise<Inspection> => {
    const replies = inspectionCommands.map(([name, ...args]) => redis.call(name, ...args));
    return judgeInspection(await Promise.all(replies), (found) => judgeHome(found, self));
  };
  return {
    look: async (timeoutMs) => {
      const startedMs = clock.monotonicMs();
      const latencyMs = (): number => clock.monotonicMs() - startedMs;
      try {
        const inspection = await connection.run(timeoutMs, inspect);
        return { ...found(inspection, identity.zone), latencyMs: latencyMs() };
      } catch (error) {
        if (!isKmsError(error)) throw error;
        const nothing = { runId: '', seq: 0, stamp: '', epoch: 0, incarnation: '' };
        const { message: reason } = error;
        return { standing: 'unreachable', reason, ...nothing, latencyMs: latencyMs() };
      }
    },
    close: () => connection.close(),
  };
}

function found(inspection: Inspection, zone: string): Omit<AcceptorProbe, 'latencyMs'> {
  const { refusal, self, runId, seq, stamp, configuration } = inspection;
  const incarnation = parseSelf(self ?? '')?.incarnation ?? '';
  const vote = shownVote(configuration?.text ?? '', { zone, incarnation });
  const { standing, reason } = refusal ?? { standing: vote, reason: voteReasons[vote] };
  return { standing, reason, runId, seq, stamp, epoch: epochOf(stamp) ?? 0, incarnation };
}

const voteReasons = {
  voter: '',
  learner: 'it is being rebuilt, and gets its vote back when it holds a copy of everything',
  'not-a-voter': 'it has no vote in the configuration that it shows: it is to be rebuilt',
} as const;
