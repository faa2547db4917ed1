// From a purge or an old deletion to the audit event, on the real store in memory, with zones away. The real Redis files are the
// matter of erasure.int.test.ts.
import { beforeEach, describe, expect, it } from 'vitest';
import type { AofRewriter } from '@zonehold/caspaxos-redis';
import { Deadline, systemRandom } from '@zonehold/primitives';
import { createMemoryStore } from '@zonehold/testkit';
import { dayMs, ignoringLease, minuteMs, ErasureRegion } from '../testing/erasure-region.ts';
import { openEraser } from '../testing/erasures.ts';
import { refusalOf, send, succeeded } from '../testing/key-managers.ts';

let world: ErasureRegion;

beforeEach(async () => {
  world = await ErasureRegion.start();
});

describe('a purged key', () => {
  it('leaves every acceptor, every file and every cache, and an audit event says so once', async () => {
    const keyRef = await world.purgedKey();
    expect((await world.list()).erasures).toMatchObject([
      { keyId: keyRef, kind: 'purge' },
      { kind: 'deleted' },
    ]);
    await world.rounds(2);
    expect(world.heldBy(keyRef)).toEqual([false, false, false]);
    expect(world.files.asked).toEqual(
      new Map(world.test.memory.hosts.map(({ zone }) => [zone, 1])),
    );
    expect([...world.caches.forgotten.keys()].toSorted()).toEqual(
      ['crypto-worker', 'key-manager'].flatMap((service) =>
        ['us-south-1', 'us-south-2', 'us-south-3'].map((zone) => `${service}/${zone}`),
      ),
    );
    expect(world.eraser.audited).toMatchObject([
      { event: 'erasure.done', kind: 'purge', keyId: keyRef, instanceId: world.test.instanceId },
    ]);
    await world.rounds(2);
    expect(world.eraser.audited).toHaveLength(1);
    expect((await world.list()).erasures.map(({ kind }) => kind)).toEqual(['deleted']);
  });

  it('is pending while a zone is away, says which, and is erased there too when it is back', async () => {
    const keyRef = await world.deletedKey();
    const away = world.test.memory.host('us-south-3');
    away.isUp = false;
    succeeded(await send(world.test.here, world.purgeOf(keyRef)));
    await world.rounds(3);
    expect(world.eraser.audited).toEqual([]);
    expect(world.heldBy(keyRef)).toEqual([false, false, true]);
    expect(world.files.asked.size).toBe(0);
    away.isUp = true;
    await world.rounds(3);
    expect(world.heldBy(keyRef)).toEqual([false, false, false]);
    expect(world.eraser.audited).toHaveLength(1);
  });

  it('waits for a crypto-worker that does not answer, and says so', async () => {
    world.caches.away.add('crypto-worker/us-south-2');
    await world.purgedKey();
    await world.rounds(3);
    expect(world.eraser.audited).toEqual([]);
    expect((await world.list()).erasures[0]?.lacks).toEqual([
      {
        zone: 'us-south-2',
        step: 'caches',
        reason: 'its crypto-worker has not answered yet',
      },
    ]);
    world.caches.away.clear();
    await world.rounds(1);
    expect(world.eraser.audited).toHaveLength(1);
  });

  it('keeps what a repeat of the purge is answered with for a minute, and no longer than the erasure', async () => {
    const keyRef = await world.deletedKey();
    const token = { kind: 'correlation', value: 'once', parametersHash: 'p' } as const;
    const purge = { ...world.purgeOf(keyRef), token, prefer: 'representation' } as const;
    succeeded(await send(world.test.here, purge));
    for (let at = 0; at < 5; at += 1) {
      await world.eraser.controller.pass();
      world.files.finish();
      world.test.clock.advance(10_000);
    }
    expect(world.eraser.audited).toEqual([]);
    expect(succeeded(await send(world.test.elsewhere, purge)).status).toBe(200);
    await world.rounds(2);
    expect(world.eraser.audited).toHaveLength(1);
    const id = { scope: 'erasure', name: `${world.test.instanceId}/${keyRef}` };
    const deadline = Deadline.after(world.test.clock, 1_000);
    const [state] = await world.test.here.operations.store.read([id], deadline);
    expect(state?.value).not.toContain('a key');
  });
});

