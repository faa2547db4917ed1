import { describe, expect, it, vi } from 'vitest';
import { KmsError, type Random } from '@zonehold/primitives';
import { createLog } from '@zonehold/telemetry';
import { runRounds } from './run-rounds.ts';

const log = createLog({ service: 'key-manager', zone: 'test', region: 'test', level: 'silent' });
/** The shortest pauses there are. */
const random: Random = { unit: () => 0, bytes: (length) => new Uint8Array(length) };

describe('background work', () => {
  it('goes on after a round that found no zone, and ends when the process does', async () => {
    vi.useFakeTimers();
    const stopping = new AbortController();
    let rounds = 0;
    const round = async (): Promise<void> => {
      rounds += 1;
      if (rounds === 2) throw new KmsError('UNAVAILABLE', 'no zone');
    };
    const run = runRounds({
      ...{ round, log, random, signal: stopping.signal },
      ...{ intervalMs: 1_000, waitingEvent: 'test.waiting' },
    });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(rounds).toBe(4);
    stopping.abort();
    await run;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(rounds).toBe(4);
    vi.useRealTimers();
  });
});
