// Ballots: order, width and the limit on what may be believed.
import { describe, expect, it } from 'vitest';
import { zeroBallot } from './acceptor-port.ts';
import {
  compareBallots,
  counterLeapMax,
  formatBallot,
  isBallot,
  isPlausible,
  laterBallot,
  nextCounter,
  parseBallot,
} from './ballot.ts';

const a = 'a'.repeat(16);
const b = 'b'.repeat(16);

describe('a ballot', () => {
  it('is 32 hex digits whatever the counter, and reads back exactly', () => {
    for (const counter of [1n, 255n, 2n ** 53n + 1n, 2n ** 64n - 1n]) {
      const ballot = formatBallot(counter, a);
      expect(isBallot(ballot)).toBe(true);
      expect(parseBallot(ballot)).toEqual({ counter, proposerId: a });
    }
    expect(() => formatBallot(2n ** 64n, a)).toThrow();
    expect(() => formatBallot(0n, a)).toThrow();
    expect(() => formatBallot(1n, 'A'.repeat(16))).toThrow();
  });

  it('orders by counter, then by proposer, also where text of free width would not', () => {
    const sorted = [zeroBallot, formatBallot(9n, b), formatBallot(10n, a), formatBallot(10n, b)];
    expect([...sorted].reverse().sort(compareBallots)).toEqual(sorted);
    expect(laterBallot(formatBallot(9n, b), formatBallot(10n, a))).toBe(formatBallot(10n, a));
  });

  it('is followed by a counter above our own and above what was seen', () => {
    expect(nextCounter(4n)).toBe(5n);
    expect(nextCounter(4n, formatBallot(9n, a))).toBe(10n);
    expect(nextCounter(12n, formatBallot(9n, a))).toBe(13n);
  });

  it.each([
    ['at the limit', formatBallot(7n + counterLeapMax, a), true],
    ['one past it', formatBallot(8n + counterLeapMax, a), false],
    ['the highest there is', 'f'.repeat(32), false],
    ['upper case', formatBallot(10n, a).toUpperCase(), false],
    ['too short', formatBallot(10n, a).slice(1), false],
  ])('%s is believed: %#', (_name, ballot, expected) => {
    expect(isPlausible(ballot, 7n)).toBe(expected);
  });
});
