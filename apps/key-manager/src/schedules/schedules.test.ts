// Work by date through real key-managers' parts over a region in memory: what is due is done once, whoever else tries, whatever
// breaks in between.
import { beforeEach, describe, expect, it } from 'vitest';
import type { RegisterStore } from '@zonehold/caspaxos';
import { packSummary, summaryOf, type Key, type KeyRecord } from '@zonehold/key-domain';
import { Deadline, KmsError, systemRandom } from '@zonehold/primitives';
import { createMemoryStore } from '@zonehold/testkit';
import { keyRegister, livingKey } from '../key-repository.ts';
import {
  admin,
  makeKey,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestRegion,
} from '../testing/key-managers.ts';
import { openScheduler, zonesByRank, type TestScheduler } from '../testing/schedules.ts';
import { lookIntervalMs, takeOverAfterMs } from './watched-instance.ts';

const dayMs = 86_400_000;

let test: TestRegion;
/** In the order of their turn for the test's instance. */
let schedulers: readonly [TestScheduler, TestScheduler, TestScheduler];

beforeEach(async () => {
  test = await startRegion();
  const [one = '', two = '', three = ''] = zonesByRank(test.memory, test.instanceId);
  schedulers = [open(one), open(two), open(three)];
});

function open(zone: string, decorate?: (store: RegisterStore) => RegisterStore): TestScheduler {
  return openScheduler({ ...test, zone, ...(decorate && { decorate }) });
}

const soon = () => Deadline.after(test.clock, 5_000);

async function recordOf(keyId: string): Promise<KeyRecord | undefined> {
  const [record] = await test.here.operations.keys.read(test.instanceId, [keyId], soon());
  return record;
}

async function keyOf(keyId: string): Promise<Key> {
  const key = livingKey(await recordOf(keyId));
  if (key === undefined) throw new Error('the key is gone');
  return key;
}

const versionsOf = async (keyId: string): Promise<number> => (await keyOf(keyId)).versions.length;

const on = (keyRef: string, operation: Parameters<typeof requestOf>[1], members = {}) =>
  send(test.here, requestOf(test, operation, { keyRef, ...members }));

async function setMonthly(keyId: string, isEnabled = true): Promise<void> {
  const body = { rotation: { isEnabled, intervalMonths: 1 } };
  succeeded(await on(keyId, 'putPolicy', { body, query: {} }));
}

async function monthlyKey(): Promise<string> {
  const keyId = await makeKey(test);
  await setMonthly(keyId);
  return keyId;
}

const tickAll = () => Promise.all(schedulers.map(({ controller }) => controller.tick()));

/** Ticks all key-managers, one second after the other, for long enough that each zone has had its turn. */
async function settle(ones: readonly TestScheduler[] = schedulers): Promise<void> {
  const steps = (3 * takeOverAfterMs + 2 * lookIntervalMs) / 10_000;
  for (let step = 0; step < steps; step += 1) {
    await Promise.all(ones.map(({ controller }) => controller.tick()));
    test.clock.advance(10_000);
  }
}

async function total(kind: 'rotate' | 'expire' | 'purge' | 'date', outcome: 'done' | 'overtaken') {
  const counts = await Promise.all(schedulers.map((one) => one.counted(kind, outcome)));
  return counts.reduce((sum, count) => sum + count, 0);
}

