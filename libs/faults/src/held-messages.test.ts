// Waits that are longer than a timer of Node's can be.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HeldMessages } from './held-messages.ts';
import type { FaultRule } from './rule.ts';

const narrow: FaultRule = {
  ...{ id: 'f-00000001', from: {}, to: {}, legs: 'both', percent: 100, end: 'sender' },
  ...{ action: { kind: 'bandwidth', bytesPerSecond: 1 }, reason: 'a test' },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T00:05:00.000Z' },
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a message that is held for months', () => {
  it('does not wake anybody before the longest timer is over', () => {
    const set = vi.spyOn(globalThis, 'setTimeout');
    const held = new HeldMessages(
      () => performance.now(),
      () => 0,
    );
    held.hold([narrow], 4_500_000, () => undefined);
    expect(set.mock.calls.map(([, delayMs]) => delayMs)).toEqual([2 ** 31 - 1]);
    set.mockRestore();
  });
});
