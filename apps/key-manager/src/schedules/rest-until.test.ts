import { describe, expect, it, vi } from 'vitest';
import { restUntil } from './rest-until.ts';

describe('the work by date', () => {
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
