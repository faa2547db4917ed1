// Follows the drains that the monitors tell of: its own zone's monitor is asked first, then another's, beside the requests and never
// for one of them. What was read ends by itself when its time is over, so monitors that die take nothing with them.
import { z } from 'zod';
import { healthMonitorMethods } from '@zonehold/api-contract';
import {
  createMeshClient,
  type MeshClient,
  type MeshClientOptions,
  type WatchableMeshClient,
  type ZoneDrain,
} from '@zonehold/mesh';
import { Deadline, KmsError, type Clock } from '@zonehold/primitives';
import type { Log } from '@zonehold/telemetry';

/** A drain is in force everywhere within this time and a little: a person waits for it. */
const lookEveryMs = 1_000;
const lookTimeoutMs = 900;
/** The topology knows nine zones at most. */
const drainsMax = 9;
/** No drain lasts longer (docs/health-monitor.md). */
const remainingMaxMs = 72 * 3_600_000;

const replySchema = z.object({
  drains: z
    .array(z.object({ zone: z.string(), remainingMs: z.number().max(remainingMaxMs) }))
    .max(drainsMax),
});

/** Lets `mesh` follow the drains, over links and with a retry budget that no request needs. The result ends it. */
export function followDrains(
  mesh: Pick<WatchableMeshClient, 'drain'>,
  options: MeshClientOptions,
  log: Log,
): () => Promise<void> {
  const monitors = createMeshClient({ ...options, services: ['health-monitor'] });
  const follower = new DrainFollower({
    ...{ monitors, clock: options.clock, log },
    apply: (drains) => mesh.drain(drains),
  });
  follower.start();
  return () => {
    follower.stop();
    return monitors.close();
  };
}

export interface DrainFollowerOptions {
  readonly monitors: Pick<MeshClient, 'call'>;
  /** Told all that are in force, with each look that was answered. */
  readonly apply: (drains: readonly ZoneDrain[]) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export class DrainFollower {
  readonly #options: DrainFollowerOptions;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isAnswered = false;

  constructor(options: DrainFollowerOptions) {
    this.#options = options;
  }

  /** Looks now and from now on. Keeps no process alive. */
  start(): void {
    void this.look();
    this.#timer = setInterval(() => void this.look(), lookEveryMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Asks once. Without an answer, what was read before stays in force until its end. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { apply, log } = this.#options;
    try {
      apply(await this.#ask());
      if (!this.#isAnswered) log.info('drains.known');
      this.#isAnswered = true;
    } catch (error) {
      if (this.#isAnswered) log.warn('drains.unknown', { error });
      this.#isAnswered = false;
    } finally {
      this.#isLooking = false;
    }
  }

  async #ask(): Promise<ZoneDrain[]> {
    const { monitors, clock } = this.#options;
    // The time that is left is counted from the question: a slow answer must not make a drain longer.
    const askedAtMs = clock.monotonicMs();
    const { reply } = await monitors.call(
      'health-monitor',
      healthMonitorMethods.drains,
      {},
      { deadline: Deadline.after(clock, lookTimeoutMs), retry: 'always' },
    );
    const read = replySchema.safeParse(reply);
    if (!read.success) throw new KmsError('PROTOCOL', 'a monitor does not tell its drains');
    return read.data.drains.map(({ zone, remainingMs }) => ({
      zone,
      untilMs: askedAtMs + remainingMs,
    }));
  }
}