describe('a key with a rotation policy', () => {
  it('rotates on its day, by the key-manager whose turn it is, and every month after', async () => {
    const keyId = await monthlyKey();
    await tickAll();
    test.clock.advance(30 * dayMs - 1);
    await tickAll();
    expect(await versionsOf(keyId)).toBe(1);
    test.clock.advance(1);
    await tickAll();
    expect(await versionsOf(keyId)).toBe(2);
    expect(await schedulers[0].counted('rotate', 'done')).toBe(1);
    test.clock.advance(30 * dayMs);
    await tickAll();
    expect(await versionsOf(keyId)).toBe(3);
    expect((await keyOf(keyId)).lastRotatedAtMs).toBe(test.clock.wallMs());
  });

  it('rotates once when all key-managers are late for it at the same moment, again and again', async () => {
    const keyIds = await Promise.all(Array.from({ length: 20 }, monthlyKey));
    await tickAll();
    test.clock.advance(31 * dayMs);
    await tickAll();
    test.clock.advance(3 * takeOverAfterMs);
    await Promise.all([tickAll(), tickAll(), tickAll()]);
    await settle();
    for (const keyId of keyIds) expect(await versionsOf(keyId)).toBe(2);
    expect(await total('rotate', 'done')).toBe(20);
  });

  it('wraps with the new version and unwraps what the old one wrapped', async () => {
    const keyId = await monthlyKey();
    const plaintext = Buffer.from('a data key').toString('base64');
    const wrapped = succeeded(await on(keyId, 'wrapKey', { body: { plaintext, aad: [] } })).body;
    test.clock.advance(30 * dayMs);
    await tickAll();
    const body = { ciphertext: wrapped.ciphertext, aad: [] };
    const unwrapped = succeeded(await on(keyId, 'unwrapKey', { body })).body;
    expect(unwrapped.plaintext).toBe(plaintext);
    expect(unwrapped.rewrappedKeyVersion.id).toBe((await keyOf(keyId)).versions[0].versionId);
  });

  it('rotates a month after a rotation by hand, and not before', async () => {
    const keyId = await monthlyKey();
    test.clock.advance(29 * dayMs);
    succeeded(await on(keyId, 'rotateKey'));
    test.clock.advance(29 * dayMs);
    await settle();
    expect(await versionsOf(keyId)).toBe(2);
    test.clock.advance(dayMs);
    await tickAll();
    expect(await versionsOf(keyId)).toBe(3);
  });

  it('does not rotate while the policy or the key is disabled, and does when it is enabled again', async () => {
    const [byPolicy, byState] = [await monthlyKey(), await monthlyKey()];
    await setMonthly(byPolicy, false);
    succeeded(await on(byState, 'disableKey'));
    test.clock.advance(100 * dayMs);
    await settle();
    expect([await versionsOf(byPolicy), await versionsOf(byState)]).toEqual([1, 1]);
    await setMonthly(byPolicy);
    succeeded(await on(byState, 'enableKey'));
    await settle();
    expect([await versionsOf(byPolicy), await versionsOf(byState)]).toEqual([2, 2]);
  });

  it('makes up for an outage of a year with one rotation', async () => {
    const keyId = await monthlyKey();
    test.clock.advance(365 * dayMs);
    await settle();
    expect(await versionsOf(keyId)).toBe(2);
  });
});

describe('without one of the zones', () => {
  it('keys rotate although its Redis and its key-manager are gone', async () => {
    const keyId = await monthlyKey();
    await tickAll();
    test.memory.host(schedulers[0].zone).isUp = false;
    test.clock.advance(30 * dayMs);
    await settle(schedulers.slice(1));
    expect(await versionsOf(keyId)).toBe(2);
    test.memory.host(schedulers[0].zone).isUp = true;
    await settle();
    expect(await versionsOf(keyId)).toBe(2);
  });

  it('the next one takes its place after a minute, and not at once', async () => {
    const keyId = await monthlyKey();
    const [, second, third] = schedulers;
    const tickOthers = () => Promise.all([second, third].map((one) => one.controller.tick()));
    await tickOthers();
    test.clock.advance(31 * dayMs);
    await tickOthers();
    expect(await versionsOf(keyId)).toBe(1);
    expect(await second.oldestDueSeconds()).toBe(86_400);
    test.clock.advance(1.5 * takeOverAfterMs);
    await tickOthers();
    expect(await versionsOf(keyId)).toBe(2);
    expect(await second.counted('rotate', 'done')).toBe(1);
    expect(await second.oldestDueSeconds()).toBe(0);
  });

  it('a key is found that the voter who is asked first has missed', async () => {
    const [first] = schedulers;
    for (const { zone } of test.memory.hosts) {
      test.memory.host(zone).isUp = false;
      await monthlyKey();
      test.memory.host(zone).isUp = true;
    }
    test.clock.advance(30 * dayMs);
    await settle([first]);
    expect(await first.counted('rotate', 'done')).toBe(3);
  });
});

