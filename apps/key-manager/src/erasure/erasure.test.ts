// From a purge or an old deletion to the audit event, on the real store in memory: zones away, crashes between any two writes,
// rivals, intents that came to nothing. The real Redis files are the matter of erasure.int.test.ts.
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationRequest } from '@zonehold/api-contract';
import type { RegisterStore } from '@zonehold/caspaxos';
import type { AofRewriter } from '@zonehold/caspaxos-redis';
import { Deadline, KmsError, systemRandom } from '@zonehold/primitives';
import { createMemoryStore } from '@zonehold/testkit';
import { openEraser, TestCaches, TestFiles, type TestEraser } from '../testing/erasures.ts';
import {
  admin,
  callerOf,
  makeKey,
  openManager,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type Credential,
  type TestRegion,
} from '../testing/key-managers.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

let test: TestRegion;
let purger: Credential;
let files: TestFiles;
let caches: TestCaches;
let eraser: TestEraser;

beforeEach(async () => {
  test = await startRegion();
  purger = await test.credential('KeyPurge');
  files = new TestFiles(test.memory);
  caches = new TestCaches();
  eraser = open();
});

/** Every controller thinks that it has the lease. */
const ignoringLease = (store: RegisterStore): RegisterStore => ({
  read: (ids, deadline) => store.read(ids, deadline),
  list: (scope, deadline) => store.list(scope, deadline),
  scan: (prefix, deadline) => store.scan(prefix, deadline),
  zones: () => store.zones(),
  close: () => store.close(),
  reseal: (id, deadline) => store.reseal(id, deadline),
  change: async (id, change, deadline) => {
    const changed = await store.change(id, change, deadline);
    return id.name === 'lease' ? { ...changed, result: true as never } : changed;
  },
});

function open(
  decorate?: (store: RegisterStore) => RegisterStore,
  aof: AofRewriter = files,
): TestEraser {
  const { memory, clock } = test;
  const real = createMemoryStore({ clock, random: systemRandom, region: memory });
  const zones = memory.hosts.map(({ zone }) => zone);
  return openEraser({ store: decorate?.(real) ?? real, zones, clock, aof, caches });
}

const on = (operation: OperationRequest['operation'], keyRef: string) =>
  requestOf(test, operation, { keyRef, body: { aad: [] } });
const purgeOf = (keyRef: string) =>
  requestOf(test, 'purgeKey', { keyRef, caller: callerOf(purger) });

async function deletedKey(): Promise<string> {
  const keyRef = await makeKey(test);
  succeeded(await send(test.here, on('deleteKey', keyRef)));
  test.clock.advance(5 * 60 * minuteMs);
  return keyRef;
}

async function purgedKey(): Promise<string> {
  const keyRef = await deletedKey();
  succeeded(await send(test.here, purgeOf(keyRef)));
  return keyRef;
}

/** A pass, the rewrites it asked for, and time for the next. */
async function round(controller = eraser.controller): Promise<void> {
  await controller.pass();
  files.finish();
  test.clock.advance(minuteMs);
}

async function rounds(count: number, controller = eraser.controller): Promise<void> {
  for (let at = 0; at < count; at += 1) await round(controller);
}

/** What each acceptor holds of a key, in its own memory. */
function heldBy(keyRef: string): readonly boolean[] {
  return test.memory.hosts.map(({ state }) =>
    JSON.stringify(
      [...state.registers.values()].filter((row) => JSON.stringify(row).includes(keyRef)),
    ).includes('sealedMaterial'),
  );
}

const list = () => admin<'list-erasures'>(test.elsewhere, { kind: 'list-erasures' });

async function keyRecord(keyRef: string): Promise<string> {
  const id = { scope: test.instanceId, name: `key/${keyRef}` };
  const deadline = Deadline.after(test.clock, 1_000);
  return (await test.here.operations.store.read([id], deadline))[0]?.value ?? '';
}

