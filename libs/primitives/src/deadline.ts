// A deadline is a point on the local monotonic clock. Between processes only the remaining milliseconds travel
// (clocks differ); each hop subtracts its own queueing and `hopCostMs`.
import type { Clock } from './clock.ts';

/** What a hop keeps for itself when it passes a deadline on (mesh reference B4). */
export const hopCostMs = 5;

/** The moment after which nobody waits for the answer any more. */
export class Deadline {
  readonly #clock: Clock;
  readonly #expiresAtMs: number;

  private constructor(clock: Clock, expiresAtMs: number) {
    this.#clock = clock;
    this.#expiresAtMs = expiresAtMs;
  }

  /** A deadline `timeoutMs` from now. */
  static after(clock: Clock, timeoutMs: number): Deadline {
    return new Deadline(clock, clock.monotonicMs() + timeoutMs);
  }

  /** Milliseconds left; zero or less when it has passed. */
  remainingMs(): number {
    return this.#expiresAtMs - this.#clock.monotonicMs();
  }

  hasPassed(): boolean {
    return this.remainingMs() <= 0;
  }

  /** The earlier of this deadline and one `timeoutMs` from now. */
  atMost(timeoutMs: number): Deadline {
    const other = this.#clock.monotonicMs() + timeoutMs;
    return other < this.#expiresAtMs ? new Deadline(this.#clock, other) : this;
  }
}
