// Puts the work by date of one key-manager together, and starts it. It decides nothing.
import type { SchedulePorts } from './ports.ts';
import { restUntil, runSchedules } from './run-schedules.ts';
import { ScheduleController } from './schedule-controller.ts';

/** Runs until the signal is aborted. What is under way then may fail anywhere: it is as after a crash. */
export function startSchedules(ports: Omit<SchedulePorts, 'rest'>): void {
  const { log, random, signal } = ports;
  const controller = new ScheduleController({ ...ports, rest: restUntil(signal) });
  // It only rejects on a bug, and then the process ends as for any unhandled rejection.
  void runSchedules({ controller, log, random, signal });
}
