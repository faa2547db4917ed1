// When a zone's AOF may be rewritten, and when a rewrite counts. Which Redis did what: rewrite-zones.ts, and the integration test.
import { describe, expect, it } from 'vitest';
import type { AofState } from '@zonehold/caspaxos-redis';
import {
  nextRewriteStep,
  noRewrites,
  rewriteIntervalMs,
  type ZoneRewrites,
} from './zone-rewrites.ts';

const nowMs = Date.UTC(2026, 0, 1);
const look = (over: Partial<AofState> = {}): AofState => ({
  self: 'self',
  runId: 'run',
  rewrites: 5,
  isRewriting: false,
  isLastOk: true,
  ...over,
});
const sent = { self: 'self', runId: 'run', rewritesBefore: 5 };
const asked: ZoneRewrites = { round: 1, finished: 0, lastSentAtMs: nowMs, sent };
const kindOf = (state: ZoneRewrites, seen: AofState, isWanted = true, atMs = nowMs): string =>
  nextRewriteStep(state, seen, isWanted, atMs).kind;

describe('the next step of a zone', () => {
  it('is none while nothing waits', () => {
    expect(kindOf(noRewrites, look(), false)).toBe('idle');
  });

  it('claims a round first, and asks Redis only after a look that came later', () => {
    const claim = nextRewriteStep(noRewrites, look(), true, nowMs);
    expect(claim).toEqual({ kind: 'write', next: { round: 1, finished: 0 } });
    expect(nextRewriteStep({ round: 1, finished: 0 }, look(), true, nowMs)).toEqual({
      kind: 'send',
      next: asked,
    });
  });

  it('waits for a rewrite that may have begun before the claim, and does not count it', () => {
    expect(kindOf({ round: 1, finished: 0 }, look({ isRewriting: true }))).toBe('wait');
    expect(kindOf({ round: 1, finished: 0 }, look({ rewrites: 6 }))).toBe('send');
  });

  it('counts a rewrite that began after the request, when it is over and went well', () => {
    expect(kindOf(asked, look({ rewrites: 6, isRewriting: true }))).toBe('wait');
    expect(nextRewriteStep(asked, look({ rewrites: 6 }), true, nowMs + 9)).toEqual({
      kind: 'write',
      next: {
        round: 1,
        finished: 1,
        finishedAtMs: nowMs + 9,
        finishedSelf: 'self',
        lastSentAtMs: nowMs,
      },
    });
  });

  it('asks again after ten minutes when it failed, or its Redis was started again or is another', () => {
    for (const seen of [
      look({ rewrites: 6, isLastOk: false }),
      look({ rewrites: 9, runId: 'other' }),
      look({ rewrites: 9, self: 'other' }),
    ]) {
      expect(kindOf(asked, seen, true, nowMs + rewriteIntervalMs - 1)).toBe('wait');
      expect(kindOf(asked, seen, true, nowMs + rewriteIntervalMs)).toBe('send');
    }
  });

  it('asks again after half a minute when the request never reached Redis', () => {
    expect(kindOf(asked, look(), true, nowMs + 29_999)).toBe('wait');
    expect(kindOf(asked, look(), true, nowMs + 30_000)).toBe('send');
  });

  it('begins no second round within ten minutes, by whatever clock within reason', () => {
    const over: ZoneRewrites = { round: 1, finished: 1, finishedSelf: 'self', lastSentAtMs: nowMs };
    expect(kindOf(over, look(), true, nowMs + rewriteIntervalMs - 1)).toBe('wait');
    expect(kindOf(over, look(), true, nowMs + rewriteIntervalMs)).toBe('write');
    expect(kindOf(over, look(), true, nowMs - 1)).toBe('wait');
    // A clock that was ahead by a day does not hold erasures up for a day.
    expect(kindOf({ ...over, lastSentAtMs: nowMs + 24 * 3_600_000 }, look())).toBe('write');
  });

  it('is a rewrite for an acceptor that is not the one that was rewritten last', () => {
    const over: ZoneRewrites = { round: 1, finished: 1, finishedSelf: 'self', lastSentAtMs: 0 };
    expect(kindOf(over, look(), false)).toBe('idle');
    expect(kindOf(over, look({ self: 'reincarnated' }), false)).toBe('write');
  });
});