describe('rewrites', () => {
  it('are shared by all that wait, and begin at most once in ten minutes', async () => {
    const [first, second, third] = [
      await world.deletedKey(),
      await world.deletedKey(),
      await world.deletedKey(),
    ];
    const begun = () => [...world.files.asked.values()];
    succeeded(await send(world.test.here, world.purgeOf(first)));
    await world.rounds(2);
    expect(world.eraser.audited).toHaveLength(1);
    succeeded(await send(world.test.here, world.purgeOf(second)));
    await world.rounds(1);
    succeeded(await send(world.test.here, world.purgeOf(third)));
    await world.rounds(6);
    expect(begun()).toEqual([1, 1, 1]);
    expect(world.eraser.audited).toHaveLength(1);
    expect((await world.list()).erasures[0]?.lacks[0]?.reason).toMatch(/once in ten minutes/);
    await world.rounds(3);
    expect(begun()).toEqual([2, 2, 2]);
    expect(world.eraser.audited).toHaveLength(3);
  });

  it('are asked for once by two key-managers that look at the same moment', async () => {
    await world.purgedKey();
    let looks = 0;
    const both = Promise.withResolvers<undefined>();
    const seenTogether: AofRewriter = {
      look: async (zone) => {
        const seen = await world.files.look(zone);
        looks += 1;
        // Three zones, two key-managers: nobody goes on before all have looked.
        if (looks === 6) both.resolve(undefined);
        if (looks <= 6) await both.promise;
        return seen;
      },
      start: (zone) => world.files.start(zone),
      close: () => undefined,
    };
    await world.eraser.controller.pass();
    const claimed = world.test.memory.hosts.map(({ zone }) => world.files.stateOf(zone).rewrites);
    world.files.finish();
    for (const { zone } of world.test.memory.hosts) world.files.set(zone, { runId: 'run-2' });
    world.test.clock.advance(11 * minuteMs);
    const rivals = [
      world.open(ignoringLease, seenTogether),
      world.open(ignoringLease, seenTogether),
    ];
    await Promise.all(rivals.map(({ controller }) => controller.pass()));
    expect(looks).toBeGreaterThanOrEqual(6);
    expect(claimed).toEqual([1, 1, 1]);
    expect([...world.files.asked.values()]).toEqual([2, 2, 2]);
  });

  it('of a Redis that was started again meanwhile are not believed, and are asked for again', async () => {
    await world.purgedKey();
    await world.eraser.controller.pass();
    world.files.finish();
    world.files.set('us-south-1', { runId: 'run-2', rewrites: 0 });
    world.test.clock.advance(minuteMs);
    await world.rounds(3);
    expect(world.eraser.audited).toEqual([]);
    expect(
      (await world.list()).erasures[0]?.lacks.map(({ zone, step }) => `${zone} ${step}`),
    ).toEqual(['us-south-1 rewrite']);
    await world.rounds(9);
    expect(world.files.asked.get('us-south-1')).toBe(2);
    expect(world.eraser.audited).toHaveLength(1);
  });

  it('are made for an acceptor of another incarnation although no erasure waits', async () => {
    await world.purgedKey();
    await world.rounds(2);
    world.files.set('us-south-2', { self: 'reincarnated' });
    await world.rounds(25);
    expect(world.files.asked.get('us-south-2')).toBe(2);
    expect(world.files.asked.get('us-south-1')).toBe(1);
  });
});

describe('a deleted key', () => {
  it('loses its material 30 days after the delete, and stays Destroyed with its versions', async () => {
    const keyRef = await world.deletedKey();
    await world.rounds(3);
    expect(world.heldBy(keyRef)).toEqual([true, true, true]);
    world.test.clock.advance(30 * dayMs);
    await world.rounds(4);
    expect(world.heldBy(keyRef)).toEqual([false, false, false]);
    expect(world.eraser.audited).toMatchObject([{ kind: 'deleted', keyId: keyRef }]);
    const { body } = succeeded(
      await send(world.test.elsewhere, world.on('getKeyMetadata', keyRef)),
    );
    expect(body.resources[0]).toMatchObject({ state: 5, keyVersion: { id: keyRef } });
    expect(refusalOf(await send(world.test.elsewhere, world.on('restoreKey', keyRef)))).toBe(
      'KEY_RESTORE_EXPIRED',
    );
    expect(refusalOf(await send(world.test.elsewhere, world.on('unwrapKey', keyRef)))).toBe(
      'KEY_DELETED_ERR',
    );
    expect((await world.list()).total).toBe(0);
  });

  it('can still be purged afterwards, and that is erased and audited by itself', async () => {
    const keyRef = await world.deletedKey();
    world.test.clock.advance(30 * dayMs);
    await world.rounds(4);
    succeeded(await send(world.test.here, world.purgeOf(keyRef)));
    await world.rounds(12);
    expect(world.eraser.audited.map(({ kind }) => kind)).toEqual(['deleted', 'purge']);
  });

  it('is called up within a pass when the wall clock is set past its 30 days', async () => {
    const keyRef = await world.deletedKey();
    let aheadMs = 0;
    const { clock, memory } = world.test;
    const settable = {
      wallMs: () => clock.wallMs() + aheadMs,
      monotonicMs: () => clock.monotonicMs(),
    };
    const store = createMemoryStore({ clock, random: systemRandom, region: memory });
    const zones = memory.hosts.map(({ zone }) => zone);
    const { controller } = openEraser({
      store,
      zones,
      clock: settable,
      aof: world.files,
      caches: world.caches,
    });
    await controller.pass();
    await controller.pass();
    expect(world.heldBy(keyRef)).toEqual([true, true, true]);
    aheadMs = 31 * dayMs;
    await controller.pass();
    expect(world.heldBy(keyRef)).toEqual([false, false, false]);
  });

  it('that was restored keeps its material', async () => {
    const keyRef = await world.deletedKey();
    succeeded(await send(world.test.here, world.on('restoreKey', keyRef)));
    world.test.clock.advance(31 * dayMs);
    await world.rounds(4);
    expect(world.heldBy(keyRef)).toEqual([true, true, true]);
    expect((await world.list()).total).toBe(0);
    expect(world.eraser.audited).toEqual([]);
  });

  it('that was restored and deleted anew has 30 days from the second delete', async () => {
    const keyRef = await world.deletedKey();
    world.test.clock.advance(20 * dayMs);
    succeeded(await send(world.test.here, world.on('restoreKey', keyRef)));
    succeeded(await send(world.test.here, world.on('deleteKey', keyRef)));
    world.test.clock.advance(20 * dayMs);
    await world.rounds(4);
    expect(world.heldBy(keyRef)).toEqual([true, true, true]);
    world.test.clock.advance(10 * dayMs);
    await world.rounds(14);
    expect(world.heldBy(keyRef)).toEqual([false, false, false]);
  });
});
