// How long a dead service waits.
import { describe, expect, it } from 'vitest';
import { RestartBackoff } from './restart-backoff.ts';

describe('restarts', () => {
  it('wait 0.2 s, then twice as long each time, at most 10 s', () => {
    const backoff = new RestartBackoff();
    const delaysMs = Array.from({ length: 8 }, () => backoff.delayAfterRun(100));
    expect(delaysMs).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  });

  it('begin anew after a run of 10 s', () => {
    const backoff = new RestartBackoff();
    for (let death = 0; death < 5; death += 1) backoff.delayAfterRun(9_999);
    expect(backoff.delayAfterRun(10_000)).toBe(200);
    expect(backoff.delayAfterRun(0)).toBe(400);
  });

  it('begin anew when a person starts the service', () => {
    const backoff = new RestartBackoff();
    backoff.delayAfterRun(0);
    backoff.reset();
    expect(backoff.delayAfterRun(0)).toBe(200);
  });
});
