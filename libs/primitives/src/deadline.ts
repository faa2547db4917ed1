// A deadline is a point on the local monotonic clock. Between processes only the remaining milliseconds travel
// (clocks differ); each hop subtracts its own queueing and `hopCostMs`. Whether anybody waits at all goes with it (cancellation.ts).
import type { Cancellation } from './cancellation.ts';
import type { Clock } from './clock.ts';
import { KmsError } from './errors.ts';

/** What a hop keeps for itself when it passes a deadline on (mesh reference B4). */
export const hopCostMs = 5;

/** The moment after which nobody waits for the answer any more. */
export class Deadline {
  readonly #clock: Clock;
  readonly #expiresAtMs: number;
  readonly #cancellation: Cancellation | undefined;

  private constructor(clock: Clock, expiresAtMs: number, cancellation: Cancellation | undefined) {
    this.#clock = clock;
    this.#expiresAtMs = expiresAtMs;
    this.#cancellation = cancellation;
  }

  /** A deadline `timeoutMs` from now, of work that `cancellation` may end sooner. */
  static after(clock: Clock, timeoutMs: number, cancellation?: Cancellation): Deadline {
    return new Deadline(clock, clock.monotonicMs() + timeoutMs, cancellation);
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
    return other < this.#expiresAtMs ? new Deadline(this.#clock, other, this.#cancellation) : this;
  }

  /** Nobody waits any more, though there may be time. Asked where the work may be left; what goes on has all its time. */
  get isCancelled(): boolean {
    return this.#cancellation?.isCancelled === true;
  }

  /** Throws CANCELLED, not applied, when nobody waits any more. For places where nothing has been changed yet. */
  refuseCancelled(): void {
    if (this.isCancelled) throw new KmsError('CANCELLED', 'nobody waits for the answer any more');
  }

  /** See `Cancellation.bind`. */
  bind(): void {
    this.#cancellation?.bind();
  }

  /** See `Cancellation.onCancel`. */
  onCancel(listener: () => void): () => void {
    return this.#cancellation?.onCancel(listener) ?? ignore;
  }
}

function ignore(): void {
  // Nobody can cancel.
}
