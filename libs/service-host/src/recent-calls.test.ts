// Counts over a window that moves, with time as an argument.
import type { CallCode, MeshObserver } from '@zonehold/mesh';
import { ManualClock } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { RecentCalls } from './recent-calls.ts';

/** Passes everything on to nobody, and remembers how often. */
class Calls {
  readonly clock = new ManualClock();
  readonly recent = new RecentCalls('key-manager', this.clock);
  passedOn = 0;
  readonly #observer = this.recent.watching({
    attemptEnded: () => void (this.passedOn += 1),
  } as unknown as MeshObserver);

  made(count: number, code: CallCode, zone = 'south-1', service = 'key-manager' as const): this {
    for (let at = 0; at < count; at += 1)
      this.#observer.attemptEnded(service, zone, 'operation', code, 1);
    return this;
  }
}

describe('recent calls', () => {
  it('are counted by zone, and passed on', () => {
    const calls = new Calls().made(3, 'OK').made(2, 'LINK_LOST').made(1, 'OK', 'south-2');
    expect(calls.recent.counts()).toEqual({
      'south-1': { calls: 5, failed: 2, failedForMs: 0 },
      'south-2': { calls: 1, failed: 0, failedForMs: 0 },
    });
    expect(calls.passedOn).toBe(6);
  });

  it.each<[CallCode, number]>([
    ['OK', 0],
    ['INVALID_ARGUMENT', 0],
    ['OVERLOADED', 0],
    ['UNAVAILABLE', 1],
    ['DEADLINE_EXCEEDED', 1],
    ['LINK_LOST', 1],
    ['SEALED', 1],
    ['INTERNAL', 1],
  ])('that end with %s count %i against the zone', (code, failed) => {
    expect(new Calls().made(1, code).recent.counts()).toEqual({
      'south-1': { calls: 1, failed, failedForMs: 0 },
    });
  });

  it('are forgotten after five seconds', () => {
    const calls = new Calls().made(2, 'LINK_LOST');
    calls.clock.advance(4_000);
    calls.made(1, 'OK');
    expect(calls.recent.counts()).toEqual({ 'south-1': { calls: 3, failed: 2, failedForMs: 0 } });
    calls.clock.advance(1_000);
    expect(calls.recent.counts()).toEqual({ 'south-1': { calls: 1, failed: 0, failedForMs: 0 } });
    calls.clock.advance(60_000);
    expect(calls.recent.counts()).toEqual({});
    expect(calls.made(1, 'OK').recent.counts()).toEqual({
      'south-1': { calls: 1, failed: 0, failedForMs: 0 },
    });
  });

  it('tell for how long they have failed, until some have gone well for a second', () => {
    const calls = new Calls();
    const failedForMs = () => calls.recent.counts()['south-1']?.failedForMs;
    for (let at = 0; at < 5; at += 1) {
      calls.made(1, 'LINK_LOST');
      expect(failedForMs()).toBe(250 * at);
      calls.clock.advance(250);
    }
    // Nobody called since: nothing is known that is better.
    calls.clock.advance(1_000);
    expect(failedForMs()).toBe(1_000);
    expect(calls.made(2, 'OK').recent.counts()['south-1']?.failedForMs).toBe(1_000);
    expect(calls.made(1, 'OK').recent.counts()['south-1']?.failedForMs).toBe(0);
    expect(calls.made(1, 'LINK_LOST').recent.counts()['south-1']?.failedForMs).toBe(2_250);
  });

  it('of one moment have not failed for any time, however often one asks', () => {
    const calls = new Calls().made(6, 'LINK_LOST');
    for (let at = 0; at < 20; at += 1) {
      expect(calls.recent.counts()['south-1']).toMatchObject({ failed: 6, failedForMs: 0 });
      calls.clock.advance(249);
    }
  });
});
