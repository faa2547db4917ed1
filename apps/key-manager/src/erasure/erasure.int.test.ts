// Erasure on real Redis: what is written to the files of three zones, and that it is gone. Everything is real but the clock of the
// controllers and the processes whose caches are asked. Base files are written without compression, so that a search can find.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RegisterStore } from '@zonehold/caspaxos';
import { createAofRewriter, createRegisterStore, type AofRewriter } from '@zonehold/caspaxos-redis';
import { createKey, deleteKey, purgeKey, type Key, type KeyRecord } from '@zonehold/key-domain';
import { Deadline, ManualClock, systemClock, systemRandom, toHex } from '@zonehold/primitives';
import { RedisZones, type RedisServer } from '@zonehold/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomUuid } from '../key-id.ts';
import { KeyRepository } from '../key-repository.ts';
import { openEraser, TestCaches, type TestEraser } from '../testing/erasures.ts';
import { ErasureRepository } from './erasure-repository.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const instanceId = randomUuid(systemRandom);

let zones: RedisZones;
let store: RegisterStore;
let keys: KeyRepository;
let clock: ManualClock;
let aof: AofRewriter;
let eraser: TestEraser;

beforeEach(async () => {
  zones = await RedisZones.start();
  for (const { admin } of zones.servers) await admin.config('SET', 'rdbcompression', 'no');
  store = createRegisterStore(zones.storeOptions());
  await allVote();
  keys = new KeyRepository(store);
  clock = new ManualClock();
  aof = createAofRewriter({
    random: systemRandom,
    addressOf: (zone) => {
      const index = zones.zones.findIndex((found) => found.zone === zone);
      return index < 0 ? undefined : zones.address(index, 'key-manager');
    },
  });
  eraser = open();
});
afterEach(async () => {
  aof.close();
  await store.close();
  await zones.stop();
});

function open(): TestEraser {
  const names = zones.zones.map(({ zone }) => zone);
  return openEraser({ store, zones: names, clock, aof, caches: new TestCaches() });
}

const soon = (): Deadline => Deadline.after(systemClock, 3_000);
const allVote = () =>
  until('every zone votes', () => store.zones().every(({ standing }) => standing === 'voter'));

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Deadline.after(systemClock, 20_000);
  while (!(await condition())) {
    if (deadline.hasPassed()) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function stamp() {
  const operationId = toHex(systemRandom.bytes(8));
  return { operationId, tokenKind: 'none', tokenValue: '', parametersHash: '' } as const;
}

function next<Next extends KeyRecord>(result: { ok: boolean; key?: Next }): Next {
  if (!result.ok || result.key === undefined) throw new Error('refused');
  return result.key;
}

async function put(record: KeyRecord): Promise<void> {
  const decide = () => ({ kind: 'write', record, result: undefined }) as const;
  await keys.change(instanceId, record.id, decide, soon());
}

/** A key that was deleted five hours ago, with `marker` as its sealed material. */
async function deletedKey(marker: string): Promise<Key> {
  const made = createKey(
    {
      ...{ id: randomUuid(systemRandom), instanceId, name: 'key', keyRingId: 'default' },
      ...{ isExtractable: false, isImported: false, createdBy: 'iam-1' },
      ...{ sealedMaterial: marker, stamp: stamp() },
    },
    clock.wallMs(),
  );
  await put(next(made));
  const deleted = deleteKey(next(made), { stamp: stamp(), deletedBy: 'iam-1' }, clock.wallMs());
  await put(next(deleted));
  clock.advance(5 * hourMs);
  return next(deleted);
}

async function purge(key: Key): Promise<void> {
  const erasures = new ErasureRepository(store);
  await erasures.intendPurge(key, clock.wallMs(), soon(), false);
  await put(next(purgeKey(key, { stamp: stamp() }, clock.wallMs())));
}

const newMarker = (): string => `marker-${toHex(systemRandom.bytes(32))}`;

/** Every file of a zone's data folder, whole. */
function filesHold({ dataDir }: RedisServer, marker: string): boolean {
  return readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(marker));
}

const heldBy = (marker: string): readonly boolean[] =>
  zones.servers.map((server) => filesHold(server, marker));

async function rewritesOf({ admin }: RedisServer): Promise<number> {
  const info = await admin.info('persistence');
  return Number(/aof_rewrites:(\d+)/.exec(info)?.[1]);
}

async function untilAudited(count: number): Promise<void> {
  await until(`${count} erasures are done`, async () => {
    await eraser.controller.pass();
    clock.advance(1_000);
    return eraser.audited.length >= count;
  });
}

