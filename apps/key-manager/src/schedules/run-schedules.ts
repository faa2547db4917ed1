// Has a schedule controller tick, and gives it rest between its pieces of work, for as long as the process lives.
import { isKmsError, type Random } from '@zonehold/primitives';
import type { Log } from '@zonehold/telemetry';
import { mayGoOn } from '../may-go-on.ts';
import type { ScheduleController } from './schedule-controller.ts';

/** A clock that was set is noticed within this; a tick with nothing to do costs microseconds. */
const tickIntervalMs = 1_000;
/** Of its time it works a tenth: each piece of work is followed by nine times as much rest. */
const restShare = 9;
const restMaxMs = 1_000;

/** The rest after a piece of work that took `tookMs`; over at once when `signal` is aborted. */
export function restUntil(signal: AbortSignal): (tookMs: number) => Promise<void> {
  return async (tookMs) => {
    await mayGoOn(Math.min(restMaxMs, tookMs * restShare), signal);
  };
}

/** Resolves once `signal` is aborted and the tick under way is over. */
export async function runSchedules(options: {
  readonly controller: Pick<ScheduleController, 'tick'>;
  readonly log: Log;
  readonly random: Random;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { controller, log, random, signal } = options;
  let isFailing = false;
  // Jitter: the key-managers of a region start together.
  while (await mayGoOn(tickIntervalMs * (0.5 + random.unit()), signal)) {
    try {
      await controller.tick();
      isFailing = false;
    } catch (error) {
      if (!isKmsError(error)) throw error;
      if (!isFailing) log.warn('schedule.waiting', { error });
      isFailing = true;
    }
  }
}
