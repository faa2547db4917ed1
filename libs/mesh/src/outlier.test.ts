// When an endpoint is ejected, for how long, and how it comes back.
import { describe, expect, it } from 'vitest';
import { Outlier, outlierPolicyDefaults as policy } from './outlier.ts';

/** `pattern`: one letter a call, `.` success, `x` failure, every `everyMs`. Gives the first reason to eject. */
function feed(outlier: Outlier, pattern: string, everyMs = 1, fromMs = 0): string | undefined {
  for (let at = 0; at < pattern.length; at += 1) {
    const outcome = pattern.charAt(at) === 'x' ? 'failure' : 'success';
    const reason = outlier.record(outcome, fromMs + at * everyMs);
    if (reason !== undefined) return `${reason} at ${at + 1}`;
  }
  return undefined;
}

describe('an outlier', () => {
  it('is ejected for five failures in a row, not for four', () => {
    expect(feed(new Outlier(policy), 'xxxx.xxxx.')).toBeUndefined();
    expect(feed(new Outlier(policy), 'xxxx.xxxxx')).toBe('consecutive at 10');
  });

  it('is ejected when three calls in ten fail, within three seconds at ten calls a second', () => {
    const reason = feed(new Outlier(policy), 'x..x..x...'.repeat(10), 100);
    expect(reason).toMatch(/^ratio at (2[0-9])$/);
  });

  it('is ejected within a second and a half of the first failure after a long good time at many calls a second', () => {
    const outlier = new Outlier(policy);
    expect(feed(outlier, '.'.repeat(2_000), 5)).toBeUndefined();
    const reason = feed(outlier, 'x..x..x...'.repeat(40), 5, 10_000);
    expect(Number(reason?.split(' ').at(-1))).toBeLessThan(300);
  });

  it('is not ejected for failures that are few, or long ago', () => {
    expect(feed(new Outlier(policy), '.........x'.repeat(100), 10)).toBeUndefined();
    const outlier = new Outlier(policy);
    expect(feed(outlier, 'xx.xx.xx.xx.xx.')).toBeUndefined();
    expect(feed(outlier, '.'.repeat(9) + 'x', 1, policy.longWindowMs + 1_000)).toBeUndefined();
  });

  it('learns nothing from calls that say nothing of it', () => {
    const outlier = new Outlier(policy);
    for (let call = 0; call < 100; call += 1)
      expect(outlier.record('ignored', call)).toBeUndefined();
  });

  it('is away for longer each time, up to two minutes, with a quarter of jitter at most', () => {
    const outlier = new Outlier(policy);
    const lasted: number[] = [];
    let nowMs = 0;
    for (let time = 0; time < 26; time += 1) {
      lasted.push(outlier.eject(nowMs, 0));
      nowMs += lasted.at(-1)!;
      expect(outlier.settle(nowMs - 1)).toBe(false);
      expect(outlier.settle(nowMs)).toBe(true);
    }
    expect(lasted.slice(0, 3)).toEqual([5_000, 10_000, 15_000]);
    expect(lasted.at(-1)).toBe(120_000);
    expect(new Outlier(policy).eject(0, 0.999)).toBeCloseTo(6_249, 0);
  });

  it('begins a shorter series after calm, one step for each half minute', () => {
    const outlier = new Outlier(policy);
    for (const nowMs of [0, 10_000, 30_000]) {
      outlier.eject(nowMs, 0);
      outlier.settle(nowMs + 100_000);
    }
    // Three so far; back at 130 s; 61 s of calm take two off.
    expect(outlier.eject(191_000, 0)).toBe(10_000);
  });

  it('is ejected at most once within a hold-down, however it flaps', () => {
    const outlier = new Outlier(policy);
    let ejections = 0;
    let heldUntilMs = 0;
    for (let nowMs = 0; nowMs < 60_000; nowMs += 10) {
      outlier.settle(nowMs);
      const isSick = nowMs % 2_000 < 1_000;
      if (outlier.record(isSick ? 'failure' : 'success', nowMs) === undefined) continue;
      expect(nowMs).toBeGreaterThanOrEqual(heldUntilMs);
      heldUntilMs = nowMs + outlier.eject(nowMs, 0);
      ejections += 1;
    }
    expect(ejections).toBeLessThanOrEqual(5);
    expect(ejections).toBeGreaterThanOrEqual(2);
  });

  it('comes back with a tenth, and rises over half a minute after three successes', () => {
    const outlier = new Outlier(policy);
    outlier.eject(0, 0);
    expect(outlier.weight(4_999)).toBe(0);
    outlier.settle(5_000);
    expect(outlier.weight(5_000)).toBe(0.1);
    expect(feed(outlier, '..', 1, 60_000)).toBeUndefined();
    expect(outlier.weight(60_002)).toBe(0.1);
    expect(feed(outlier, '.', 1, 60_003)).toBeUndefined();
    expect(outlier.weight(75_003)).toBeCloseTo(0.55, 5);
    expect(outlier.weight(90_003)).toBe(1);
  });

  it('is ejected again by the first failure before it has proven itself', () => {
    const outlier = new Outlier(policy);
    outlier.eject(0, 0);
    outlier.settle(5_000);
    expect(feed(outlier, '..x', 1, 5_000)).toBe('probe at 3');
  });

  it('comes back slowly after its link was away, unless that was a blip', () => {
    const outlier = new Outlier(policy);
    expect(outlier.returned(policy.blipMs - 1)).toBe(false);
    expect(outlier.weight(1)).toBe(1);
    expect(outlier.returned(policy.blipMs)).toBe(true);
    expect(outlier.weight(1)).toBe(0.1);
  });

  it('is not judged by late answers while it is away', () => {
    const outlier = new Outlier(policy);
    outlier.eject(0, 0);
    expect(feed(outlier, 'xxxxxxxxxx')).toBeUndefined();
    outlier.settle(5_000);
    expect(feed(outlier, '...', 1, 5_000)).toBeUndefined();
    expect(feed(outlier, 'xxxx', 1, 5_010)).toBeUndefined();
  });
});
