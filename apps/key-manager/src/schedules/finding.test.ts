// How due keys are found: in whichever instance, on whichever page, by a clock that was set; and what looking costs while nothing
// is due.
import { beforeEach, describe, expect, it } from 'vitest';
import type { RegisterStore } from '@zonehold/caspaxos';
import { packSummary, summaryOf } from '@zonehold/key-domain';
import { systemRandom } from '@zonehold/primitives';
import { createMemoryStore } from '@zonehold/testkit';
import { keyRegister } from '../key-repository.ts';
import { admin, makeKey } from '../testing/key-managers.ts';
import { ScheduledRegion } from '../testing/scheduled-region.ts';
import { openScheduler } from '../testing/schedules.ts';

const dayMs = 86_400_000;

let region: ScheduledRegion;

beforeEach(async () => {
  region = await ScheduledRegion.start();
});

describe('what is due is found', () => {
  it('within a tick when the clock is set forward', async () => {
    let aheadMs = 0;
    const { clock } = region.test;
    const settable = {
      wallMs: () => clock.wallMs() + aheadMs,
      monotonicMs: () => clock.monotonicMs(),
    };
    const zone = region.schedulers[0].zone;
    const scheduler = openScheduler({ ...region.test, clock: settable, zone });
    await scheduler.controller.tick();
    const keyId = await region.monthlyKey();
    await scheduler.controller.tick();
    aheadMs = 31 * dayMs;
    await scheduler.controller.tick();
    expect(await region.versionsOf(keyId)).toBe(2);
  });

  it('in its time, although the clock was ahead for a while and set back in the middle of the work', async () => {
    let aheadMs = 0;
    const { clock } = region.test;
    const settable = {
      wallMs: () => clock.wallMs() + aheadMs,
      monotonicMs: () => clock.monotonicMs(),
    };
    /** The clock is set back when what was found due is looked up. */
    const settingBack = (store: RegisterStore): RegisterStore => ({
      read: (ids, deadline) => {
        aheadMs = 0;
        return store.read(ids, deadline);
      },
      list: (scope, deadline) => store.list(scope, deadline),
      scan: (prefix, deadline) => store.scan(prefix, deadline),
      reseal: (id, deadline) => store.reseal(id, deadline),
      zones: () => store.zones(),
      close: () => store.close(),
      change: (id, change, deadline) => store.change(id, change, deadline),
    });
    const { zone } = region.schedulers[0];
    const options = { ...region.test, clock: settable, zone, decorate: settingBack };
    const scheduler = openScheduler(options);
    // More than are under way at once: the clock is set back when the first are looked up.
    const keyIds = await Promise.all(Array.from({ length: 12 }, () => region.monthlyKey()));
    await region.settle([scheduler]);
    // Each tick asks another voter.
    const tickAhead = async (): Promise<void> => {
      aheadMs = 31 * dayMs;
      await scheduler.controller.tick();
      aheadMs = 0;
    };
    await tickAhead();
    await tickAhead();
    await tickAhead();
    expect(await scheduler.counted('rotate', 'overtaken')).toBeGreaterThan(0);
    await region.settle([scheduler]);
    clock.advance(30 * dayMs);
    await region.settle([scheduler]);
    for (const keyId of keyIds) expect(await region.versionsOf(keyId)).toBe(2);
  });

  it('without asking anybody anything while nothing can be due', async () => {
    const [first] = region.schedulers;
    await region.monthlyKey();
    await region.settle([first]);
    const { count } = first.pages;
    for (let second = 0; second < 20; second += 1) {
      await first.controller.tick();
      region.test.clock.advance(1_000);
    }
    // At most one look at the instances and one at this instance fall into these seconds.
    expect(first.pages.count - count).toBeLessThanOrEqual(2);
  });

  it('in lists of many pages', async () => {
    const keyIds = await Promise.all(Array.from({ length: 300 }, () => makeKey(region.test)));
    await region.setMonthly(keyIds[7]!);
    await region.setMonthly(keyIds[290]!);
    region.test.clock.advance(30 * dayMs);
    await region.tickAll();
    expect([await region.versionsOf(keyIds[7]!), await region.versionsOf(keyIds[290]!)]).toEqual([
      2, 2,
    ]);
    expect(await region.total('rotate', 'done')).toBe(2);
  });

  it('in an instance that was made while the key-managers were running', async () => {
    await region.settle();
    const { instanceId } = await admin<'create-instance'>(region.test.here, {
      kind: 'create-instance',
      name: 'later',
    });
    const manager = await admin<'create-api-key'>(region.test.here, {
      kind: 'create-api-key',
      name: 'later',
      grants: [{ instanceId, roles: ['Manager'] }],
    });
    region.test = { ...region.test, instanceId, manager };
    const keyId = await region.monthlyKey();
    region.test.clock.advance(30 * dayMs);
    await region.settle();
    expect(await region.versionsOf(keyId)).toBe(2);
  });

  it('in instances and keys that were made before lists held dates', async () => {
    const keyId = await region.monthlyKey();
    await forgetDates(keyId);
    region.test.clock.advance(40 * dayMs);
    await region.settle();
    expect(await region.versionsOf(keyId)).toBe(2);
    expect(await region.total('date', 'done')).toBe(1);
  });

  /** The key's line and the index of instances as they were before there was work by date. */
  async function forgetDates(keyId: string): Promise<void> {
    const { clock, memory, instanceId } = region.test;
    const store = createMemoryStore({ clock, random: systemRandom, region: memory });
    const key = await region.keyOf(keyId);
    const packed = JSON.parse(packSummary(summaryOf(key))) as object;
    const summary = JSON.stringify({ ...packed, t: undefined });
    const decision = { kind: 'write', value: JSON.stringify(key), summary, result: 0 } as const;
    await store.change(keyRegister(instanceId, keyId), () => decision, region.soon());
    const unlisted = { kind: 'write', value: '{}', summary: null, result: 0 } as const;
    await store.change({ scope: 'instances', name: instanceId }, () => unlisted, region.soon());
  }
});
