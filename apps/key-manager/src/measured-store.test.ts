import { describe, expect, it } from 'vitest';
import { Deadline, ManualClock, systemRandom } from '@zonehold/primitives';
import { createMemoryStore } from '@zonehold/testkit';
import { measureChanges } from './measured-store.ts';

describe('a measured store', () => {
  it('observes each change in seconds, a failed one too, and changes nothing about it', async () => {
    const clock = new ManualClock();
    const seconds: number[] = [];
    const real = createMemoryStore({ clock, random: systemRandom });
    const store = measureChanges(real, { observe: (value) => seconds.push(value) }, clock);
    const id = { scope: 'scope', name: 'name' };
    const deadline = Deadline.after(clock, 60_000);
    await store.change(
      id,
      () => {
        clock.advance(2_000);
        return { kind: 'write', value: 'value', summary: null, result: undefined };
      },
      deadline,
    );
    await expect(
      store.change(
        id,
        () => {
          throw new Error('a bug');
        },
        deadline,
      ),
    ).rejects.toThrow('a bug');
    expect((await store.read([id], deadline))[0]?.value).toBe('value');
    expect(seconds).toHaveLength(2);
    expect(seconds[0]).toBeGreaterThanOrEqual(2);
  });
});
