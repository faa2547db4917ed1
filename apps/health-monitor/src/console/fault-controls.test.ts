// The console's faults: orders become rules of a directory, and every rule of the directory is shown.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addFault, faultSpecSchema, listFaults } from '@zonehold/faults';
import { ManualClock, SeededRandom } from '@zonehold/primitives';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectoryFaults } from './fault-controls.ts';
import { presetViews, specsOf } from './fault-presets.ts';
import { testZones } from './test-state.ts';

let dir: string;
const clock = new ManualClock();
const random = new SeededRandom(3);
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'console-faults-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const order = { preset: 'cut-off', zone: 'south-2', reason: 'rehearsal', lengthMs: 60_000 };
const open = (): DirectoryFaults => new DirectoryFaults(dir, { zones: testZones, clock, random });

describe('the presets', () => {
  it.each(presetViews.map(({ name }) => name))(
    '%s is made of sound rules with an end',
    (preset) => {
      const specs = specsOf({ ...order, preset }, testZones);
      expect(specs?.length).toBeGreaterThan(0);
      for (const spec of specs ?? []) {
        expect(faultSpecSchema.safeParse(spec).success).toBe(true);
        expect(spec).toMatchObject({ lastsMs: 60_000, reason: 'rehearsal' });
      }
    },
  );

  it('cut a zone off in both directions, and leave it whole inside', () => {
    const ways = specsOf(order, testZones)?.map(({ from, to }) => `${from?.zone} > ${to?.zone}`);
    expect(ways?.toSorted()).toEqual([
      ...['south-1 > south-2', 'south-2 > south-1', 'south-2 > south-3', 'south-3 > south-2'],
    ]);
  });

  it.each([
    { ...order, preset: 'earthquake' },
    { ...order, preset: 'constructor' },
    { ...order, zone: 'north-1' },
  ])('are these and no others, for zones that there are: %j', async (unknown) => {
    expect(await open().add(unknown)).toContain('There is no fault');
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('faults of the console', () => {
  it('are refused as a whole: what does not fit leaves nothing in force', async () => {
    const spec = specsOf(order, testZones)?.[0];
    for (let count = 0; count < 62; count += 1)
      await addFault(dir, faultSpecSchema.parse(spec), clock, random);
    expect(await open().add(order)).toContain('64 rules already');
    expect(await listFaults(dir, clock)).toHaveLength(62);
  });

  it('lie in the directory at once, are shown with their end, and go one by one or all together', async () => {
    const faults = open();
    expect(await faults.add(order)).toBeUndefined();
    expect(await listFaults(dir, clock)).toHaveLength(4);
    const shown = faults.list();
    expect(shown).toHaveLength(4);
    expect(shown[0]).toMatchObject({ reason: 'rehearsal', endsAt: '2026-01-01T00:01:00.000Z' });
    expect(await faults.clear(shown[0]?.id)).toBeUndefined();
    expect(faults.list()).toHaveLength(3);
    expect(await faults.clear('f-00000000')).toBe('There is no fault f-00000000.');
    expect(await faults.clear(undefined)).toBeUndefined();
    expect(faults.list()).toEqual([]);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('are shown also when somebody else made them', async () => {
    const faults = open();
    const spec = { action: { kind: 'reset' }, reason: 'from a terminal', lastsMs: 1_000 } as const;
    await addFault(dir, spec, clock, random);
    await faults.look();
    expect(faults.list()).toMatchObject([{ reason: 'from a terminal' }]);
  });

  it('are refused with a sentence when the directory is gone', async () => {
    rmSync(dir, { recursive: true });
    expect(await open().add(order)).toBe('The directory of faults cannot be used (ENOENT).');
    expect(await open().clear(undefined)).toContain('ENOENT');
  });
});
