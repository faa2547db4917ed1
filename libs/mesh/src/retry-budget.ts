// How many retries a client may add to its calls, so that a sick service is not buried by its own callers (mesh reference
// B2: Linkerd's retry budget). Pure but for its clock.
import type { Clock } from '@zonehold/primitives';

export interface RetryBudgetPolicy {
  /** Retries per call over the window. */
  readonly ratio: number;
  /** On top: so many a second, for clients that call seldom. */
  readonly minPerSecond: number;
  readonly windowSeconds: number;
}

/** Linkerd's defaults. */
export const retryBudgetDefaults: RetryBudgetPolicy = {
  ratio: 0.2,
  minPerSecond: 10,
  windowSeconds: 10,
};

/** Calls and retries of the last `windowSeconds`, in buckets of a second. */
export class RetryBudget {
  readonly #policy: RetryBudgetPolicy;
  readonly #clock: Clock;
  readonly #calls: number[];
  readonly #retries: number[];
  #second = 0;

  constructor(policy: RetryBudgetPolicy, clock: Clock) {
    this.#policy = policy;
    this.#clock = clock;
    this.#calls = new Array<number>(policy.windowSeconds).fill(0);
    this.#retries = new Array<number>(policy.windowSeconds).fill(0);
    this.#second = Math.floor(clock.monotonicMs() / 1_000);
  }

  /** A call begins (its first attempt). */
  called(): void {
    const bucket = this.#turn();
    this.#calls[bucket] = (this.#calls[bucket] ?? 0) + 1;
  }

  /** Takes one retry, or says that none is left. */
  take(): boolean {
    const bucket = this.#turn();
    const { ratio, minPerSecond, windowSeconds } = this.#policy;
    const allowed = ratio * sum(this.#calls) + minPerSecond * windowSeconds;
    if (sum(this.#retries) + 1 > allowed) return false;
    this.#retries[bucket] = (this.#retries[bucket] ?? 0) + 1;
    return true;
  }

  /** The bucket of the present second; those that the clock passed since are emptied. */
  #turn(): number {
    const { windowSeconds } = this.#policy;
    const second = Math.floor(this.#clock.monotonicMs() / 1_000);
    const passed = Math.min(second - this.#second, windowSeconds);
    for (let step = 0; step < passed; step += 1) {
      const bucket = (second - step) % windowSeconds;
      this.#calls[bucket] = 0;
      this.#retries[bucket] = 0;
    }
    this.#second = second;
    return second % windowSeconds;
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
