// One probe: one look at one service of one zone, within one deadline. It never rejects and never outlives its time.
import { Deadline, type Clock } from '@zonehold/primitives';
import type { ProbeResult, ProbeTarget, ProbeVerdict } from './zone-view.ts';

/** Shorter than the interval, so that a round has ended when the next begins. */
export const probeTimeoutMs = 400;

/** What a look found. `reason` is a sentence for people, empty when ok. */
export interface Finding {
  readonly verdict: ProbeVerdict;
  readonly reason: string;
}

export const wellFound: Finding = { verdict: 'ok', reason: '' };

/** A service of a zone, and how to look at it. `look` keeps the deadline itself and cleans up after itself. */
export interface ProbePoint {
  readonly zone: string;
  readonly target: ProbeTarget;
  /** Probed in each so many-th round; 1 when absent. For looks that cost both sides more than a few bytes. */
  readonly everyRounds?: number;
  look(deadline: Deadline): Promise<Finding>;
}

/** Looks once. A `look` that throws or outstays the deadline counts as silent. */
export async function probe(point: ProbePoint, clock: Clock): Promise<ProbeResult> {
  const startedMs = clock.monotonicMs();
  const { verdict, reason } = await within(point.look(Deadline.after(clock, probeTimeoutMs)));
  const latencyMs = Math.round((clock.monotonicMs() - startedMs) * 10) / 10;
  return { zone: point.zone, target: point.target, verdict, reason, latencyMs };
}

/** The backstop behind each look's own deadline: one that forgets it must not stop the rounds. */
async function within(look: Promise<Finding>): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(noAnswer), probeTimeoutMs);
  });
  const failed = (error: unknown): Finding => ({
    verdict: 'silent',
    reason: `The probe failed: ${error instanceof Error ? error.message : 'unknown reason'}.`,
  });
  try {
    return await Promise.race([look.catch(failed), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** No answer before the deadline. */
export const noAnswer: Finding = {
  verdict: 'silent',
  reason: `No answer within ${probeTimeoutMs} ms.`,
};
