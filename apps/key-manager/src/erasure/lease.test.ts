import { beforeEach, describe, expect, it } from 'vitest';
import type { RegisterStore } from '@zonehold/caspaxos';
import { Deadline, ManualClock, systemRandom } from '@zonehold/primitives';
import { createMemoryStore, wholeList } from '@zonehold/testkit';
import { leaseMs, takeLease } from './lease.ts';

const id = { scope: 'erasure', name: 'lease' } as const;

let clock: ManualClock;
let store: RegisterStore;
beforeEach(() => {
  clock = new ManualClock();
  store = createMemoryStore({ clock, random: systemRandom });
});

const take = (holder: string, nowMs = clock.wallMs()): Promise<boolean> =>
  takeLease(store, id, holder, nowMs, Deadline.after(clock, 1_000));
const ballot = async () => (await store.read([id], Deadline.after(clock, 1_000)))[0]?.ballot;

describe('a lease', () => {
  it('is for the one who asked first, until it runs out', async () => {
    expect(await take('a')).toBe(true);
    expect(await take('b')).toBe(false);
    clock.advance(leaseMs - 1);
    expect(await take('b')).toBe(false);
    clock.advance(1);
    expect(await take('b')).toBe(true);
    expect(await take('a')).toBe(false);
  });

  it('is written again only when less than half of it is left', async () => {
    await take('a');
    const first = await ballot();
    clock.advance(leaseMs / 2 - 1);
    expect(await take('a')).toBe(true);
    expect(await ballot()).toBe(first);
    clock.advance(1);
    expect(await take('a')).toBe(true);
    expect(await ballot()).not.toBe(first);
  });

  it('of a holder whose clock was far ahead does not last longer than any other', async () => {
    await take('a', clock.wallMs() + 24 * 3_600_000);
    expect(await take('b')).toBe(true);
  });

  it('appears in no list', async () => {
    await take('a');
    const view = await store.list('erasure', Deadline.after(clock, 1_000));
    expect(wholeList(view)).toEqual([]);
  });
});
