// When is a gateway hung? Pure: the rule behind the health check that stands in for a load balancer's.

/** Shared architecture, "Edge and region": silent for 2 s is hung. */
export const silenceMaxMs = 2_000;
/** A checker that itself slept longer than this cannot blame the gateway. */
const ownStallMaxMs = 1_000;

/** Remembers when one process last gave a sign of life. */
export class SilenceWatch {
  #pid: number | undefined;
  #lastAnswerMs: number | undefined;
  #lastLookMs: number | undefined;

  /** An answer of process `pid` came at `nowMs`. */
  heard(pid: number, nowMs: number): void {
    this.#pid = pid;
    this.#lastAnswerMs = nowMs;
  }

  /**
   * Is process `pid` hung at `nowMs`? Never before its first answer: a slow start is not a hang, and a start that fails ends by itself.
   * Never after a stall of our own, which would look like everybody's silence.
   */
  isHung(pid: number, nowMs: number): boolean {
    const stalledMs = nowMs - (this.#lastLookMs ?? nowMs);
    this.#lastLookMs = nowMs;
    if (this.#pid !== pid || this.#lastAnswerMs === undefined) return false;
    if (stalledMs > ownStallMaxMs) {
      this.#lastAnswerMs = nowMs;
      return false;
    }
    return nowMs - this.#lastAnswerMs >= silenceMaxMs;
  }
}
