// Is one endpoint an outlier? Told what became of each call, never by probes: a zone that answers its probes and drops requests is
// caught too. Pure: time and jitter are arguments, nothing waits. Whether an ejection may happen is ejection-cap.ts.
import type { CircuitOutcome } from './circuit.ts';

export interface OutlierPolicy {
  /** Ejected after so many failures in a row. */
  readonly consecutiveFailuresMax: number;
  /** Or when more than `failureRatioMax` of at least `volumeMin` calls failed, in the short or in the long window. */
  readonly failureRatioMax: number;
  readonly volumeMin: number;
  readonly shortWindowMs: number;
  readonly longWindowMs: number;
  /** The n-th ejection of a series lasts `ejectionMs` × n, at most `ejectionMaxMs`, and up to `jitterRatio` longer. */
  readonly ejectionMs: number;
  readonly ejectionMaxMs: number;
  readonly jitterRatio: number;
  /** After so long without an ejection a series is one shorter. */
  readonly calmMs: number;
  /** So many successes in a row, at the lowest weight, before the ramp; a failure among them ejects again. */
  readonly probesMin: number;
  /** From `rampFrom` of its share to all of it. */
  readonly rampFrom: number;
  readonly rampMs: number;
  /** A link that was down for less is no return: nothing grew cold. */
  readonly blipMs: number;
}

/** Mesh reference B4. The ratio is lower than there: a zone that fails three calls in ten is ejected within three seconds. */
export const outlierPolicyDefaults: OutlierPolicy = {
  consecutiveFailuresMax: 5,
  failureRatioMax: 0.2,
  volumeMin: 20,
  shortWindowMs: 1_000,
  longWindowMs: 5_000,
  ejectionMs: 5_000,
  ejectionMaxMs: 120_000,
  jitterRatio: 0.25,
  calmMs: 30_000,
  probesMin: 3,
  rampFrom: 0.1,
  rampMs: 30_000,
  blipMs: 2_000,
};

export type EjectionReason = 'consecutive' | 'ratio' | 'probe';

const bucketCount = 10;

/** What one client has seen of one endpoint. */
export class Outlier {
  readonly #policy: OutlierPolicy;
  readonly #successes = new Uint32Array(bucketCount);
  readonly #failures = new Uint32Array(bucketCount);
  #period = 0;
  #consecutiveFailures = 0;
  #series = 0;
  #ejectedUntilMs = 0;
  #isEjected = false;
  #calmSinceMs = 0;
  /** Successes still missing before the ramp; 0 while nothing is to be proven. */
  #probesLeft = 0;
  #rampSinceMs = Number.NEGATIVE_INFINITY;

  constructor(policy: OutlierPolicy) {
    this.#policy = policy;
  }

  get isEjected(): boolean {
    return this.#isEjected;
  }

  /** Counts one outcome; says why the endpoint should be ejected, if it should. While it is ejected nothing counts. */
  record(outcome: CircuitOutcome, nowMs: number): EjectionReason | undefined {
    if (outcome === 'ignored' || this.#isEjected) return undefined;
    const bucket = this.#turn(nowMs);
    if (outcome === 'success') {
      addOne(this.#successes, bucket);
      this.#consecutiveFailures = 0;
      if (this.#probesLeft > 0) this.#proven(nowMs);
      return undefined;
    }
    addOne(this.#failures, bucket);
    this.#consecutiveFailures += 1;
    if (this.#probesLeft > 0) return 'probe';
    if (this.#consecutiveFailures >= this.#policy.consecutiveFailuresMax) return 'consecutive';
    return this.#isOverRatio() ? 'ratio' : undefined;
  }

  /** Takes the endpoint out. `unit` (in [0, 1)) is the jitter. Returns for how long. */
  eject(nowMs: number, unit: number): number {
    const { ejectionMs, ejectionMaxMs, jitterRatio, calmMs } = this.#policy;
    const calmPeriods = Math.floor((nowMs - this.#calmSinceMs) / calmMs);
    this.#series = Math.max(0, this.#series - Math.max(0, calmPeriods)) + 1;
    const lastsMs = Math.min(ejectionMaxMs, ejectionMs * this.#series) * (1 + jitterRatio * unit);
    this.#isEjected = true;
    this.#ejectedUntilMs = nowMs + lastsMs;
    this.#forget();
    return lastsMs;
  }

  /** The ejection was not allowed: the same failures are not counted twice. */
  pardon(): void {
    this.#consecutiveFailures = 0;
    this.#failures.fill(0);
    this.#successes.fill(0);
  }

  /** Ends an ejection whose time is over; true when it just did. */
  settle(nowMs: number): boolean {
    if (!this.#isEjected || nowMs < this.#ejectedUntilMs) return false;
    this.#isEjected = false;
    this.#calmSinceMs = nowMs;
    this.#startOver();
    return true;
  }

  /** Its link came up after `awayMs`: whoever was away comes back slowly. */
  returned(awayMs: number): boolean {
    if (this.#isEjected || awayMs < this.#policy.blipMs) return false;
    this.#startOver();
    return true;
  }

  /** How much of its share it takes: 0 ejected, 1 in full, between them on its way back. */
  weight(nowMs: number): number {
    if (this.#isEjected) return 0;
    const { rampFrom, rampMs } = this.#policy;
    if (this.#probesLeft > 0) return rampFrom;
    const ramped = (nowMs - this.#rampSinceMs) / rampMs;
    return ramped >= 1 ? 1 : rampFrom + (1 - rampFrom) * ramped;
  }

  #startOver(): void {
    this.#forget();
    this.#probesLeft = this.#policy.probesMin;
  }

  #proven(nowMs: number): void {
    this.#probesLeft -= 1;
    if (this.#probesLeft === 0) this.#rampSinceMs = nowMs;
  }

  #forget(): void {
    this.pardon();
    this.#probesLeft = 0;
  }

  #isOverRatio(): boolean {
    const { shortWindowMs, longWindowMs } = this.#policy;
    const shortBuckets = Math.ceil((shortWindowMs / longWindowMs) * bucketCount);
    return this.#isOver(shortBuckets) || this.#isOver(bucketCount);
  }

  /** Over the ratio within the newest `buckets`. */
  #isOver(buckets: number): boolean {
    const { failureRatioMax, volumeMin } = this.#policy;
    let failures = 0;
    let calls = 0;
    for (let back = 0; back < buckets; back += 1) {
      const bucket = (this.#period - back + bucketCount) % bucketCount;
      const failed = this.#failures[bucket] ?? 0;
      failures += failed;
      calls += failed + (this.#successes[bucket] ?? 0);
    }
    return calls >= volumeMin && failures > failureRatioMax * calls;
  }

  /** The bucket of the present; those that time passed since are emptied. */
  #turn(nowMs: number): number {
    const period = Math.floor((nowMs * bucketCount) / this.#policy.longWindowMs);
    const passed = Math.min(period - this.#period, bucketCount);
    for (let step = 0; step < passed; step += 1) {
      this.#successes[(period - step) % bucketCount] = 0;
      this.#failures[(period - step) % bucketCount] = 0;
    }
    if (passed > 0) this.#period = period;
    return this.#period % bucketCount;
  }
}

function addOne(counts: Uint32Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}
