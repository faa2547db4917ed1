// The two calendars of a deleted key, its material's after 30 days and its own purge after 90, when a clock that was set makes both
// due at once.
import { beforeEach, expect, it } from 'vitest';
import { systemRandom } from '@zonehold/primitives';
import { createMemoryStore } from '@zonehold/testkit';
import { openEraser, TestCaches, TestFiles } from '../testing/erasures.ts';
import { ScheduledRegion } from '../testing/scheduled-region.ts';
import { admin, makeKey, succeeded } from '../testing/key-managers.ts';

const dayMs = 86_400_000;

let region: ScheduledRegion;
let keyId: string;

beforeEach(async () => {
  region = await ScheduledRegion.start();
  keyId = await makeKey(region.test);
  succeeded(await region.on(keyId, 'deleteKey', { query: {} }));
});

const heldMaterial = (): boolean =>
  region.test.memory.hosts.some(({ state }) =>
    JSON.stringify([...state.registers]).includes('sealedMaterial'),
  );

it.each(['the purge first', 'the erasure first', 'both at once'])(
  'they end in one tombstone without material, and nothing is left to erase: %s',
  async (order) => {
    const { memory, clock, here, instanceId } = region.test;
    const files = new TestFiles(memory);
    const zones = memory.hosts.map(({ zone }) => zone);
    const store = createMemoryStore({ clock, random: systemRandom, region: memory });
    const caches = new TestCaches();
    const eraser = openEraser({ store, zones, clock, aof: files, caches });
    clock.advance(91 * dayMs);
    const steps = [() => region.tickAll(), () => eraser.controller.pass()];
    if (order === 'both at once') await Promise.all(steps.map((step) => step()));
    else for (const step of order === 'the purge first' ? steps : steps.toReversed()) await step();
    for (let round = 0; round < 6; round += 1) {
      clock.advance(11 * 60_000);
      await region.tickAll();
      await eraser.controller.pass();
      files.finish();
    }
    expect(await region.recordOf(keyId)).toMatchObject({ isPurged: true });
    expect(heldMaterial()).toBe(false);
    const { erasures } = await admin<'list-erasures'>(here, { kind: 'list-erasures' });
    expect(erasures).toEqual([]);
    expect(eraser.audited.at(-1)).toMatchObject({
      event: 'erasure.done',
      kind: 'purge',
      instanceId,
    });
  },
);
