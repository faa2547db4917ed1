// What is held back and for how long, in the time of fake timers. What it does to real connections: libs/mesh, libs/caspaxos-redis.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FaultEdge, PassingMessage } from '@zonehold/primitives';
import { FaultEngine } from './fault-engine.ts';
import type { FaultAction, FaultRule } from './rule.ts';

const clock = { wallMs: () => Date.now(), monotonicMs: () => Date.now() };
const message: PassingMessage = { direction: 'out', leg: 'request', route: 'wrap', bytes: 1_000 };
let engine: FaultEngine;
let edge: FaultEdge;
let unit: number;
let arrived: string[];
let injected: string[];

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  [unit, arrived, injected] = [0, [], []];
  engine = new FaultEngine({
    self: { zone: 'south-1', service: 'gateway' },
    clock,
    random: { unit: () => unit },
    injected: (kind, leg) => injected.push(`${kind} ${leg}`),
  });
  edge = engine.edge({ zone: 'south-2', service: 'key-manager' });
});
afterEach(() => vi.useRealTimers());

let ids = 0;
function rule(action: FaultAction, more: Partial<FaultRule> = {}): FaultRule {
  return {
    id: `f-${String((ids += 1)).padStart(8, '0')}`,
    ...{ from: {}, to: {}, legs: 'both', action, percent: 100, end: 'sender', reason: 'a test' },
    startedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
    ...more,
  };
}

function pass(name: string, more: Partial<PassingMessage> = {}): void {
  edge.pass(
    { ...message, ...more },
    {
      deliver: () => arrived.push(name),
      cut: (reason) => arrived.push(`${name} ${reason}`),
      fail: ({ code }) => arrived.push(`${name} ${code}`),
    },
  );
}

describe('without a rule', () => {
  it('everything passes at once', () => {
    pass('one');
    expect(arrived).toEqual(['one']);
  });
});

describe('a delay', () => {
  it('holds each message as long as it says', () => {
    engine.adopt([rule({ kind: 'delay', delayMs: 200 })]);
    pass('one');
    vi.advanceTimersByTime(150);
    pass('two');
    expect(arrived).toEqual([]);
    vi.advanceTimersByTime(50);
    expect(arrived).toEqual(['one']);
    vi.advanceTimersByTime(150);
    expect(arrived).toEqual(['one', 'two']);
    expect(injected).toEqual(['delay request', 'delay request']);
  });

  it('keeps the order of what it holds, whatever the jitter', () => {
    engine.adopt([rule({ kind: 'delay', delayMs: 100, jitterMs: 100 })]);
    unit = 0.9;
    pass('late');
    unit = 0;
    pass('early');
    vi.advanceTimersByTime(189);
    expect(arrived).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(arrived).toEqual(['late', 'early']);
  });

  it('lets pass what it does not hit, and holds each direction by itself', () => {
    engine.adopt([rule({ kind: 'delay', delayMs: 100 }, { routes: ['wrap'] })]);
    pass('held');
    pass('free', { route: 'ping' });
    expect(arrived).toEqual(['free']);
  });

  it('adds to another delay', () => {
    engine.adopt([rule({ kind: 'delay', delayMs: 100 }), rule({ kind: 'delay', delayMs: 50 })]);
    pass('one');
    vi.advanceTimersByTime(149);
    expect(arrived).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(arrived).toEqual(['one']);
  });

  it('lets go what it holds when it ends', () => {
    engine.adopt([rule({ kind: 'delay', delayMs: 10_000 })]);
    pass('one');
    engine.adopt([]);
    expect(arrived).toEqual(['one']);
  });

  it('goes on holding what it held when another rule begins', () => {
    const first = rule({ kind: 'delay', delayMs: 100 });
    engine.adopt([first]);
    pass('one');
    // As read from its file anew.
    engine.adopt([structuredClone(first), rule({ kind: 'reset' }, { routes: ['other'] })]);
    expect(arrived).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(arrived).toEqual(['one']);
  });

  it('delivers nothing on a connection that is gone', () => {
    engine.adopt([rule({ kind: 'delay', delayMs: 100 })]);
    pass('one');
    edge.close();
    vi.advanceTimersByTime(1_000);
    engine.adopt([]);
    expect(arrived).toEqual([]);
  });

  it('cuts a connection for which far too much is held', () => {
    engine.adopt([rule({ kind: 'delay', delayMs: 60_000 })]);
    for (let count = 0; count < 8_192; count += 1) pass('one');
    expect(arrived).toEqual([]);
    pass('last');
    expect(arrived).toEqual(['last too much is held back by faults']);
  });
});

describe('bandwidth', () => {
  it('lets through so many bytes each second, and a tenth of that at once', () => {
    engine.adopt([rule({ kind: 'bandwidth', bytesPerSecond: 10_000 })]);
    for (let count = 0; count < 11; count += 1) pass(`${count}`);
    vi.advanceTimersByTime(0);
    expect(arrived).toEqual(['0']);
    vi.advanceTimersByTime(500);
    expect(arrived).toHaveLength(6);
    vi.advanceTimersByTime(500);
    expect(arrived).toHaveLength(11);
  });
});

describe('a rule', () => {
  it('ends by the clock, although nobody takes it away', () => {
    engine.adopt([rule({ kind: 'black-hole' })]);
    pass('lost');
    vi.advanceTimersByTime(60_000);
    pass('arrives');
    expect(arrived).toEqual(['arrives']);
  });

  it('is applied in the process of the end it names, and of Redis in this one', () => {
    engine.adopt([rule({ kind: 'reset' }, { end: 'receiver' })]);
    pass('sent');
    pass('received', { direction: 'in', leg: 'reply' });
    edge = engine.edge({ zone: 'south-2', service: 'redis' });
    pass('to redis');
    expect(arrived).toEqual([
      'sent',
      expect.stringMatching(/^received cut/),
      expect.stringMatching(/^to redis cut/),
    ]);
  });

  it('that aborts answers requests with its code', () => {
    engine.adopt([rule({ kind: 'abort', code: 'SEALED' })]);
    pass('one');
    expect(arrived).toEqual(['one SEALED']);
    expect(injected).toEqual(['abort request']);
  });
});