describe('a key-manager that breaks off', () => {
  type Cut = 'before' | 'after';

  /** The store, whose first change of the key's register is cut off before or after it took effect. */
  const cutting =
    (keyId: string, cut: Cut) =>
    (store: RegisterStore): RegisterStore => {
      let isCut = false;
      return {
        read: (ids, deadline) => store.read(ids, deadline),
        list: (scope, deadline) => store.list(scope, deadline),
        scan: (prefix, deadline) => store.scan(prefix, deadline),
        reseal: (id, deadline) => store.reseal(id, deadline),
        zones: () => store.zones(),
        close: () => store.close(),
        change: async (id, change, deadline) => {
          const isMeant = !isCut && id.name === keyRegister(test.instanceId, keyId).name;
          if (!isMeant) return store.change(id, change, deadline);
          isCut = true;
          if (cut === 'after') await store.change(id, change, deadline);
          throw new KmsError(cut === 'after' ? 'OUTCOME_UNKNOWN' : 'UNAVAILABLE', 'cut');
        },
      };
    };

  it.each<Cut>(['before', 'after'])(
    '%s its write leaves one rotation, by another process or by itself',
    async (cut) => {
      for (const isRestarted of [true, false]) {
        const keyId = await monthlyKey();
        test.clock.advance(30 * dayMs);
        const broken = open(schedulers[0].zone, cutting(keyId, cut));
        await broken.controller.tick();
        expect(await broken.counted('rotate', 'failed')).toBe(1);
        expect(await versionsOf(keyId)).toBe(cut === 'after' ? 2 : 1);
        await settle([isRestarted ? open(schedulers[0].zone) : broken]);
        expect(await versionsOf(keyId)).toBe(2);
      }
    },
  );

  it('after the intent to purge leaves a key that is purged all the same', async () => {
    const keyId = await makeKey(test);
    succeeded(await on(keyId, 'deleteKey'));
    test.clock.advance(90 * dayMs);
    const broken = open(schedulers[0].zone, cutting(keyId, 'before'));
    await broken.controller.tick();
    expect(await recordOf(keyId)).toMatchObject({ isPurged: false });
    await settle([open(schedulers[0].zone)]);
    expect(await recordOf(keyId)).toMatchObject({ isPurged: true });
  });

  it('for want of a crypto-worker tries again until there is one', async () => {
    const keyId = await monthlyKey();
    test.clock.advance(30 * dayMs);
    test.crypto.failures.set('sealMaterial', new KmsError('UNAVAILABLE', 'no crypto-worker'));
    await settle();
    expect(await versionsOf(keyId)).toBe(1);
    expect(await schedulers[0].oldestDueSeconds()).toBeGreaterThan(60);
    test.crypto.failures.clear();
    await settle();
    expect(await versionsOf(keyId)).toBe(2);
    expect(await schedulers[0].oldestDueSeconds()).toBe(0);
  });
});

describe('a deleted key', () => {
  it('is purged after ninety days, with the erasure of its material on record', async () => {
    const keyId = await makeKey(test);
    succeeded(await on(keyId, 'deleteKey'));
    await tickAll();
    test.clock.advance(90 * dayMs - 1);
    await tickAll();
    expect(await recordOf(keyId)).toMatchObject({ isPurged: false });
    test.clock.advance(1);
    await tickAll();
    expect(await recordOf(keyId)).toMatchObject({ isPurged: true });
    const pending = await test.here.operations.erasures.list('erasure', soon());
    expect(pending.map(({ name }) => name)).toEqual([`${test.instanceId}/${keyId}`]);
    expect(await total('purge', 'done')).toBe(1);
  });

  it('that was restored in time is left alone', async () => {
    const keyId = await makeKey(test);
    succeeded(await on(keyId, 'deleteKey'));
    test.clock.advance(dayMs);
    succeeded(await on(keyId, 'restoreKey'));
    test.clock.advance(120 * dayMs);
    await settle();
    expect(await keyOf(keyId)).toMatchObject({ state: 1 });
  });
});

