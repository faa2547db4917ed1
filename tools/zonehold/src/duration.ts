// Durations as people write them: 300ms, 45s, 5m, 2h, 31d, and several in a row (1h30m). Pure.
import { InvalidArgumentError } from 'commander';

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const wholePattern = /^(?:\d{1,6}(?:ms|[smhd])){1,5}$/;
const partPattern = /(\d+)(ms|[smhd])/g;

/** Milliseconds, at least 1. Refuses everything else in one sentence. */
export function parseDuration(text: string): number {
  const totalMs = wholePattern.test(text)
    ? [...text.matchAll(partPattern)].reduce(
        (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ''] ?? 0),
        0,
      )
    : 0;
  if (totalMs >= 1) return totalMs;
  throw new InvalidArgumentError('A duration is a number and ms, s, m, h or d, such as 31d.');
}

/** The same with an upper limit, for commander. */
export function parseDurationUpTo(maxMs: number): (text: string) => number {
  return (text) => {
    const ms = parseDuration(text);
    if (ms <= maxMs) return ms;
    throw new InvalidArgumentError(`At most ${durationText(maxMs)}.`);
  };
}

/** The largest two units: `31d`, `1h30m`. */
export function durationText(ms: number): string {
  const parts: string[] = [];
  let restMs = ms;
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(restMs / (unitMs[unit] ?? 1));
    restMs -= count * (unitMs[unit] ?? 1);
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.length === 0 ? `${Math.round(ms)}ms` : parts.slice(0, 2).join('');
}
