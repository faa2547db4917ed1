// What one run of a load tool gives, and what many runs come to. Pure.

/** One round of one request. */
export interface Measurement {
  readonly requestsPerS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were not 2xx, and requests without an answer. */
  readonly failures: number;
}

/** The middle value; of an even number the mean of the two. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The value that `share` of `sorted` do not exceed. 0 of none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Medians of several rounds; failures add up. */
export function summarise(rounds: readonly Measurement[]): Measurement {
  return {
    requestsPerS: median(rounds.map(({ requestsPerS }) => requestsPerS)),
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
    failures: rounds.reduce((sum, { failures }) => sum + failures, 0),
  };
}

/** How the rounds of one request compare with those of the echo beside them: the median of the rounds' own ratios. */
export function ratio(rounds: readonly Measurement[], echo: readonly Measurement[]): number {
  return median(
    rounds.map(({ requestsPerS }, at) => requestsPerS / (echo[at]?.requestsPerS ?? NaN)),
  );
}

/** A row of the table per request, columns under their heads. */
export function table(rows: Readonly<Record<string, readonly Measurement[]>>): string {
  const head = ['', 'requests/s', 'p50 ms', 'p99 ms', 'failed', 'requests/s of each round'];
  const body = Object.entries(rows).map(([name, rounds]) => {
    const { requestsPerS, p50Ms, p99Ms, failures } = summarise(rounds);
    return [
      name,
      requestsPerS.toFixed(0),
      p50Ms.toFixed(2),
      p99Ms.toFixed(2),
      String(failures),
      rounds.map((round) => round.requestsPerS.toFixed(0)).join(' '),
    ];
  });
  const lines = [head, ...body];
  const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
