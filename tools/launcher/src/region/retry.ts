// Repeats what cannot work yet: services that are still starting. For set-up only; requests have their own rules (libs/mesh).
import { Deadline, systemClock } from '@zonehold/primitives';
import { LauncherRefusal } from '../refusal.ts';

const pauseMs = 100;

/**
 * Runs `attempt` until it succeeds. After `withinMs` fails with a sentence that names `what` and the last error. `judge` may throw to end it
 * earlier.
 */
export async function retryUntil<Result>(
  what: string,
  withinMs: number,
  attempt: () => Promise<Result>,
  judge: (error: unknown) => void = () => undefined,
): Promise<Result> {
  const deadline = Deadline.after(systemClock, withinMs);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      judge(error);
      if (deadline.hasPassed()) {
        const seconds = Math.round(withinMs / 1_000);
        throw new LauncherRefusal(
          `Could not ${what} within ${seconds} s: ${(error as Error).message}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
