// Looks at a zone's acceptor with the guard's own eyes: identity, epoch, settings. It also remembers the sequence, which on
// a disk never goes back: a lower one than before is an old disk.
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

/** A probe of the acceptor of `identity.zone`. */
export function redisProbe(
  address: RedisAddress,
  identity: ExpectedAcceptor,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): ProbePoint {
  const prober = createAcceptorProber({ address, identity, clock, random });
  let highestSeq = 0;
  return {
    zone: identity.zone,
    target: 'redis',
    everyRounds,
    look: async (deadline) => {
      const timeoutMs = Math.min(probeTimeoutMs, Math.max(deadline.remainingMs(), 1));
      const found = await prober.look(timeoutMs);
      const finding = judgeAcceptor(found, highestSeq);
      highestSeq = Math.max(highestSeq, found.seq);
      return finding;
    },
  };
}

/** Pure: what one look says, knowing the highest sequence seen before. */
export function judgeAcceptor(
  found: Pick<AcceptorProbe, 'standing' | 'reason' | 'seq' | 'latencyMs'>,
  highestSeq: number,
): Finding {
  if (found.standing === 'unreachable') {
    return found.latencyMs >= probeTimeoutMs - timerSlackMs
      ? noAnswer
      : { verdict: 'refused', reason: found.reason };
  }
  if (found.standing !== 'voter')
    return { verdict: 'unwell', reason: `It is ${found.standing}: ${found.reason}` };
  if (found.seq < highestSeq) {
    return {
      verdict: 'unwell',
      reason: `Its sequence went back from ${highestSeq} to ${found.seq}: an old disk.`,
    };
  }
  return wellFound;
}

/** Timers may fire a little early against the monotonic clock. */
const timerSlackMs = 5;
