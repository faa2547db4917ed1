// Puts the work by date of one key-manager together, and starts it. It decides nothing.
import type { SchedulePorts } from './ports.ts';
import { runRounds } from '../run-rounds.ts';
import { restUntil } from './rest-until.ts';
import { ScheduleController } from './schedule-controller.ts';

/** A clock that was set is noticed within this; a tick with nothing to do costs microseconds. */
const tickIntervalMs = 1_000;

/** Runs until the signal is aborted. What is under way then may fail anywhere: it is as after a crash. */
export function startSchedules(ports: Omit<SchedulePorts, 'rest'>): void {
  const { log, random, signal } = ports;
  const controller = new ScheduleController({ ...ports, rest: restUntil(signal) });
  // It only rejects on a bug, and then the process ends as for any unhandled rejection.
  void runRounds({
    round: () => controller.tick(),
    intervalMs: tickIntervalMs,
    waitingEvent: 'schedule.waiting',
    ...{ log, random, signal },
  });
}
