// When a gateway counts as hung.
import { describe, expect, it } from 'vitest';
import { SilenceWatch } from './silence.ts';

/** Looks every 100 ms from `fromMs` to `toMs`, as the health check does; the first time it is called hung. */
function firstHungMs(
  watch: SilenceWatch,
  pid: number,
  fromMs: number,
  toMs: number,
): number | undefined {
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 100) if (watch.isHung(pid, nowMs)) return nowMs;
  return undefined;
}

describe('a gateway', () => {
  it('is hung when it has been silent for 2 s', () => {
    const watch = new SilenceWatch();
    watch.heard(1, 0);
    expect(firstHungMs(watch, 1, 0, 10_000)).toBe(2_000);
  });

  it('is not hung before its first answer: a start may be slow', () => {
    expect(firstHungMs(new SilenceWatch(), 1, 0, 60_000)).toBeUndefined();
  });

  it('is not blamed for the silence of the process that had its place before', () => {
    const watch = new SilenceWatch();
    watch.heard(1, 0);
    expect(firstHungMs(watch, 2, 0, 10_000)).toBeUndefined();
  });

  it('is not blamed when the checker itself slept', () => {
    const watch = new SilenceWatch();
    watch.heard(1, 0);
    watch.isHung(1, 0);
    expect(watch.isHung(1, 30_000)).toBe(false);
    expect(firstHungMs(watch, 1, 30_100, 40_000)).toBe(32_000);
  });
});