describe('a purged key', () => {
  it('leaves every acceptor, every file and every cache, and an audit event says so once', async () => {
    const keyRef = await purgedKey();
    expect((await list()).erasures).toMatchObject([
      { keyId: keyRef, kind: 'purge' },
      { kind: 'deleted' },
    ]);
    await rounds(2);
    expect(heldBy(keyRef)).toEqual([false, false, false]);
    expect(files.asked).toEqual(new Map(test.memory.hosts.map(({ zone }) => [zone, 1])));
    expect([...caches.forgotten.keys()].toSorted()).toEqual(
      ['crypto-worker', 'key-manager'].flatMap((service) =>
        ['us-south-1', 'us-south-2', 'us-south-3'].map((zone) => `${service}/${zone}`),
      ),
    );
    expect(eraser.audited).toMatchObject([
      { event: 'erasure.done', kind: 'purge', keyId: keyRef, instanceId: test.instanceId },
    ]);
    await rounds(2);
    expect(eraser.audited).toHaveLength(1);
    expect((await list()).erasures.map(({ kind }) => kind)).toEqual(['deleted']);
  });

  it('is pending while a zone is away, says which, and is erased there too when it is back', async () => {
    const keyRef = await deletedKey();
    const away = test.memory.host('us-south-3');
    away.isUp = false;
    succeeded(await send(test.here, purgeOf(keyRef)));
    await rounds(3);
    expect(eraser.audited).toEqual([]);
    expect(heldBy(keyRef)).toEqual([false, false, true]);
    expect(files.asked.size).toBe(0);
    away.isUp = true;
    await rounds(3);
    expect(heldBy(keyRef)).toEqual([false, false, false]);
    expect(eraser.audited).toHaveLength(1);
  });

  it('waits for a crypto-worker that does not answer, and says so', async () => {
    caches.away.add('crypto-worker/us-south-2');
    await purgedKey();
    await rounds(3);
    expect(eraser.audited).toEqual([]);
    expect((await list()).erasures[0]?.lacks).toEqual([
      {
        zone: 'us-south-2',
        step: 'caches',
        reason: 'its crypto-worker has not answered yet',
      },
    ]);
    caches.away.clear();
    await rounds(1);
    expect(eraser.audited).toHaveLength(1);
  });

  it('keeps what a repeat of the purge is answered with for a minute, and no longer than the erasure', async () => {
    const keyRef = await deletedKey();
    const token = { kind: 'correlation', value: 'once', parametersHash: 'p' } as const;
    const purge = { ...purgeOf(keyRef), token, prefer: 'representation' } as const;
    succeeded(await send(test.here, purge));
    for (let at = 0; at < 5; at += 1) {
      await eraser.controller.pass();
      files.finish();
      test.clock.advance(10_000);
    }
    expect(eraser.audited).toEqual([]);
    expect(succeeded(await send(test.elsewhere, purge)).status).toBe(200);
    await rounds(2);
    expect(eraser.audited).toHaveLength(1);
    const id = { scope: 'erasure', name: `${test.instanceId}/${keyRef}` };
    const deadline = Deadline.after(test.clock, 1_000);
    const [state] = await test.here.operations.store.read([id], deadline);
    expect(state?.value).not.toContain('a key');
  });
});

describe('rewrites', () => {
  it('are shared by all that wait, and begin at most once in ten minutes', async () => {
    const [first, second, third] = [await deletedKey(), await deletedKey(), await deletedKey()];
    const begun = () => [...files.asked.values()];
    succeeded(await send(test.here, purgeOf(first)));
    await rounds(2);
    expect(eraser.audited).toHaveLength(1);
    succeeded(await send(test.here, purgeOf(second)));
    await rounds(1);
    succeeded(await send(test.here, purgeOf(third)));
    await rounds(6);
    expect(begun()).toEqual([1, 1, 1]);
    expect(eraser.audited).toHaveLength(1);
    expect((await list()).erasures[0]?.lacks[0]?.reason).toMatch(/once in ten minutes/);
    await rounds(3);
    expect(begun()).toEqual([2, 2, 2]);
    expect(eraser.audited).toHaveLength(3);
  });

  it('are asked for once by two key-managers that look at the same moment', async () => {
    await purgedKey();
    let looks = 0;
    const both = Promise.withResolvers<undefined>();
    const seenTogether: AofRewriter = {
      look: async (zone) => {
        const seen = await files.look(zone);
        looks += 1;
        // Three zones, two key-managers: nobody goes on before all have looked.
        if (looks === 6) both.resolve(undefined);
        if (looks <= 6) await both.promise;
        return seen;
      },
      start: (zone) => files.start(zone),
      close: () => undefined,
    };
    await eraser.controller.pass();
    const claimed = test.memory.hosts.map(({ zone }) => files.stateOf(zone).rewrites);
    files.finish();
    for (const { zone } of test.memory.hosts) files.set(zone, { runId: 'run-2' });
    test.clock.advance(11 * minuteMs);
    const rivals = [open(ignoringLease, seenTogether), open(ignoringLease, seenTogether)];
    await Promise.all(rivals.map(({ controller }) => controller.pass()));
    expect(looks).toBeGreaterThanOrEqual(6);
    expect(claimed).toEqual([1, 1, 1]);
    expect([...files.asked.values()]).toEqual([2, 2, 2]);
  });

  it('of a Redis that was started again meanwhile are not believed, and are asked for again', async () => {
    await purgedKey();
    await eraser.controller.pass();
    files.finish();
    files.set('us-south-1', { runId: 'run-2', rewrites: 0 });
    test.clock.advance(minuteMs);
    await rounds(3);
    expect(eraser.audited).toEqual([]);
    expect((await list()).erasures[0]?.lacks.map(({ zone, step }) => `${zone} ${step}`)).toEqual([
      'us-south-1 rewrite',
    ]);
    await rounds(9);
    expect(files.asked.get('us-south-1')).toBe(2);
    expect(eraser.audited).toHaveLength(1);
  });

  it('are made for an acceptor of another incarnation although no erasure waits', async () => {
    await purgedKey();
    await rounds(2);
    files.set('us-south-2', { self: 'reincarnated' });
    await rounds(25);
    expect(files.asked.get('us-south-2')).toBe(2);
    expect(files.asked.get('us-south-1')).toBe(1);
  });
});

