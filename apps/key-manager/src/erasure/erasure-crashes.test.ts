// Erasures whose controllers or requests die between any two writes, on the real store in memory: rivals, and intents that came to
// nothing.
import { beforeEach, describe, expect, it } from 'vitest';
import type { RegisterStore } from '@zonehold/caspaxos';
import { KmsError } from '@zonehold/primitives';
import { dayMs, ignoringLease, minuteMs, ErasureRegion } from '../testing/erasure-region.ts';
import { makeKey, openManager, send, succeeded } from '../testing/key-managers.ts';

let world: ErasureRegion;

beforeEach(async () => {
  world = await ErasureRegion.start();
});

describe('an intent whose change never happened', () => {
  /** A key-manager that dies between the intent and the tombstone. */
  const dyingAfterIntent = () => {
    const { memory, clock, crypto } = world.test;
    return openManager({
      memory,
      clock,
      crypto,
      decorate: (store) => ({
        ...store,
        read: (ids, deadline) => store.read(ids, deadline),
        list: (scope, deadline) => store.list(scope, deadline),
        change: (id, change, deadline) => {
          if (id.name.startsWith('key/')) throw new KmsError('UNAVAILABLE', 'died');
          return store.change(id, change, deadline);
        },
      }),
    });
  };

  it('is left alone as long as its request may live, and then withdrawn: the key is as it was', async () => {
    const keyRef = await world.deletedKey();
    const before = await world.keyRecord(keyRef);
    await expect(send(dyingAfterIntent(), world.purgeOf(keyRef))).rejects.toThrow('died');
    await world.eraser.controller.pass();
    expect((await world.list()).erasures).toMatchObject([{ kind: 'purge' }, { kind: 'deleted' }]);
    await world.rounds(3);
    expect((await world.list()).erasures).toMatchObject([{ kind: 'deleted' }]);
    expect(await world.keyRecord(keyRef)).toBe(before);
    expect(world.eraser.audited).toEqual([]);
  });

  it.each(['before', 'after'] as const)(
    'of a key past its restore window does not stop its erasure, begun %s the intent',
    async (order) => {
      const keyRef = await world.deletedKey();
      world.test.clock.advance(30 * dayMs);
      if (order === 'before') await world.eraser.controller.pass();
      await expect(send(dyingAfterIntent(), world.purgeOf(keyRef))).rejects.toThrow('died');
      await world.rounds(25);
      expect(world.heldBy(keyRef)).toEqual([false, false, false]);
      expect(world.eraser.audited.at(-1)).toMatchObject({ kind: 'deleted', keyId: keyRef });
      expect((await world.list()).total).toBe(0);
    },
  );

  it('is not withdrawn when the purge commits at the last moment: that is erased as any other', async () => {
    const keyRef = await world.deletedKey();
    await expect(send(dyingAfterIntent(), world.purgeOf(keyRef))).rejects.toThrow('died');
    let fences = 0;
    const late = world.open((store) => ({
      read: (ids, deadline) => store.read(ids, deadline),
      list: (scope, deadline) => store.list(scope, deadline),
      scan: (prefix, deadline) => store.scan(prefix, deadline),
      zones: () => store.zones(),
      close: () => store.close(),
      change: async (id, change, deadline) => {
        // What stands in the way of the withdrawal must be looked at inside it.
        if (id.scope === 'erasure' && fences === 1) {
          fences += 1;
          succeeded(await send(world.test.here, world.purgeOf(keyRef)));
        }
        return store.change(id, change, deadline);
      },
      reseal: async (id, deadline) => {
        fences += 1;
        return store.reseal(id, deadline);
      },
    }));
    await world.rounds(6, late.controller);
    expect(fences).toBeGreaterThan(1);
    expect(late.audited).toMatchObject([{ kind: 'purge', keyId: keyRef }]);
    expect(world.heldBy(keyRef)).toEqual([false, false, false]);
  });

  it('to delete leaves a key that was never deleted untouched', async () => {
    const keyRef = await makeKey(world.test);
    await expect(send(dyingAfterIntent(), world.on('deleteKey', keyRef))).rejects.toThrow('died');
    world.test.clock.advance(31 * dayMs);
    await world.rounds(4);
    expect((await world.list()).total).toBe(0);
    expect(world.heldBy(keyRef)).toEqual([true, true, true]);
  });
});

describe('a controller that dies', () => {
  /** Dies for good before its `nth` write. */
  const dyingBefore =
    (nth: number, dead: { isDead: boolean }) =>
    (store: RegisterStore): RegisterStore => {
      let left = nth;
      const alive = (): void => {
        if (dead.isDead) throw new KmsError('UNAVAILABLE', 'dead');
      };
      const write = (): void => {
        alive();
        left -= 1;
        if (left > 0) return;
        dead.isDead = true;
        alive();
      };
      return {
        read: (ids, deadline) => (alive(), store.read(ids, deadline)),
        list: (scope, deadline) => (alive(), store.list(scope, deadline)),
        scan: (prefix, deadline) => (alive(), store.scan(prefix, deadline)),
        zones: () => store.zones(),
        close: () => store.close(),
        change: (id, change, deadline) => (write(), store.change(id, change, deadline)),
        reseal: (id, deadline) => (write(), store.reseal(id, deadline)),
      };
    };

  it('before any of its writes is followed by another, which takes each erasure to its end', async () => {
    let deaths = 0;
    for (let nth = 1; nth < 60; nth += 1) {
      const purged = await world.purgedKey();
      const dead = { isDead: false };
      const dying = world.open(dyingBefore(nth, dead));
      for (let at = 0; at < 14 && !dead.isDead; at += 1) {
        await dying.controller.pass().catch((error: unknown) => {
          if (!(error instanceof KmsError)) throw error;
        });
        world.files.finish();
        world.test.clock.advance(minuteMs);
      }
      if (!dead.isDead) break;
      deaths += 1;
      const heir = world.open();
      await world.rounds(14, heir.controller);
      const audited = [...dying.audited, ...heir.audited].filter(({ keyId }) => keyId === purged);
      expect(audited.length, `death before write ${nth}`).toBeGreaterThanOrEqual(1);
      expect(world.heldBy(purged)).toEqual([false, false, false]);
      const { erasures } = await world.list();
      expect(erasures.filter(({ kind }) => kind === 'purge')).toEqual([]);
    }
    expect(deaths).toBeGreaterThan(10);
  });

  it('and rivals that ignore the lease, do no harm together: one audit event, one rewrite of each zone', async () => {
    const keyRef = await world.purgedKey();
    const rivals = [
      world.open(ignoringLease),
      world.open(ignoringLease),
      world.open(ignoringLease),
    ];
    for (let at = 0; at < 4; at += 1) {
      await Promise.all(rivals.map(({ controller }) => controller.pass()));
      world.files.finish();
      world.test.clock.advance(minuteMs);
    }
    const audited = rivals.flatMap((rival) => rival.audited);
    expect(audited.length).toBeGreaterThanOrEqual(1);
    expect(audited.every((event) => event.keyId === keyRef)).toBe(true);
    expect([...world.files.asked.values()]).toEqual([1, 1, 1]);
    expect(world.heldBy(keyRef)).toEqual([false, false, false]);
  });
});
