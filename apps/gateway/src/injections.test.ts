// Injected trouble: which requests it strikes. What clients see of it is dev-mode.test.ts.
import { ManualClock, SeededRandom } from '@zonehold/primitives';
import type { Injection } from '@zonehold/service-host';
import { describe, expect, it } from 'vitest';
import { Injections } from './injections.ts';

const clock = new ManualClock();
const injection: Injection = {
  id: 1,
  route: 'wrapKey',
  status: 503,
  percent: 100,
  untilMs: clock.wallMs() + 1_000,
};
const injectionsOf = (...injections: Injection[]): Injections =>
  new Injections({ controls: () => ({ injections }), clock, random: new SeededRandom(1) });

describe('an injection', () => {
  it('strikes its operation only; with * every one', () => {
    expect(injectionsOf(injection).draw('wrapKey')).toEqual({
      ids: '1',
      latencyMs: 0,
      refusal: { code: 'SERVICE_UNAVAILABLE_ERR' },
    });
    expect(injectionsOf(injection).draw('unwrapKey')).toBeUndefined();
    expect(injectionsOf({ ...injection, route: '*' }).draw('unwrapKey')).toBeDefined();
    expect(injectionsOf().draw('wrapKey')).toBeUndefined();
  });

  it('ends by itself', () => {
    const over = { ...injection, untilMs: clock.wallMs() };
    expect(injectionsOf(over).draw('wrapKey')).toBeUndefined();
  });

  it('strikes about as many requests as it says', () => {
    const some = injectionsOf({ ...injection, percent: 20 });
    const struck = Array.from({ length: 1_000 }, () => some.draw('wrapKey')).filter(Boolean);
    expect(struck.length).toBeGreaterThan(150);
    expect(struck.length).toBeLessThan(250);
  });

  it('adds its delay to that of others; of two refusals the older one counts', () => {
    const slow: Injection = {
      id: 2,
      route: '*',
      percent: 100,
      untilMs: injection.untilMs,
      latencyMs: 20,
    };
    const both: Injection = { ...slow, id: 3, status: 429 };
    expect(injectionsOf(injection, slow, both).draw('wrapKey')).toEqual({
      ids: '1, 2, 3',
      latencyMs: 40,
      refusal: { code: 'SERVICE_UNAVAILABLE_ERR' },
    });
    expect(injectionsOf(slow).draw('wrapKey')).toEqual({ ids: '2', latencyMs: 20 });
  });
});