describe('a deleted key', () => {
  it('loses its material 30 days after the delete, and stays Destroyed with its versions', async () => {
    const keyRef = await deletedKey();
    await rounds(3);
    expect(heldBy(keyRef)).toEqual([true, true, true]);
    test.clock.advance(30 * dayMs);
    await rounds(4);
    expect(heldBy(keyRef)).toEqual([false, false, false]);
    expect(eraser.audited).toMatchObject([{ kind: 'deleted', keyId: keyRef }]);
    const { body } = succeeded(await send(test.elsewhere, on('getKeyMetadata', keyRef)));
    expect(body.resources[0]).toMatchObject({ state: 5, keyVersion: { id: keyRef } });
    expect(refusalOf(await send(test.elsewhere, on('restoreKey', keyRef)))).toBe(
      'KEY_RESTORE_EXPIRED',
    );
    expect(refusalOf(await send(test.elsewhere, on('unwrapKey', keyRef)))).toBe('KEY_DELETED_ERR');
    expect((await list()).total).toBe(0);
  });

  it('can still be purged afterwards, and that is erased and audited by itself', async () => {
    const keyRef = await deletedKey();
    test.clock.advance(30 * dayMs);
    await rounds(4);
    succeeded(await send(test.here, purgeOf(keyRef)));
    await rounds(12);
    expect(eraser.audited.map(({ kind }) => kind)).toEqual(['deleted', 'purge']);
  });

  it('is called up within a pass when the wall clock is set past its 30 days', async () => {
    const keyRef = await deletedKey();
    let aheadMs = 0;
    const { clock, memory } = test;
    const settable = {
      wallMs: () => clock.wallMs() + aheadMs,
      monotonicMs: () => clock.monotonicMs(),
    };
    const store = createMemoryStore({ clock, random: systemRandom, region: memory });
    const zones = memory.hosts.map(({ zone }) => zone);
    const { controller } = openEraser({ store, zones, clock: settable, aof: files, caches });
    await controller.pass();
    await controller.pass();
    expect(heldBy(keyRef)).toEqual([true, true, true]);
    aheadMs = 31 * dayMs;
    await controller.pass();
    expect(heldBy(keyRef)).toEqual([false, false, false]);
  });

  it('that was restored keeps its material', async () => {
    const keyRef = await deletedKey();
    succeeded(await send(test.here, on('restoreKey', keyRef)));
    test.clock.advance(31 * dayMs);
    await rounds(4);
    expect(heldBy(keyRef)).toEqual([true, true, true]);
    expect((await list()).total).toBe(0);
    expect(eraser.audited).toEqual([]);
  });

  it('that was restored and deleted anew has 30 days from the second delete', async () => {
    const keyRef = await deletedKey();
    test.clock.advance(20 * dayMs);
    succeeded(await send(test.here, on('restoreKey', keyRef)));
    succeeded(await send(test.here, on('deleteKey', keyRef)));
    test.clock.advance(20 * dayMs);
    await rounds(4);
    expect(heldBy(keyRef)).toEqual([true, true, true]);
    test.clock.advance(10 * dayMs);
    await rounds(14);
    expect(heldBy(keyRef)).toEqual([false, false, false]);
  });
});

