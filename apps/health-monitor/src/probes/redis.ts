// Looks at a zone's acceptor with the guard's own eyes: identity, settings, vote. It also remembers, for all zones, the
// highest epoch that was shown, and for each the highest sequence of its present incarnation: on a disk neither goes back.
import {
  createAcceptorProber,
  type AcceptorProbe,
  type RedisAddress,
} from '@zonehold/caspaxos-redis';
import type { Clock, Random } from '@zonehold/primitives';
import { noAnswer, probeTimeoutMs, wellFound, type Finding, type ProbePoint } from '../probe.ts';

/** A look reads INFO and CONFIG, and a disk does not age in half a second. */
const everyRounds = 2;

export type ExpectedAcceptor = Parameters<typeof createAcceptorProber>[0]['identity'];

/** What all probes of one monitor have in common: the newest configuration that any zone has shown. */
export class NewestEpoch {
  #epoch = 0;

  get value(): number {
    return this.#epoch;
  }

  note(epoch: number): void {
    this.#epoch = Math.max(this.#epoch, epoch);
  }
}

/** What was seen of one acceptor before. A rebuild gives it another incarnation, whose sequence starts anew. */
export interface SeenAcceptor {
  readonly incarnation: string;
  readonly highestSeq: number;
}

export const nothingSeen: SeenAcceptor = { incarnation: '', highestSeq: 0 };

/** A probe of the acceptor of `identity.zone`. */
export function redisProbe(
  address: RedisAddress,
  identity: ExpectedAcceptor,
  newest: NewestEpoch,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): ProbePoint {
  const prober = createAcceptorProber({ address, identity, clock, random });
  let seen = nothingSeen;
  return {
    zone: identity.zone,
    target: 'redis',
    everyRounds,
    look: async (deadline) => {
      const timeoutMs = Math.min(probeTimeoutMs, Math.max(deadline.remainingMs(), 1));
      const found = await prober.look(timeoutMs);
      if (found.standing === 'voter') newest.note(found.epoch);
      const finding = judgeAcceptor(found, seen, newest.value);
      seen = seenNow(found, seen);
      return finding;
    },
  };
}

/** Pure: what is remembered after one more look. */
export function seenNow(
  { standing, incarnation, seq }: Pick<AcceptorProbe, 'standing' | 'incarnation' | 'seq'>,
  before: SeenAcceptor,
): SeenAcceptor {
  if (standing === 'unreachable' || incarnation === '') return before;
  const highestSeq = incarnation === before.incarnation ? Math.max(before.highestSeq, seq) : seq;
  return { incarnation, highestSeq };
}

/** Pure: what one look says, knowing what was seen of this acceptor before and the highest epoch of any zone. */
export function judgeAcceptor(
  found: Omit<AcceptorProbe, 'runId' | 'stamp'>,
  seen: SeenAcceptor,
  newestEpoch: number,
): Finding {
  const { standing, reason, latencyMs, epoch, incarnation, seq } = found;
  if (standing === 'unreachable') {
    return latencyMs >= probeTimeoutMs - timerSlackMs ? noAnswer : { verdict: 'refused', reason };
  }
  if (standing !== 'voter') return { verdict: 'unwell', reason: `It is ${standing}: ${reason}` };
  if (epoch < newestEpoch) {
    const epochs = newestEpoch - epoch;
    return {
      verdict: 'unwell',
      reason: `Its configuration is ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} behind.`,
    };
  }
  if (incarnation === seen.incarnation && seq < seen.highestSeq) {
    return {
      verdict: 'unwell',
      reason: `Its sequence went back from ${seen.highestSeq} to ${seq}: an old disk.`,
    };
  }
  return wellFound;
}

/** Timers may fire a little early against the monotonic clock. */
const timerSlackMs = 5;
