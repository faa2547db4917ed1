import { describe, expect, it, vi } from 'vitest';
import { KmsError, type Random } from '@zonehold/primitives';
import { createLog } from '@zonehold/telemetry';
import { restUntil, runSchedules } from './run-schedules.ts';

const log = createLog({ service: 'key-manager', zone: 'test', region: 'test', level: 'silent' });
/** The shortest pauses there are. */
const random: Random = { unit: () => 0, bytes: (length) => new Uint8Array(length) };

describe('the work by date', () => {
  it('goes on after a tick that found no zone, and ends when the process does', async () => {
    vi.useFakeTimers();
    const stopping = new AbortController();
    let ticks = 0;
    const tick = async (): Promise<void> => {
      ticks += 1;
      if (ticks === 2) throw new KmsError('UNAVAILABLE', 'no zone');
    };
    const run = runSchedules({ controller: { tick }, log, random, signal: stopping.signal });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ticks).toBe(4);
    stopping.abort();
    await run;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ticks).toBe(4);
    vi.useRealTimers();
  });

  it('rests nine times as long as it has worked, a second at most, and not when the process ends', async () => {
    vi.useFakeTimers();
    const stopping = new AbortController();
    const rest = restUntil(stopping.signal);
    const rested: string[] = [];
    void rest(20).then(() => rested.push('short'));
    void rest(5_000).then(() => rested.push('long'));
    await vi.advanceTimersByTimeAsync(179);
    expect(rested).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(rested).toEqual(['short']);
    await vi.advanceTimersByTimeAsync(820);
    expect(rested).toEqual(['short', 'long']);
    const last = rest(5_000).then(() => rested.push('cut'));
    stopping.abort();
    await last;
    vi.useRealTimers();
  });
});