describe('a key with an expiration date', () => {
  const expiring = () => makeKey(test, { expiresAtMs: test.clock.wallMs() + dayMs });

  it('is Deactivated in its record too, soon after it is by the clock', async () => {
    const keyId = await expiring();
    await tickAll();
    test.clock.advance(dayMs);
    await tickAll();
    const key = await keyOf(keyId);
    expect(key).toMatchObject({ state: 3, updatedAtMs: key.expiresAtMs });
  });

  it('stays Suspended while it is disabled, and is Deactivated once it is enabled', async () => {
    const keyId = await expiring();
    succeeded(await on(keyId, 'disableKey'));
    test.clock.advance(2 * dayMs);
    await settle();
    expect(await keyOf(keyId)).toMatchObject({ state: 2 });
    succeeded(await on(keyId, 'enableKey'));
    await settle();
    expect(await keyOf(keyId)).toMatchObject({ state: 3 });
  });
});

describe('what is due is found', () => {
  it('within a tick when the clock is set forward', async () => {
    let aheadMs = 0;
    const { clock } = test;
    const settable = {
      wallMs: () => clock.wallMs() + aheadMs,
      monotonicMs: () => clock.monotonicMs(),
    };
    const zone = schedulers[0].zone;
    const scheduler = openScheduler({ ...test, clock: settable, zone });
    await scheduler.controller.tick();
    const keyId = await monthlyKey();
    await scheduler.controller.tick();
    aheadMs = 31 * dayMs;
    await scheduler.controller.tick();
    expect(await versionsOf(keyId)).toBe(2);
  });

  it('without asking anybody anything while nothing can be due', async () => {
    const [first] = schedulers;
    await monthlyKey();
    await settle([first]);
    const { count } = first.pages;
    for (let second = 0; second < 20; second += 1) {
      await first.controller.tick();
      test.clock.advance(1_000);
    }
    // At most one look at the instances and one at this instance fall into these seconds.
    expect(first.pages.count - count).toBeLessThanOrEqual(2);
  });

  it('in lists of many pages', async () => {
    const keyIds = await Promise.all(Array.from({ length: 300 }, () => makeKey(test)));
    await setMonthly(keyIds[7]!);
    await setMonthly(keyIds[290]!);
    test.clock.advance(30 * dayMs);
    await tickAll();
    expect([await versionsOf(keyIds[7]!), await versionsOf(keyIds[290]!)]).toEqual([2, 2]);
    expect(await total('rotate', 'done')).toBe(2);
  });

  it('in an instance that was made while the key-managers were running', async () => {
    await settle();
    const { instanceId } = await admin<'create-instance'>(test.here, {
      kind: 'create-instance',
      name: 'later',
    });
    const manager = await admin<'create-api-key'>(test.here, {
      kind: 'create-api-key',
      name: 'later',
      grants: [{ instanceId, roles: ['Manager'] }],
    });
    test = { ...test, instanceId, manager };
    const keyId = await monthlyKey();
    test.clock.advance(30 * dayMs);
    await settle();
    expect(await versionsOf(keyId)).toBe(2);
  });

  it('in instances and keys that were made before lists held dates', async () => {
    const keyId = await monthlyKey();
    await forgetDates(keyId);
    test.clock.advance(40 * dayMs);
    await settle();
    expect(await versionsOf(keyId)).toBe(2);
    expect(await total('date', 'done')).toBe(1);
  });

  /** The key's line and the index of instances as they were before there was work by date. */
  async function forgetDates(keyId: string): Promise<void> {
    const { clock, memory, instanceId } = test;
    const store = createMemoryStore({ clock, random: systemRandom, region: memory });
    const key = await keyOf(keyId);
    const packed = JSON.parse(packSummary(summaryOf(key))) as object;
    const summary = JSON.stringify({ ...packed, t: undefined });
    const decision = { kind: 'write', value: JSON.stringify(key), summary, result: 0 } as const;
    await store.change(keyRegister(instanceId, keyId), () => decision, soon());
    const unlisted = { kind: 'write', value: '{}', summary: null, result: 0 } as const;
    await store.change({ scope: 'instances', name: instanceId }, () => unlisted, soon());
  }
});
