// A zone that is slow and says no error: how fast calls leave it, and how they come back.
import { describe, expect, it } from 'vitest';
import { LatencySpill, latencySpillDefaults as policy } from './latency-spill.ts';

/** One second of calls: `ms[zone]` is how long calls to it take; no number, no calls. Gives the share afterwards. */
function second(spill: LatencySpill, at: number, ms: readonly (number | undefined)[]): number {
  for (const [zone, latencyMs] of ms.entries())
    for (let call = 0; call < 10 && latencyMs !== undefined; call += 1)
      spill.observe(zone, latencyMs);
  spill.settle(at * 1_000);
  return spill.share;
}

function seconds(
  spill: LatencySpill,
  from: number,
  to: number,
  ms: (number | undefined)[],
): number {
  for (let at = from; at < to; at += 1) second(spill, at, ms);
  return spill.share;
}

describe('the spill for latency', () => {
  it('is nothing while the own zone is as quick as ever', () => {
    expect(seconds(new LatencySpill(policy, 3), 0, 100, [12])).toBe(0);
  });

  it('begins after three slow seconds, a tenth each, and learns from the calls that left', () => {
    const spill = new LatencySpill(policy, 3);
    seconds(spill, 0, 10, [10]);
    const shares = [10, 11, 12, 13].map((at) => second(spill, at, [100]));
    expect(shares).toEqual([0, 0, 0.1, 0.2]);
    expect(seconds(spill, 14, 30, [100, 10, 10])).toBe(1);
  });

  it('goes back when the others are no quicker', () => {
    const spill = new LatencySpill(policy, 3);
    seconds(spill, 0, 10, [10]);
    expect(seconds(spill, 10, 13, [100])).toBe(0.1);
    expect(seconds(spill, 13, 20, [100, 90, 95])).toBe(0);
  });

  it('needs three times and twenty milliseconds', () => {
    for (const slowMs of [25, 29]) {
      const spill = new LatencySpill(policy, 3);
      seconds(spill, 0, 10, [10]);
      expect(seconds(spill, 10, 30, [slowMs])).toBe(0);
    }
    const quick = new LatencySpill(policy, 3);
    seconds(quick, 0, 10, [2]);
    expect(seconds(quick, 10, 30, [21])).toBe(0);
  });

  it('begins anew with each quick second', () => {
    const spill = new LatencySpill(policy, 3);
    seconds(spill, 0, 10, [10]);
    for (let at = 10; at < 40; at += 3) {
      seconds(spill, at, at + 2, [100]);
      expect(second(spill, at + 2, [10])).toBe(0);
    }
  });

  it('lets a little back when all had left, so that the own zone can show it is well', () => {
    const spill = new LatencySpill(policy, 3);
    seconds(spill, 0, 10, [10]);
    expect(seconds(spill, 10, 30, [100, 10, 10])).toBe(1);
    expect(seconds(spill, 30, 42, [undefined, 10, 10])).toBeLessThan(1);
    expect(seconds(spill, 42, 60, [10, 10, 10])).toBe(0);
  });

  it('is not moved by seconds with hardly a call', () => {
    const spill = new LatencySpill(policy, 3);
    seconds(spill, 0, 10, [10]);
    for (let at = 10; at < 30; at += 5) {
      spill.observe(0, 500);
      spill.settle(at * 1_000);
    }
    expect(spill.share).toBe(0);
  });
});
