import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, SeededRandom } from '@zonehold/primitives';
import { addFault, clearFaults, listFaults, readFaults } from './directory.ts';
import { faultRulesMax, isInForce, type FaultSpec } from './rule.ts';

let dir: string;
let clock: ManualClock;
let random: SeededRandom;
const minuteMs = 60_000;
const spec: FaultSpec = {
  from: { zone: 'south-1' },
  action: { kind: 'delay', delayMs: 200 },
  reason: 'a test',
  lastsMs: 5 * minuteMs,
};

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'faults-'));
  clock = new ManualClock();
  random = new SeededRandom(1);
});
afterEach(() => rm(dir, { recursive: true }));

async function add(more: Partial<FaultSpec> = {}): Promise<string> {
  const added = await addFault(dir, { ...spec, ...more }, clock, random);
  if (!added.ok) throw new Error(added.problems.join(' '));
  return added.rule.id;
}

describe('the directory of faults', () => {
  it('holds a rule as it was asked for, with its defaults and its end', async () => {
    const id = await add();
    expect(id).toMatch(/^f-[0-9a-f]{8}$/);
    expect(await listFaults(dir, clock)).toEqual([
      {
        id,
        from: { zone: 'south-1' },
        to: {},
        legs: 'both',
        action: { kind: 'delay', delayMs: 200 },
        percent: 100,
        end: 'sender',
        reason: 'a test',
        startedAt: '2026-01-01T00:00:00.000Z',
        expiresAt: '2026-01-01T00:05:00.000Z',
      },
    ]);
    expect(await readdir(dir)).toEqual([`${id}.json`]);
  });

  it.each<[string, Partial<FaultSpec>, string]>([
    ['without an end', { lastsMs: undefined as unknown as number }, 'lastsMs'],
    ['for more than an hour', { lastsMs: 61 * minuteMs }, 'lastsMs'],
    ['of no percent', { percent: 0 }, 'percent'],
    ['without a reason', { reason: ' ' }, 'reason'],
    [
      'that aborts replies',
      { action: { kind: 'abort', code: 'UNAVAILABLE' }, legs: 'reply' },
      'legs',
    ],
    ['with a star within a route', { routes: ['a*b'] }, 'routes'],
    ['of an unknown service', { to: { service: 'disk' as 'redis' } }, 'to.service'],
    ["with a member of nobody's", { wrong: 1 } as Partial<FaultSpec>, 'wrong'],
  ])('refuses a rule %s, by name, and writes nothing', async (_what, more, named) => {
    const added = await addFault(dir, { ...spec, ...more }, clock, random);
    expect(added.ok ? '' : added.problems.join(' ')).toContain(named);
    expect(await readdir(dir)).toEqual([]);
  });

  it('lists nothing that is over, and removes its file', async () => {
    await add({ lastsMs: minuteMs });
    const lasting = await add();
    clock.advance(minuteMs);
    expect((await listFaults(dir, clock)).map(({ id }) => id)).toEqual([lasting]);
    expect(await readdir(dir)).toEqual([`${lasting}.json`]);
  });

  it('holds 64 rules and no more, until one is over', async () => {
    for (let count = 0; count < faultRulesMax; count += 1) await add({ lastsMs: minuteMs });
    expect(await addFault(dir, spec, clock, random)).toMatchObject({ ok: false });
    clock.advance(minuteMs);
    expect(await addFault(dir, spec, clock, random)).toMatchObject({ ok: true });
  });

  it('ends a rule by its id, the rules of a scenario, or all', async () => {
    const one = await add();
    const story = [await add({ scenario: 'gray-zone' }), await add({ scenario: 'gray-zone' })];
    const other = await add({ scenario: 'slow-disk' });
    expect(await clearFaults(dir, { id: one })).toEqual([one]);
    expect(await clearFaults(dir, { id: one })).toEqual([]);
    expect([...(await clearFaults(dir, { scenario: 'gray-zone' }))].sort()).toEqual(story.sort());
    expect((await listFaults(dir, clock)).map(({ id }) => id)).toEqual([other]);
    await writeFile(join(dir, 'f-broken.json'), '{');
    expect(await clearFaults(dir, 'all')).toEqual([other]);
    expect(await readdir(dir)).toEqual([]);
  });

  it('names files that are no rules, and goes by the others', async () => {
    const id = await add();
    await writeFile(join(dir, 'f-00000000.json'), JSON.stringify({ id: 'f-00000001' }));
    const { rules, unreadable } = await readFaults(dir);
    expect(rules.map((rule) => rule.id)).toEqual([id]);
    expect(unreadable).toEqual(['f-00000000.json']);
  });

  it('rejects where there is no directory: the region was started without faults', async () => {
    await expect(addFault(join(dir, 'none'), spec, clock, random)).rejects.toThrow('ENOENT');
  });
});

describe('a rule', () => {
  it('is in force until its end, and not while its end is more than an hour ahead', () => {
    const expiresAt = '2026-01-01T01:00:00.000Z';
    const endMs = Date.parse(expiresAt);
    expect(isInForce({ expiresAt }, endMs - 1)).toBe(true);
    expect(isInForce({ expiresAt }, endMs)).toBe(false);
    expect(isInForce({ expiresAt }, endMs - 60 * minuteMs)).toBe(true);
    expect(isInForce({ expiresAt }, endMs - 60 * minuteMs - 1)).toBe(false);
  });
});
