// A Redis that answers nonsense: replies of the wrong shape are one zone's refusal, never an exception in our process.
import type { RegisterId, RegisterStore } from '@zonehold/caspaxos';
import {
  configurationKey,
  indexKey,
  listKey,
  logKey,
  registerKey,
  shardOf,
} from '@zonehold/caspaxos-redis';
import { Deadline, systemClock } from '@zonehold/primitives';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { wholeList } from '../whole-list.ts';
import { BabblingRedis } from './babbling-redis.ts';
import { RedisZones } from './redis-zones.ts';
import { openWatchedStore, type WatchedStore } from './watched-store.ts';

const soon = (): Deadline => Deadline.after(systemClock, 3_000);
const id: RegisterId = { scope: 'instance-1', name: 'key/1' };

async function write(store: RegisterStore, value: string): Promise<void> {
  await store.change(
    id,
    () => ({ kind: 'write', value, summary: `about ${value}`, result: undefined }),
    soon(),
  );
}

/** Everything a store can be asked, several times: the liar must be among the first to answer for once. */
async function useAll(store: RegisterStore, value: string): Promise<void> {
  for (let time = 0; time < 5; time += 1) {
    await write(store, `${value} ${time}`);
    expect((await store.read([id], soon()))[0]?.value).toBe(`${value} ${time}`);
    expect(wholeList(await store.list(id.scope, soon()))).toMatchObject([{ name: id.name }]);
    expect(await store.scan('key/', soon())).toEqual([id]);
  }
}

let zones: RedisZones;
let proxy: BabblingRedis;
let watched: WatchedStore;
beforeAll(async () => {
  zones = await RedisZones.start();
});
afterAll(async () => {
  await zones.stop();
});
beforeEach(async () => {
  proxy = await BabblingRedis.start(zones.server(0));
  const [first, second, third] = zones.zones;
  const options = { zones: [{ ...first!, port: proxy.port }, second!, third!], gateIntervalMs: 50 };
  watched = await openWatchedStore(zones, options);
  await write(watched.store, 'before');
});
afterEach(async () => {
  await watched.store.close();
  await proxy.stop();
});

describe('a Redis that answers nonsense', () => {
  it.each([
    [':7\r\n'],
    ['+OK\r\n'],
    ['$-1\r\n'],
    ['*-1\r\n'],
    ['*0\r\n'],
    ['*1\r\n:5\r\n'],
    ['*2\r\n$8\r\npromised\r\n:5\r\n'],
    ['*1\r\n*5\r\n:1\r\n:2\r\n:3\r\n:4\r\n:5\r\n'],
    ['*2\r\n*1\r\n$-1\r\n*3\r\n$1\r\na\r\n:1\r\n*0\r\n'],
    ['*2\r\n-WRONGTYPE no\r\n-WRONGTYPE no\r\n'],
  ])('%j to everything does not disturb the other two', async (babble) => {
    proxy.babble = babble;
    await useAll(watched.store, 'during');
    proxy.drop();
    await useAll(watched.store, 'from the first word');
    proxy.babble = undefined;
    // Redis has not heard who we are: the nonsense answered that, too.
    proxy.drop();
    await watched.reached('us-south-1', 'voter');
    await useAll(watched.store, 'after');
  });

  it.each([
    ['register', registerKey(id)],
    ['list', listKey(id.scope)],
    ['log', logKey(id.scope)],
    ['index', indexKey(shardOf(id.scope))],
    ['configuration', configurationKey],
  ])('the %s being of another type does not disturb the other two', async (_what, key) => {
    const { admin } = zones.server(0);
    const dump = await admin.dumpBuffer(key);
    await admin.set(key, 'a string');
    try {
      await useAll(watched.store, `without the ${key}`);
    } finally {
      await admin.restore(key, 0, dump, 'REPLACE');
    }
    await watched.reached('us-south-1', 'voter');
  });

  // The last one: it leaves a zone rolled back.
  it('that is silent at first is waited for, when it alone knows that a disk is old', async () => {
    const { store } = watched;
    await write(store, 'old');
    const old = zones.server(2).snapshot();
    await zones.server(1).kill();
    for (let count = 0; count < 5; count += 1) await write(store, `new ${count}`);
    await store.close();
    await zones.server(2).restore(old);
    await zones.server(1).startMended();
    proxy.babble = '';
    proxy.drop();
    const [first, second, third] = zones.zones;
    const options = { zones: [{ ...first!, port: proxy.port }, second!, third!] };
    watched = await openWatchedStore(zones, options, false);
    await watched.reached('us-south-3', 'comparing');
    await watched.reached('us-south-2', 'comparing');
    proxy.babble = undefined;
    proxy.drop();
    await watched.reached('us-south-3', 'rolled-back');
    await watched.reached('us-south-2', 'voter');
    expect(watched.standings).not.toContain('us-south-3 voter');
    expect((await watched.store.read([id], soon()))[0]?.value).toBe('new 4');
  });
});
