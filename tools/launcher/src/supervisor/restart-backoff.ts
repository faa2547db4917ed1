// How long a service that died waits before it is started again. Pure: uptimes are arguments.

/** First wait: long enough not to spin, short enough that nobody notices one crash. */
const firstDelayMs = 200;
const maxDelayMs = 10_000;
/** A service that ran this long was well; the next death starts from the first wait again. */
const wellAfterMs = 10_000;

/** 0.2 s, doubling to 10 s; back to 0.2 s after a run of 10 s. */
export class RestartBackoff {
  #nextDelayMs = firstDelayMs;

  /** The wait after a run of `uptimeMs`. */
  delayAfterRun(uptimeMs: number): number {
    const delayMs = uptimeMs >= wellAfterMs ? firstDelayMs : this.#nextDelayMs;
    this.#nextDelayMs = Math.min(maxDelayMs, delayMs * 2);
    return delayMs;
  }

  /** A person started it: forget the past. */
  reset(): void {
    this.#nextDelayMs = firstDelayMs;
  }
}