describe('the files of every zone', () => {
  it('hold the material of a purged key before, and not after; those of another key stay', async () => {
    const [doomed, kept] = [newMarker(), newMarker()];
    const key = await deletedKey(doomed);
    await deletedKey(kept);
    expect(heldBy(doomed)).toEqual([true, true, true]);
    await purge(key);
    expect(heldBy(doomed)).toEqual([true, true, true]);
    await untilAudited(1);
    expect(heldBy(doomed)).toEqual([false, false, false]);
    expect(heldBy(kept)).toEqual([true, true, true]);
    await Promise.all(zones.servers.map((server) => server.restart()));
    await allVote();
    expect(heldBy(doomed)).toEqual([false, false, false]);
    expect((await keys.read(instanceId, [key.id], soon()))[0]).toMatchObject({ isPurged: true });
  });

  it('are cleaned in a zone that was away during the purge, once it is back; until then nothing is done', async () => {
    const doomed = newMarker();
    const key = await deletedKey(doomed);
    await zones.server(2).kill();
    await purge(key);
    for (let at = 0; at < 3; at += 1) {
      await eraser.controller.pass();
      clock.advance(minuteMs);
    }
    expect(eraser.audited).toEqual([]);
    expect(heldBy(doomed)).toEqual([true, true, true]);
    await zones.server(2).startMended();
    await allVote();
    await zones.server(2).admin.config('SET', 'rdbcompression', 'no');
    clock.advance(minuteMs);
    await untilAudited(1);
    expect(heldBy(doomed)).toEqual([false, false, false]);
  });

  it('lose the material of a deleted key when its 30 days are over', async () => {
    const doomed = newMarker();
    const key = await deletedKey(doomed);
    const erasures = new ErasureRepository(store);
    await erasures.intendDeletion(key, clock.wallMs(), soon());
    clock.advance(29 * 24 * hourMs);
    await eraser.controller.pass();
    expect(heldBy(doomed)).toEqual([true, true, true]);
    clock.advance(2 * 24 * hourMs);
    await untilAudited(1);
    expect(heldBy(doomed)).toEqual([false, false, false]);
    const [record] = await keys.read(instanceId, [key.id], soon());
    expect(record).toMatchObject({ isPurged: false, state: 5 });
  });

  it('are cleaned of what a Redis that was killed in mid-rewrite has left there', async () => {
    const doomed = newMarker();
    // Longer than what the child gathers before it writes.
    const key = await deletedKey(doomed.repeat(200));
    const server = zones.server(0);
    const copies = () => readdirSync(server.dataDir).filter((name) => name.startsWith('temp-'));
    const isCopied = () =>
      copies().some((name) => readFileSync(join(server.dataDir, name)).includes(doomed));
    // It pauses after each record, so that it can be killed in the middle.
    await server.admin.config('SET', 'rdb-key-save-delay', '300000');
    await server.admin.bgrewriteaof();
    await until('the material is in the copy', isCopied);
    await server.kill();
    expect(isCopied()).toBe(true);
    await server.startMended();
    await allVote();
    await server.admin.config('SET', 'rdbcompression', 'no');
    await purge(key);
    await untilAudited(1);
    expect(copies()).toEqual([]);
    expect(heldBy(doomed)).toEqual([false, false, false]);
  });
});

describe('rewrites', () => {
  it('begin once in ten minutes in each zone, whichever key-manager asks', async () => {
    const begun = () => Promise.all(zones.servers.map(rewritesOf));
    await purge(await deletedKey(newMarker()));
    const doomed = newMarker();
    const second = await deletedKey(doomed);
    await untilAudited(1);
    expect(await begun()).toEqual([1, 1, 1]);
    await purge(second);
    const rival = open();
    for (let at = 0; at < 5; at += 1) {
      await Promise.all([eraser.controller.pass(), rival.controller.pass()]);
      clock.advance(minuteMs);
    }
    expect(await begun()).toEqual([1, 1, 1]);
    expect(heldBy(doomed)).toEqual([true, true, true]);
    clock.advance(5 * minuteMs);
    await until('the second is done', async () => {
      await Promise.all([eraser.controller.pass(), rival.controller.pass()]);
      clock.advance(1_000);
      return eraser.audited.length + rival.audited.length >= 2;
    });
    expect(await begun()).toEqual([2, 2, 2]);
    expect(heldBy(doomed)).toEqual([false, false, false]);
  });

  it('of a Redis that is not the acceptor of the zone are not asked for', async () => {
    const crossed = createAofRewriter({
      random: systemRandom,
      addressOf: () => zones.address(0, 'key-manager'),
    });
    await expect(crossed.look('us-south-2', 2_000)).rejects.toMatchObject({
      code: 'IDENTITY_REFUSED',
    });
    crossed.close();
  });
});
