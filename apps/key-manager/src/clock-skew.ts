// Is this machine's clock right? Compared with the median of the zones' clocks, as their Redis tell them every ten seconds. By
// the machine's own clock, never one that was set for development. One lying zone does not move the median past an honest one.
import type { Clock } from '@zonehold/primitives';
import type { Gauge, Log } from '@zonehold/telemetry';

/** More is a metric to alert on, and a log line. */
export const skewMaxMs = 2_000;
/** What a zone said last counts for so long: six looks. */
const memoryMs = 60_000;

export interface ClockSkewOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Seconds; positive: this machine's clock is ahead. */
  readonly gauge: Gauge;
}

export class ClockSkew {
  readonly #options: ClockSkewOptions;
  /** By zone: how far this machine was ahead of it, and when that was seen. */
  readonly #seen = new Map<string, { readonly aheadMs: number; readonly atMs: number }>();
  #wasRight = true;

  constructor(options: ClockSkewOptions) {
    this.#options = options;
  }

  /** A zone's clock as it just was; late by the time its answer took, which is far less than what matters. */
  readonly shown = (zone: string, wallMs: number): void => {
    const { clock, log, gauge } = this.#options;
    this.#seen.set(zone, { aheadMs: clock.wallMs() - wallMs, atMs: clock.monotonicMs() });
    const aheadMs = this.#aheadMs();
    gauge.set(aheadMs / 1_000);
    const isRight = Math.abs(aheadMs) <= skewMaxMs;
    if (isRight !== this.#wasRight) {
      if (isRight) log.info('clock.right-again', { aheadMs });
      else log.warn('clock.wrong', { aheadMs });
    }
    this.#wasRight = isRight;
  };

  /** True unless the zones say otherwise. */
  isRight(): boolean {
    return Math.abs(this.#aheadMs()) <= skewMaxMs;
  }

  #aheadMs(): number {
    const sinceMs = this.#options.clock.monotonicMs() - memoryMs;
    const known = [...this.#seen.values()].filter(({ atMs }) => atMs >= sinceMs);
    return median(known.map(({ aheadMs }) => aheadMs));
  }
}

/** Of two: the middle. Of none: 0. */
function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  const half = (sorted.length - 1) / 2;
  const lower = sorted[Math.floor(half)] ?? 0;
  const upper = sorted[Math.ceil(half)] ?? 0;
  return (lower + upper) / 2;
}
