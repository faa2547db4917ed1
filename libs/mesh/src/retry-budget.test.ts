// The retry budget against a clock that the test moves.
import { describe, expect, it } from 'vitest';
import { ManualClock } from '@zonehold/primitives';
import { RetryBudget, retryBudgetDefaults } from './retry-budget.ts';

function takeAll(budget: RetryBudget): number {
  let taken = 0;
  while (taken < 10_000 && budget.take()) taken += 1;
  return taken;
}

describe('the retry budget', () => {
  it('gives ten retries a second to a client that hardly calls', () => {
    expect(takeAll(new RetryBudget(retryBudgetDefaults, new ManualClock()))).toBe(100);
  });

  it('gives a fifth of the calls on top', () => {
    const budget = new RetryBudget(retryBudgetDefaults, new ManualClock());
    for (let call = 0; call < 1_000; call += 1) budget.called();
    expect(takeAll(budget)).toBe(300);
  });

  it('forgets calls and retries after ten seconds, second by second', () => {
    const clock = new ManualClock();
    const budget = new RetryBudget(retryBudgetDefaults, clock);
    for (let call = 0; call < 1_000; call += 1) budget.called();
    clock.advance(5_000);
    expect(takeAll(budget)).toBe(300);
    clock.advance(5_000);
    // The calls are forgotten, the 300 retries are not: nothing is left.
    expect(takeAll(budget)).toBe(0);
    clock.advance(5_000);
    expect(takeAll(budget)).toBe(100);
  });

  it('starts afresh after an idle hour', () => {
    const clock = new ManualClock();
    const budget = new RetryBudget(retryBudgetDefaults, clock);
    takeAll(budget);
    clock.advance(3_600_000);
    expect(takeAll(budget)).toBe(100);
  });
});
