// What is counted in a simulated mesh, second by second, by when each request began. Latencies go into buckets that grow by a
// twelfth: a percentile is right to some eight per cent, whatever the load.

export interface Second {
  readonly second: number;
  readonly requests: number;
  readonly succeeded: number;
  /** Of requests begun in this second. */
  readonly successRatio: number;
  readonly attemptsPerRequest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly ejections: number;
  readonly capped: number;
  readonly gatewaysInPanic: number;
  /** Of the attempts of this second: which part went to each zone. */
  readonly zoneShares: readonly number[];
}

const bucketGrowth = 13 / 12;
const bucketFirstMs = 0.5;
const bucketCount = 128;

class Row {
  requests = 0;
  succeeded = 0;
  attempts = 0;
  ejections = 0;
  capped = 0;
  panics = 0;
  readonly latencies = new Uint32Array(bucketCount);
  readonly zones: number[];
  readonly failures = new Map<string, number>();

  constructor(zones: number) {
    this.zones = new Array<number>(zones).fill(0);
  }
}

export class Tally {
  readonly #rows: Row[];
  #inPanic = 0;

  constructor(seconds: number, zones: number) {
    this.#rows = Array.from({ length: seconds }, () => new Row(zones));
  }

  began(atMs: number): void {
    const row = this.#row(atMs);
    row.requests += 1;
    row.panics = Math.max(row.panics, this.#inPanic);
  }

  attempted(atMs: number, zone: number): void {
    const row = this.#row(atMs);
    row.attempts += 1;
    row.zones[zone]! += 1;
  }

  /** What never left the gateway was no attempt on anyone. */
  unsent(atMs: number): void {
    this.#row(atMs).attempts -= 1;
  }

  succeeded(startedMs: number, endedMs: number): void {
    const row = this.#row(startedMs);
    row.succeeded += 1;
    row.latencies[bucketOf(endedMs - startedMs)]! += 1;
  }

  failed(startedMs: number, code: string): void {
    const { failures } = this.#row(startedMs);
    failures.set(code, (failures.get(code) ?? 0) + 1);
  }

  ejected(atMs: number, _zone: number): void {
    this.#row(atMs).ejections += 1;
  }

  capped(atMs: number): void {
    this.#row(atMs).capped += 1;
  }

  panicked(atMs: number, isPanic: boolean): void {
    this.#inPanic += isPanic ? 1 : -1;
    const row = this.#row(atMs);
    row.panics = Math.max(row.panics, this.#inPanic);
  }

  /** Failures by code over the whole run, in the order of their names. */
  failures(): Readonly<Record<string, number>> {
    const sums = new Map<string, number>();
    for (const { failures } of this.#rows)
      for (const [code, count] of failures) sums.set(code, (sums.get(code) ?? 0) + count);
    return Object.fromEntries([...sums].toSorted(([left], [right]) => (left < right ? -1 : 1)));
  }

  seconds(): Second[] {
    return this.#rows.map((row, second) => ({
      second,
      requests: row.requests,
      succeeded: row.succeeded,
      successRatio: ratio(row.succeeded, row.requests),
      attemptsPerRequest: ratio(row.attempts, row.requests),
      p50Ms: percentile(row.latencies, 0.5),
      p99Ms: percentile(row.latencies, 0.99),
      ejections: row.ejections,
      capped: row.capped,
      gatewaysInPanic: row.panics,
      zoneShares: row.zones.map((count) => ratio(count, sum(row.zones))),
    }));
  }

  #row(atMs: number): Row {
    return this.#rows[Math.min(this.#rows.length - 1, Math.floor(atMs / 1_000))]!;
  }
}

function bucketOf(latencyMs: number): number {
  if (latencyMs <= bucketFirstMs) return 0;
  const bucket = Math.ceil(Math.log(latencyMs / bucketFirstMs) / Math.log(bucketGrowth));
  return Math.min(bucketCount - 1, bucket);
}

/** The upper edge of the bucket in which `part` of all lie. */
function percentile(buckets: Uint32Array, part: number): number {
  const total = sum(buckets);
  let seen = 0;
  for (let bucket = 0; bucket < buckets.length; bucket += 1) {
    seen += buckets[bucket]!;
    if (total > 0 && seen >= part * total) return rounded(bucketFirstMs * bucketGrowth ** bucket);
  }
  return 0;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : rounded(part / whole);
}

/** Four digits after the point: files that can be read, and compared byte for byte. */
function rounded(number: number): number {
  return Math.round(number * 10_000) / 10_000;
}

function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
