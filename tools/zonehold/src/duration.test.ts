// Durations as people write and read them.
import { describe, expect, it } from 'vitest';
import { durationText, parseDuration, parseDurationUpTo } from './duration.ts';

describe('a duration', () => {
  it.each([
    ['300ms', 300],
    ['45s', 45_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['31d', 2_678_400_000],
    ['1h30m', 5_400_000],
  ])('%s is %i ms, and is read back the same', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(durationText(ms)).toBe(text);
  });

  it.each(['', '5', 'm', '-5m', '1.5h', '0s', '5 m', '5w', '9999999d', '1s1s1s1s1s1s'])(
    '%j is none',
    (text) => expect(() => parseDuration(text)).toThrow(/such as 31d/),
  );

  it('may have an upper limit', () => {
    expect(parseDurationUpTo(1_000)('1s')).toBe(1_000);
    expect(() => parseDurationUpTo(1_000)('1001ms')).toThrow('At most 1s.');
  });

  it('is shown by its two largest units', () => {
    expect(durationText(90_061_000)).toBe('1d1h');
    expect(durationText(0)).toBe('0ms');
  });
});
