// Faults of one zone's Redis under load, on real Redis: killed, frozen, forged, fed with bytes from elsewhere. No
// operation fails, no answer is wrong, and nothing acknowledged is lost.
import { encodeEnvelope, formatBallot, type RegisterId } from '@zonehold/caspaxos';
import {
  configurationKey,
  indexKey,
  listKey,
  logKey,
  recordNameOf,
  registerKey,
  shardOf,
} from '@zonehold/caspaxos-redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { idOf, Load, soon, valueOf, write } from './load.ts';
import { wholeList } from '../whole-list.ts';
import { RedisZones } from './redis-zones.ts';
import { until } from './until.ts';
import { openWatchedStore, type WatchedStore } from './watched-store.ts';

let zones: RedisZones;
let watched: WatchedStore;
beforeAll(async () => {
  zones = await RedisZones.start();
});
afterAll(async () => {
  await zones.stop();
});
beforeEach(async () => {
  watched = await openWatchedStore(zones);
});
afterEach(async () => {
  await watched.store.close();
});

describe('reads and writes', () => {
  it('never fail while each Redis in turn is killed and comes back', async () => {
    const load = new Load(watched.store, 16);
    for (const [index, { zone }] of zones.zones.entries()) {
      await until('work goes on', load.progress(200));
      await zones.server(index).kill();
      await until('work goes on without it', load.progress(200));
      await zones.server(index).startMended();
      await watched.reached(zone, 'voter');
    }
    await load.stop();
    expect(load.failures).toEqual([]);
    for (const [client, count] of load.acknowledged) {
      expect(await valueOf(watched.store, idOf(client))).toBe(String(count));
    }
  });

  it('never fail, nor wait for it, while a Redis is frozen', async () => {
    const load = new Load(watched.store, 16);
    await until('work goes on', load.progress(200));
    await zones.server(1).pause();
    try {
      // Two changes and two reads by each client. Did they wait for the frozen zone, its link would be cut before.
      await until('work goes on at once', load.progress(64));
      expect(watched.standingOf('us-south-2')).toBe('voter');
      await watched.reached('us-south-2', 'unreachable');
      await until('work goes on without it', load.progress(500));
    } finally {
      await zones.server(1).resume();
    }
    await watched.reached('us-south-2', 'voter');
    await load.stop();
    expect(load.failures).toEqual([]);
  });

  it('survive the death of all three at once, and nothing acknowledged is lost', async () => {
    const ids = Array.from({ length: 20 }, (_, number) => idOf(100 + number));
    await Promise.all(ids.map((id) => write(watched.store, id, id.name)));
    await Promise.all(zones.servers.map((server) => server.restart()));
    for (const { zone } of zones.zones) await watched.reached(zone, 'voter');
    const states = await watched.store.read(ids, soon());
    expect(states.map(({ value }) => value)).toEqual(ids.map(({ name }) => name));
  });
});

describe('one Redis that lies', () => {
  it('is refused, with an alarm, when a register carries a forged high ballot', async () => {
    const id = idOf(50);
    await write(watched.store, id, 'true');
    const forged = formatBallot(1_000n, 'f'.repeat(16));
    await zones.server(0).admin.hset(registerKey(id), {
      p: forged,
      a: forged,
      v: encodeEnvelope({ value: 'forged', summary: null }),
      m: 'A'.repeat(43),
    });
    await readUntilAlarm(id, 'true', 'forged us-south-1');
    await write(watched.store, id, 'still true');
    expect(await valueOf(watched.store, id)).toBe('still true');
  });

  it('is refused when it shows the bytes of another register', async () => {
    const [victim, donor] = [idOf(60), idOf(61)];
    await write(watched.store, victim, 'mine');
    for (let count = 0; count < 3; count += 1)
      await write(watched.store, donor, `not mine ${count}`);
    const { admin } = zones.server(1);
    await admin.hset(registerKey(victim), await admin.hgetall(registerKey(donor)));
    await readUntilAlarm(victim, 'mine', 'forged us-south-2');
  });

  it('cannot have the other two taken for rolled back, by forged records of them', async () => {
    const id = idOf(80);
    await watched.store.close();
    watched = await openWatchedStore(zones, { gateIntervalMs: 20 });
    await write(watched.store, id, 'before');
    const { admin } = zones.server(0);
    for (const zone of zones.zones.slice(1)) {
      const field = `peer:${recordNameOf(zone)}`;
      const genuine = (await admin.hget(configurationKey, field))!;
      const forged = genuine.replace(/^\d+/, '999999999999');
      await admin.hset(configurationKey, field, forged);
    }
    await until('the gates have looked', () => watched.alarms.includes('forged us-south-1'));
    for (const { zone } of zones.zones) expect(watched.standingOf(zone)).toBe('voter');
    await write(watched.store, id, 'after');
    expect(await valueOf(watched.store, id)).toBe('after');
  });

  it('cannot spoil lists with names that no register can have', async () => {
    const id = idOf(90);
    await write(watched.store, id, 'listed');
    const { admin } = zones.server(0);
    await admin.hset(listKey(id.scope), 'not a name', 'z'.repeat(40));
    await admin.zadd(logKey(id.scope), 1, 'not a name');
    await admin.zadd(indexKey(shardOf(id.scope)), 0, 'no-scope-and not a name');
    for (let count = 0; count < 20; count += 1) {
      const listed = wholeList(await watched.store.list(id.scope, soon()));
      expect(listed.map(({ name }) => name)).toContain(id.name);
      expect(listed.map(({ name }) => name)).not.toContain('not a name');
      await watched.store.read(await watched.store.scan('', soon()), soon());
    }
  });

  it("is refused when it shows another region's bytes, of the same register", async () => {
    const id = idOf(70);
    const other = await RedisZones.start({ region: 'eu-de', clusterId: 'cluster-b' });
    const foreign = await openWatchedStore(other);
    try {
      await write(foreign.store, id, 'from afar');
      await write(foreign.store, id, 'from afar, again');
      const fields = await other.server(0).admin.hgetall(registerKey(id));
      await write(watched.store, id, 'at home');
      await zones.server(0).admin.hset(registerKey(id), fields);
      await readUntilAlarm(id, 'at home', 'forged us-south-1');
    } finally {
      await foreign.store.close();
      await other.stop();
    }
  });
});

/**
 * Reads `id` again and again until the alarm is raised: a read is decided by the first two answers, so the liar's must be
 * among them for once. Every answer on the way must be `value`.
 */
async function readUntilAlarm(id: RegisterId, value: string, alarm: string): Promise<void> {
  await until(`the alarm "${alarm}" is raised`, async () => {
    expect(await valueOf(watched.store, id)).toBe(value);
    return watched.alarms.includes(alarm);
  });
}
