// The small ones together: time, chance, secrecy and failure.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { assert, AssertionError } from './assert.ts';
import { ManualClock } from './clock.ts';
import { Deadline } from './deadline.ts';
import { isKmsError, KmsError } from './errors.ts';
import { SeededRandom } from './random.ts';
import { Sensitive } from './sensitive.ts';

describe('a deadline', () => {
  it('counts down with its clock and passes', () => {
    const clock = new ManualClock();
    const deadline = Deadline.after(clock, 100);
    clock.advance(60);
    expect(deadline.remainingMs()).toBe(40);
    expect(deadline.hasPassed()).toBe(false);
    clock.advance(40);
    expect(deadline.hasPassed()).toBe(true);
  });

  it('may be shortened, never lengthened', () => {
    const deadline = Deadline.after(new ManualClock(), 100);
    expect(deadline.atMost(30).remainingMs()).toBe(30);
    expect(deadline.atMost(300).remainingMs()).toBe(100);
  });
});

describe('seeded chance', () => {
  it('repeats itself for the same seed and differs for another', () => {
    const take = (seed: number): number[] => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 20 }, () => random.uint32());
    };
    expect(take(7)).toEqual(take(7));
    expect(take(7)).not.toEqual(take(8));
  });

  it('stays in its range and reaches all of it', () => {
    const random = new SeededRandom(1);
    const seen = new Set(Array.from({ length: 500 }, () => random.below(6)));
    expect([...seen].toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    const units = Array.from({ length: 500 }, () => random.unit());
    expect(Math.min(...units)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...units)).toBeLessThan(1);
  });
});

describe('a sensitive value', () => {
  it('prints as [redacted] in a template, in JSON and under inspection, and is given back on purpose only', () => {
    const secret = new Sensitive('the DEK');
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- this is what is tested
    expect(`${secret}`).toBe('[redacted]');
    expect(JSON.stringify({ secret })).toBe('{"secret":"[redacted]"}');
    expect(inspect({ secret })).toBe('{ secret: [redacted] }');
    expect(secret.reveal()).toBe('the DEK');
  });
});

describe('a failure', () => {
  it('says what it left behind: nothing, unless nobody can know', () => {
    expect(new KmsError('UNAVAILABLE', 'no quorum').outcome).toBe('not-applied');
    expect(new KmsError('OUTCOME_UNKNOWN', 'cut').outcome).toBe('unknown');
    expect(new KmsError('LINK_LOST', 'cut', { outcome: 'unknown' }).outcome).toBe('unknown');
  });

  it('is recognised by its code', () => {
    const error: unknown = new KmsError('OVERLOADED', 'full');
    expect(isKmsError(error)).toBe(true);
    expect(isKmsError(error, 'LINK_LOST', 'OVERLOADED')).toBe(true);
    expect(isKmsError(error, 'LINK_LOST')).toBe(false);
    expect(isKmsError(new Error('full'))).toBe(false);
  });
});

describe('an assertion', () => {
  it('stops a process whose invariant is broken, and nothing else', () => {
    expect(() => assert(false, 'two is not three')).toThrow(AssertionError);
    expect(() => assert(true, 'two is two')).not.toThrow();
  });
});
