// Is the own zone so slow, against the others, that calls should leave it? For grey failures that no error shows. Pure.
//
// In quiet times a client calls its own zone only and knows nothing of the others. Then its own past stands for them: the first calls
// that spill bring the truth, and when the others are no quicker the spill goes back.

export interface LatencySpillPolicy {
  /** Slow: more than `ratio` times the others' median and more than `marginMs` above it, for `intervalsMin` intervals. */
  readonly ratio: number;
  readonly marginMs: number;
  readonly intervalsMin: number;
  readonly intervalMs: number;
  /** How much more, or less, of the own zone's share leaves it with each interval. */
  readonly step: number;
  /** An interval with fewer calls says nothing. */
  readonly callsMin: number;
  /** For so long a zone that gets no calls is taken for what it was. */
  readonly staleMs: number;
}

/** Mesh reference B4. */
export const latencySpillDefaults: LatencySpillPolicy = {
  ratio: 3,
  marginMs: 20,
  intervalsMin: 3,
  intervalMs: 1_000,
  step: 0.1,
  callsMin: 5,
  staleMs: 10_000,
};

/** The past counts for this much against one new interval, while nothing is slow. */
const pastWeight = 0.95;

/** What one zone showed: in this interval so far, and in the last one that said anything. */
interface ZoneLatency {
  sumMs: number;
  calls: number;
  meanMs: number;
  meanAtMs: number;
}

export class LatencySpill {
  readonly #policy: LatencySpillPolicy;
  readonly #own = unseen();
  readonly #others: readonly ZoneLatency[];
  #pastMs = 0;
  #slowIntervals = 0;
  #nextAtMs = 0;
  #share = 0;

  constructor(policy: LatencySpillPolicy, zones: number) {
    this.#policy = policy;
    this.#others = Array.from({ length: Math.max(0, zones - 1) }, unseen);
  }

  /** How much of the own zone's share leaves it, from 0 to 1. */
  get share(): number {
    return this.#share;
  }

  /** One successful call to zone number `zone` (0 is the own one). */
  observe(zone: number, latencyMs: number): void {
    const seen = zone === 0 ? this.#own : this.#others[zone - 1];
    if (seen === undefined) return;
    seen.sumMs += latencyMs;
    seen.calls += 1;
  }

  /** Judges once an interval; true when the share changed. */
  settle(nowMs: number): boolean {
    if (nowMs < this.#nextAtMs) return false;
    this.#nextAtMs = nowMs + this.#policy.intervalMs;
    this.#endInterval(this.#own, nowMs);
    for (const other of this.#others) this.#endInterval(other, nowMs);
    const before = this.#share;
    this.#judge(nowMs);
    return this.#share !== before;
  }

  #endInterval(seen: ZoneLatency, nowMs: number): void {
    if (seen.calls < this.#policy.callsMin) return;
    seen.meanMs = seen.sumMs / seen.calls;
    seen.meanAtMs = nowMs;
    seen.sumMs = 0;
    seen.calls = 0;
  }

  #judge(nowMs: number): void {
    const { ratio, marginMs, intervalsMin, step } = this.#policy;
    // All of it left: only its trickle of retries could show it well again, so the share is let back by itself.
    if (!this.#isFresh(this.#own, nowMs)) {
      this.#share = Math.max(0, round(this.#share - step));
      return;
    }
    const ownMs = this.#own.meanMs;
    const othersMs = this.#othersMs(nowMs);
    const isSlow = othersMs > 0 && ownMs > ratio * othersMs && ownMs > othersMs + marginMs;
    this.#slowIntervals = isSlow ? this.#slowIntervals + 1 : 0;
    if (this.#slowIntervals >= intervalsMin) this.#share = Math.min(1, round(this.#share + step));
    else if (!isSlow) this.#share = Math.max(0, round(this.#share - step));
    if (!isSlow && this.#share === 0) {
      this.#pastMs =
        this.#pastMs === 0 ? ownMs : pastWeight * this.#pastMs + (1 - pastWeight) * ownMs;
    }
  }

  /** The median of the others, or the own zone's past when nothing is known of them. */
  #othersMs(nowMs: number): number {
    const known = this.#others
      .filter((other) => this.#isFresh(other, nowMs))
      .map(({ meanMs }) => meanMs)
      .sort((one, other) => one - other);
    return known[(known.length - 1) >> 1] ?? this.#pastMs;
  }

  #isFresh({ meanAtMs }: ZoneLatency, nowMs: number): boolean {
    return nowMs - meanAtMs <= this.#policy.staleMs;
  }
}

function unseen(): ZoneLatency {
  return { sumMs: 0, calls: 0, meanMs: 0, meanAtMs: Number.NEGATIVE_INFINITY };
}

function round(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}
