import { describe, expect, it } from 'vitest';
import { hits, judge, type FaultedMessage } from './judge.ts';
import type { FaultRule } from './rule.ts';

const a = { zone: 'south-1', service: 'gateway' } as const;
const b = { zone: 'south-2', service: 'key-manager' } as const;
const request: FaultedMessage = {
  sender: a,
  receiver: b,
  leg: 'request',
  route: 'key-manager.wrap',
  end: 'sender',
};

const blackHole = { kind: 'black-hole' } as const;

function rule(more: Partial<FaultRule>): FaultRule {
  return {
    id: 'f-00000001',
    from: {},
    to: {},
    legs: 'both',
    action: blackHole,
    percent: 100,
    end: 'sender',
    reason: 'a test',
    startedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-01T00:05:00.000Z',
    ...more,
  };
}

const never = { unit: () => 0.999 };
const rolls = (unit: number) => ({ unit: () => unit });

describe('whom a rule hits', () => {
  it.each<[string, Partial<FaultRule>, Partial<FaultedMessage>, boolean]>([
    ['anybody, when it names nobody', {}, {}, true],
    ['the zone it names as sender', { from: { zone: 'south-1' } }, {}, true],
    ['not another zone', { from: { zone: 'south-2' } }, {}, false],
    ['the service it names as receiver', { to: { service: 'key-manager' } }, {}, true],
    ['not another service', { to: { service: 'redis' } }, {}, false],
    ['not the way back', { from: { zone: 'south-1' } }, { sender: b, receiver: a }, false],
    [
      'replies of the sender, with both legs',
      { from: { zone: 'south-1' } },
      { leg: 'reply' },
      true,
    ],
    ['no reply, with requests alone', { legs: 'request' }, { leg: 'reply' }, false],
    ['no request, with replies alone', { legs: 'reply' }, {}, false],
    ['the route it names', { routes: ['key-manager.wrap'] }, {}, true],
    ['routes by their beginning', { routes: ['key-manager.*'] }, {}, true],
    [
      'not a route that only begins alike',
      { routes: ['key-manager.wrap'] },
      { route: 'key-manager.wrapped' },
      false,
    ],
    ['not the route it excepts', { exceptRoutes: ['key-manager.*'] }, {}, false],
    ['pings, when it names no route', {}, { route: 'ping' }, true],
    ['no ping, when it names a route', { routes: ['key-manager.*'] }, { route: 'ping' }, false],
    ['at the other end, not here', { end: 'receiver' }, {}, false],
    ['where one process is both ends', { end: 'receiver' }, { end: 'both' }, true],
    [
      'no reply with an abort',
      { action: { kind: 'abort', code: 'UNAVAILABLE' } },
      { leg: 'reply' },
      false,
    ],
    [
      'no ping with an abort',
      { action: { kind: 'abort', code: 'UNAVAILABLE' } },
      { route: 'ping' },
      false,
    ],
  ])('%s', (_what, ruled, message, expected) => {
    expect(hits(rule(ruled), { ...request, ...message })).toBe(expected);
  });
});

describe('what becomes of a message', () => {
  it('passes when no rule speaks of it', () => {
    expect(judge([rule({ from: { zone: 'south-3' } })], request, never)).toBeUndefined();
    expect(judge([], request, never)).toBeUndefined();
  });

  it('is hit as often as the percentage says', () => {
    const half = [rule({ percent: 50 })];
    expect(judge(half, request, rolls(0.49))).toMatchObject({ kind: 'black-hole' });
    expect(judge(half, request, rolls(0.5))).toBeUndefined();
    expect(judge([rule({})], request, never)).toMatchObject({ kind: 'black-hole' });
  });

  it('meets the worst of several rules, in whichever order they stand', () => {
    const slow = rule({ action: { kind: 'delay', delayMs: 5 } });
    const abort = rule({ action: { kind: 'abort', code: 'UNAVAILABLE' } });
    const reset = rule({ action: { kind: 'reset' } });
    expect(judge([slow, abort], request, never)).toMatchObject({
      kind: 'abort',
      code: 'UNAVAILABLE',
    });
    expect(judge([abort, rule({}), slow], request, never)).toMatchObject({ kind: 'black-hole' });
    expect(judge([rule({}), reset], request, never)).toMatchObject({ kind: 'reset' });
  });

  it('is not aborted when it is of the link itself: nobody could be told', () => {
    const abort = rule({ action: { kind: 'abort', code: 'UNAVAILABLE' } });
    for (const route of ['ping', 'connect', 'cancel'])
      expect(judge([abort], { ...request, route }, never)).toBeUndefined();
  });

  it('waits for all rules that make it slow', () => {
    const delay = rule({ action: { kind: 'delay', delayMs: 5 } });
    const narrow = rule({ action: { kind: 'bandwidth', bytesPerSecond: 10 } });
    expect(judge([delay, narrow], request, never)).toEqual({
      kind: 'slow',
      rules: [delay, narrow],
    });
  });
});