describe('an intent whose change never happened', () => {
  /** A key-manager that dies between the intent and the tombstone. */
  const dyingAfterIntent = () => {
    const { memory, clock, crypto } = test;
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
    const keyRef = await deletedKey();
    const before = await keyRecord(keyRef);
    await expect(send(dyingAfterIntent(), purgeOf(keyRef))).rejects.toThrow('died');
    await eraser.controller.pass();
    expect((await list()).erasures).toMatchObject([{ kind: 'purge' }, { kind: 'deleted' }]);
    await rounds(3);
    expect((await list()).erasures).toMatchObject([{ kind: 'deleted' }]);
    expect(await keyRecord(keyRef)).toBe(before);
    expect(eraser.audited).toEqual([]);
  });

  it.each(['before', 'after'] as const)(
    'of a key past its restore window does not stop its erasure, begun %s the intent',
    async (order) => {
      const keyRef = await deletedKey();
      test.clock.advance(30 * dayMs);
      if (order === 'before') await eraser.controller.pass();
      await expect(send(dyingAfterIntent(), purgeOf(keyRef))).rejects.toThrow('died');
      await rounds(25);
      expect(heldBy(keyRef)).toEqual([false, false, false]);
      expect(eraser.audited.at(-1)).toMatchObject({ kind: 'deleted', keyId: keyRef });
      expect((await list()).total).toBe(0);
    },
  );

  it('is not withdrawn when the purge commits at the last moment: that is erased as any other', async () => {
    const keyRef = await deletedKey();
    await expect(send(dyingAfterIntent(), purgeOf(keyRef))).rejects.toThrow('died');
    let fences = 0;
    const late = open((store) => ({
      read: (ids, deadline) => store.read(ids, deadline),
      list: (scope, deadline) => store.list(scope, deadline),
      scan: (prefix, deadline) => store.scan(prefix, deadline),
      zones: () => store.zones(),
      close: () => store.close(),
      change: async (id, change, deadline) => {
        // What stands in the way of the withdrawal must be looked at inside it.
        if (id.scope === 'erasure' && fences === 1) {
          fences += 1;
          succeeded(await send(test.here, purgeOf(keyRef)));
        }
        return store.change(id, change, deadline);
      },
      reseal: async (id, deadline) => {
        fences += 1;
        return store.reseal(id, deadline);
      },
    }));
    await rounds(6, late.controller);
    expect(fences).toBeGreaterThan(1);
    expect(late.audited).toMatchObject([{ kind: 'purge', keyId: keyRef }]);
    expect(heldBy(keyRef)).toEqual([false, false, false]);
  });

  it('to delete leaves a key that was never deleted untouched', async () => {
    const keyRef = await makeKey(test);
    await expect(send(dyingAfterIntent(), on('deleteKey', keyRef))).rejects.toThrow('died');
    test.clock.advance(31 * dayMs);
    await rounds(4);
    expect((await list()).total).toBe(0);
    expect(heldBy(keyRef)).toEqual([true, true, true]);
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
      const purged = await purgedKey();
      const dead = { isDead: false };
      const dying = open(dyingBefore(nth, dead));
      for (let at = 0; at < 14 && !dead.isDead; at += 1) {
        await dying.controller.pass().catch((error: unknown) => {
          if (!(error instanceof KmsError)) throw error;
        });
        files.finish();
        test.clock.advance(minuteMs);
      }
      if (!dead.isDead) break;
      deaths += 1;
      const heir = open();
      await rounds(14, heir.controller);
      const audited = [...dying.audited, ...heir.audited].filter(({ keyId }) => keyId === purged);
      expect(audited.length, `death before write ${nth}`).toBeGreaterThanOrEqual(1);
      expect(heldBy(purged)).toEqual([false, false, false]);
      const { erasures } = await list();
      expect(erasures.filter(({ kind }) => kind === 'purge')).toEqual([]);
    }
    expect(deaths).toBeGreaterThan(10);
  });

  it('and rivals that ignore the lease, do no harm together: one audit event, one rewrite of each zone', async () => {
    const keyRef = await purgedKey();
    const rivals = [open(ignoringLease), open(ignoringLease), open(ignoringLease)];
    for (let at = 0; at < 4; at += 1) {
      await Promise.all(rivals.map(({ controller }) => controller.pass()));
      files.finish();
      test.clock.advance(minuteMs);
    }
    const audited = rivals.flatMap((rival) => rival.audited);
    expect(audited.length).toBeGreaterThanOrEqual(1);
    expect(audited.every((event) => event.keyId === keyRef)).toBe(true);
    expect([...files.asked.values()]).toEqual([1, 1, 1]);
    expect(heldBy(keyRef)).toEqual([false, false, false]);
  });
});
