// Work by date through real key-managers' parts over a region in memory: what is due is done once, whoever else tries, whatever
// breaks in between.
import { beforeEach, describe, expect, it } from 'vitest';
import type { RegisterStore } from '@zonehold/caspaxos';
import { KmsError } from '@zonehold/primitives';
import { keyRegister } from '../key-repository.ts';
import { makeKey, succeeded } from '../testing/key-managers.ts';
import { ScheduledRegion } from '../testing/scheduled-region.ts';
import { takeOverAfterMs } from './watched-instance.ts';

const dayMs = 86_400_000;

let region: ScheduledRegion;

beforeEach(async () => {
  region = await ScheduledRegion.start();
});

describe('a key with a rotation policy', () => {
  it('rotates on its day, by the key-manager whose turn it is, and every month after', async () => {
    const keyId = await region.monthlyKey();
    await region.tickAll();
    region.test.clock.advance(30 * dayMs - 1);
    await region.tickAll();
    expect(await region.versionsOf(keyId)).toBe(1);
    region.test.clock.advance(1);
    await region.tickAll();
    expect(await region.versionsOf(keyId)).toBe(2);
    expect(await region.schedulers[0].counted('rotate', 'done')).toBe(1);
    region.test.clock.advance(30 * dayMs);
    await region.tickAll();
    expect(await region.versionsOf(keyId)).toBe(3);
    expect((await region.keyOf(keyId)).lastRotatedAtMs).toBe(region.test.clock.wallMs());
  });

  it('rotates once when all key-managers are late for it at the same moment, again and again', async () => {
    const keyIds = await Promise.all(Array.from({ length: 20 }, () => region.monthlyKey()));
    await region.tickAll();
    region.test.clock.advance(31 * dayMs);
    await region.tickAll();
    region.test.clock.advance(3 * takeOverAfterMs);
    await Promise.all([region.tickAll(), region.tickAll(), region.tickAll()]);
    await region.settle();
    for (const keyId of keyIds) expect(await region.versionsOf(keyId)).toBe(2);
    expect(await region.total('rotate', 'done')).toBe(20);
  });

  it('wraps with the new version and unwraps what the old one wrapped', async () => {
    const keyId = await region.monthlyKey();
    const plaintext = Buffer.from('a data key').toString('base64');
    const wrapped = succeeded(
      await region.on(keyId, 'wrapKey', { body: { plaintext, aad: [] } }),
    ).body;
    region.test.clock.advance(30 * dayMs);
    await region.tickAll();
    const body = { ciphertext: wrapped.ciphertext, aad: [] };
    const unwrapped = succeeded(await region.on(keyId, 'unwrapKey', { body })).body;
    expect(unwrapped.plaintext).toBe(plaintext);
    expect(unwrapped.rewrappedKeyVersion.id).toBe(
      (await region.keyOf(keyId)).versions[0].versionId,
    );
  });

  it('rotates a month after a rotation by hand, and not before', async () => {
    const keyId = await region.monthlyKey();
    region.test.clock.advance(29 * dayMs);
    succeeded(await region.on(keyId, 'rotateKey'));
    region.test.clock.advance(29 * dayMs);
    await region.settle();
    expect(await region.versionsOf(keyId)).toBe(2);
    region.test.clock.advance(dayMs);
    await region.tickAll();
    expect(await region.versionsOf(keyId)).toBe(3);
  });

  it('does not rotate while the policy or the key is disabled, and does when it is enabled again', async () => {
    const [byPolicy, byState] = [await region.monthlyKey(), await region.monthlyKey()];
    await region.setMonthly(byPolicy, false);
    succeeded(await region.on(byState, 'disableKey'));
    region.test.clock.advance(100 * dayMs);
    await region.settle();
    expect([await region.versionsOf(byPolicy), await region.versionsOf(byState)]).toEqual([1, 1]);
    await region.setMonthly(byPolicy);
    succeeded(await region.on(byState, 'enableKey'));
    await region.settle();
    expect([await region.versionsOf(byPolicy), await region.versionsOf(byState)]).toEqual([2, 2]);
  });

  it('makes up for an outage of a year with one rotation', async () => {
    const keyId = await region.monthlyKey();
    region.test.clock.advance(365 * dayMs);
    await region.settle();
    expect(await region.versionsOf(keyId)).toBe(2);
  });
});

describe('without one of the zones', () => {
  it('keys rotate although its Redis and its key-manager are gone', async () => {
    const keyId = await region.monthlyKey();
    await region.tickAll();
    region.test.memory.host(region.schedulers[0].zone).isUp = false;
    region.test.clock.advance(30 * dayMs);
    await region.settle(region.schedulers.slice(1));
    expect(await region.versionsOf(keyId)).toBe(2);
    region.test.memory.host(region.schedulers[0].zone).isUp = true;
    await region.settle();
    expect(await region.versionsOf(keyId)).toBe(2);
  });

  it('the next one takes its place after a minute, and not at once', async () => {
    const keyId = await region.monthlyKey();
    const [, second, third] = region.schedulers;
    const tickOthers = () => Promise.all([second, third].map((one) => one.controller.tick()));
    await tickOthers();
    region.test.clock.advance(31 * dayMs);
    await tickOthers();
    expect(await region.versionsOf(keyId)).toBe(1);
    expect(await second.oldestDueSeconds()).toBe(86_400);
    region.test.clock.advance(1.5 * takeOverAfterMs);
    await tickOthers();
    expect(await region.versionsOf(keyId)).toBe(2);
    expect(await second.counted('rotate', 'done')).toBe(1);
    expect(await second.oldestDueSeconds()).toBe(0);
  });

  it('a key is found that the voter who is asked first has missed', async () => {
    const [first] = region.schedulers;
    for (const { zone } of region.test.memory.hosts) {
      region.test.memory.host(zone).isUp = false;
      await region.monthlyKey();
      region.test.memory.host(zone).isUp = true;
    }
    region.test.clock.advance(30 * dayMs);
    await region.settle([first]);
    expect(await first.counted('rotate', 'done')).toBe(3);
  });
});

