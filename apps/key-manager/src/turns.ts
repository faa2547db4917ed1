// Letting others have their turn: long work in one process asks here between its steps. Not a scheduler.
import type { Clock } from '@zonehold/primitives';

/** Work of one request may hold the event loop this long: less than a zone round trip, so that nobody's p99 shows it. */
const holdMaxMs = 1;

/**
 * And then it rests this long. Giving way for one turn of the loop is not enough: an unwrap takes several, and would find the
 * list at work in each.
 */
const restMs = 3;

/** Pauses that cost nothing until they are due. One for a whole process is enough. */
export class Turns {
  readonly #clock: Clock;
  /** When whoever works now began to. */
  #sinceMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Goes on at once, or after a rest, when this turn has been held for long enough. */
  async pause(): Promise<void> {
    if (this.#clock.monotonicMs() - this.#sinceMs < holdMaxMs) return;
    await new Promise((resolve) => setTimeout(resolve, restMs));
    this.#sinceMs = this.#clock.monotonicMs();
  }

  /** Runs all steps of `work` with pauses between them; its result. */
  async run<Result>(work: Generator<undefined, Result>): Promise<Result> {
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
      await this.pause();
    }
  }
}
