// How slow an endpoint is now: an average that believes a slow answer at once and a quick one only with time (Finagle's peak-EWMA).
// Pure.

/** A slow answer is half forgotten after 3.5 s. */
const decayMs = 5_000;

export class PeakEwma {
  #valueMs = 0;
  #atMs = 0;

  /** 0 until something was observed; what was slow long ago counts less. */
  valueMs(nowMs: number): number {
    return this.#valueMs === 0 ? 0 : this.#valueMs * Math.exp(-(nowMs - this.#atMs) / decayMs);
  }

  observe(latencyMs: number, nowMs: number): void {
    const kept = Math.exp(-(nowMs - this.#atMs) / decayMs);
    const averageMs = this.#valueMs * kept + latencyMs * (1 - kept);
    this.#valueMs = Math.max(latencyMs, averageMs);
    this.#atMs = nowMs;
  }
}