describe('a key-manager whose clock is wrong', () => {
  it('leaves what is due to the others until its clock is right again', async () => {
    const keyId = await region.monthlyKey();
    let isRight = false;
    const wrong = region.open(region.schedulers[0].zone, { isClockRight: () => isRight });
    region.test.clock.advance(30 * dayMs);
    await region.settle([wrong]);
    expect(await region.versionsOf(keyId)).toBe(1);
    isRight = true;
    await wrong.controller.tick();
    expect(await region.versionsOf(keyId)).toBe(2);
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
          const isMeant = !isCut && id.name === keyRegister(region.test.instanceId, keyId).name;
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
        const keyId = await region.monthlyKey();
        region.test.clock.advance(30 * dayMs);
        const broken = region.open(region.schedulers[0].zone, { decorate: cutting(keyId, cut) });
        await broken.controller.tick();
        expect(await broken.counted('rotate', 'failed')).toBe(1);
        expect(await region.versionsOf(keyId)).toBe(cut === 'after' ? 2 : 1);
        await region.settle([isRestarted ? region.open(region.schedulers[0].zone) : broken]);
        expect(await region.versionsOf(keyId)).toBe(2);
      }
    },
  );

  it('after the intent to purge leaves a key that is purged all the same', async () => {
    const keyId = await makeKey(region.test);
    succeeded(await region.on(keyId, 'deleteKey'));
    region.test.clock.advance(90 * dayMs);
    const broken = region.open(region.schedulers[0].zone, { decorate: cutting(keyId, 'before') });
    await broken.controller.tick();
    expect(await region.recordOf(keyId)).toMatchObject({ isPurged: false });
    await region.settle([region.open(region.schedulers[0].zone)]);
    expect(await region.recordOf(keyId)).toMatchObject({ isPurged: true });
  });

  it('for want of a crypto-worker tries again until there is one', async () => {
    const keyId = await region.monthlyKey();
    region.test.clock.advance(30 * dayMs);
    region.test.crypto.failures.set(
      'sealMaterial',
      new KmsError('UNAVAILABLE', 'no crypto-worker'),
    );
    await region.settle();
    expect(await region.versionsOf(keyId)).toBe(1);
    expect(await region.schedulers[0].oldestDueSeconds()).toBeGreaterThan(60);
    region.test.crypto.failures.clear();
    await region.settle();
    expect(await region.versionsOf(keyId)).toBe(2);
    expect(await region.schedulers[0].oldestDueSeconds()).toBe(0);
  });
});

describe('a deleted key', () => {
  it('is purged after ninety days, with the erasure of its material on record', async () => {
    const keyId = await makeKey(region.test);
    succeeded(await region.on(keyId, 'deleteKey'));
    await region.tickAll();
    region.test.clock.advance(90 * dayMs - 1);
    await region.tickAll();
    expect(await region.recordOf(keyId)).toMatchObject({ isPurged: false });
    region.test.clock.advance(1);
    await region.tickAll();
    expect(await region.recordOf(keyId)).toMatchObject({ isPurged: true });
    const pending = await region.test.here.operations.erasures.list('erasure', region.soon());
    expect(pending.map(({ name }) => name)).toEqual([`${region.test.instanceId}/${keyId}`]);
    expect(await region.total('purge', 'done')).toBe(1);
  });

  it('that was restored in time is left alone', async () => {
    const keyId = await makeKey(region.test);
    succeeded(await region.on(keyId, 'deleteKey'));
    region.test.clock.advance(dayMs);
    succeeded(await region.on(keyId, 'restoreKey'));
    region.test.clock.advance(120 * dayMs);
    await region.settle();
    expect(await region.keyOf(keyId)).toMatchObject({ state: 1 });
  });
});

describe('a key with an expiration date', () => {
  const expiring = () => makeKey(region.test, { expiresAtMs: region.test.clock.wallMs() + dayMs });

  it('is Deactivated in its record too, soon after it is by the clock', async () => {
    const keyId = await expiring();
    await region.tickAll();
    region.test.clock.advance(dayMs);
    await region.tickAll();
    const key = await region.keyOf(keyId);
    expect(key).toMatchObject({ state: 3, updatedAtMs: key.expiresAtMs });
  });

  it('stays Suspended while it is disabled, and is Deactivated once it is enabled', async () => {
    const keyId = await expiring();
    succeeded(await region.on(keyId, 'disableKey'));
    region.test.clock.advance(2 * dayMs);
    await region.settle();
    expect(await region.keyOf(keyId)).toMatchObject({ state: 2 });
    succeeded(await region.on(keyId, 'enableKey'));
    await region.settle();
    expect(await region.keyOf(keyId)).toMatchObject({ state: 3 });
  });
});
