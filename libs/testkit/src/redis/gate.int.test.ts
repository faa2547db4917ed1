// Which Redis may vote: unsafe, wiped, foreign and rolled-back ones are recognised and take no part, while the other two
// zones go on. And what each ACL user may not do.
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  silentObserver,
  type AcceptorIdentity,
  type RegisterId,
  type RegisterStore,
} from '@zonehold/caspaxos';
import {
  createAcceptorProber,
  createRegisterStore,
  firstConfiguration,
  formatAcceptor,
} from '@zonehold/caspaxos-redis';
import { Deadline, systemClock, systemRandom } from '@zonehold/primitives';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RedisZones } from './redis-zones.ts';
import { until } from './until.ts';
import { openWatchedStore, type WatchedStore } from './watched-store.ts';

const id: RegisterId = { scope: 'instance-1', name: 'key/1' };
const soon = (): Deadline => Deadline.after(systemClock, 3_000);

async function write(store: RegisterStore, value: string, register = id): Promise<void> {
  await store.change(
    register,
    () => ({ kind: 'write', value, summary: null, result: undefined }),
    soon(),
  );
}

async function valueOf(store: RegisterStore, register = id): Promise<string | null | undefined> {
  return (await store.read([register], soon()))[0]?.value;
}

let zones: RedisZones;
let watched: WatchedStore | undefined;
const open = async (options = {}, waits = true): Promise<WatchedStore> =>
  (watched = await openWatchedStore(zones, options, waits));

afterEach(async () => {
  await watched?.store.close();
  watched = undefined;
});

describe('the gate, on three zones', () => {
  beforeAll(async () => {
    zones = await RedisZones.start();
  });
  afterAll(async () => {
    await zones.stop();
  });

  it.each([
    ['appendfsync', 'everysec', 'always'],
    ['no-appendfsync-on-rewrite', 'yes', 'no'],
    ['aof-load-truncated', 'yes', 'no'],
    ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
    ['appendonly', 'no', 'yes'],
  ])(
    'shuts when someone sets %s to %s while it runs, and opens again',
    async (setting, unsafe, safe) => {
      const { store, reached } = await open({ gateIntervalMs: 20 });
      const { admin } = zones.server(0);
      await admin.config('SET', setting, unsafe);
      await reached('us-south-1', 'unsafe-settings');
      expect(store.zones()[0]?.reason).toContain(`${setting} is ${unsafe}, must be ${safe}`);
      await write(store, `with ${setting}=${unsafe}`);
      expect(await valueOf(store)).toBe(`with ${setting}=${unsafe}`);
      await admin.config('SET', setting, safe);
      await reached('us-south-1', 'voter');
    },
  );

  it('tells what time it is in each zone, at its first look and at every other', async () => {
    const told = new Map<string, number[]>();
    const clockShown = (zone: string, wallMs: number): void => {
      told.set(zone, [...(told.get(zone) ?? []), wallMs]);
    };
    const observer = { ...silentObserver, standing: () => undefined, clockShown };
    const store = createRegisterStore({ ...zones.storeOptions(), gateIntervalMs: 20, observer });
    await until('each zone was looked at twice', () => {
      return ['us-south-1', 'us-south-2', 'us-south-3'].every(
        (zone) => (told.get(zone)?.length ?? 0) >= 2,
      );
    });
    for (const times of told.values()) {
      expect(Math.abs(times.at(-1)! - systemClock.wallMs())).toBeLessThan(5_000);
    }
    await store.close();
  });

  it('keeps a replica out', async () => {
    const { store, reached } = await open({ gateIntervalMs: 20 });
    const { admin } = zones.server(1);
    await admin.replicaof('127.0.0.1', '1');
    await reached('us-south-2', 'unsafe-settings');
    expect(store.zones()[1]?.reason).toContain('role is slave, must be master');
    await write(store, 'without the replica');
    await admin.replicaof('NO', 'ONE');
    await reached('us-south-2', 'voter');
  });

  it('tells a restart with the whole disk from a loss: the zone votes again', async () => {
    const { store, reached } = await open();
    await write(store, 'before the restart');
    const before = await probe(2);
    await zones.server(2).restart();
    await reached('us-south-3', 'voter');
    const after = await probe(2);
    expect(after.runId).not.toBe(before.runId);
    expect(after.seq).toBe(before.seq);
    expect(await valueOf(store)).toBe('before the restart');
  });

  it('reports what a probe finds, within its deadline', async () => {
    expect(await probe(0)).toMatchObject({ standing: 'voter', reason: '' });
    await zones.server(0).pause();
    try {
      const silent = await probe(0, 200);
      expect(silent.standing).toBe('unreachable');
      expect(silent.latencyMs).toBeLessThan(400);
    } finally {
      await zones.server(0).resume();
    }
    const region = zones.identity(0);
    const foreign = await look(0, { ...region, clusterId: 'another' }, 2_000);
    expect(foreign).toMatchObject({ standing: 'foreign' });
    expect(foreign.reason).toContain('other clusterId');
  });

  it('looks again with the same prober after a frozen Redis came back', async () => {
    const prober = proberOf(0, zones.identity(0));
    try {
      expect(await prober.look(2_000)).toMatchObject({ standing: 'voter' });
      await zones.server(0).pause();
      expect(await prober.look(200)).toMatchObject({ standing: 'unreachable' });
      await zones.server(0).resume();
      expect(await prober.look(2_000)).toMatchObject({ standing: 'voter' });
      expect(await prober.look(2_000)).toMatchObject({ standing: 'voter' });
    } finally {
      await zones.server(0).resume();
      prober.close();
    }
  });

  it('formats only an empty Redis, and the same again without harm', async () => {
    await zones.format(0);
    const options = {
      address: zones.address(0, 'provisioner'),
      configuration: firstConfiguration(zones.zones, zones.authenticator),
      authenticator: zones.authenticator,
      random: systemRandom,
    };
    const other = { ...zones.identity(0), incarnation: 'incarnation-2' };
    await expect(formatAcceptor({ ...options, identity: other })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('does not talk to a server whose certificate names another zone', async () => {
    const [first, second, third] = zones.zones;
    const swapped = [{ ...first!, port: second!.port }, second!, third!];
    const { store, reached } = await open({ zones: swapped }, false);
    await until('the refusal is known', () =>
      store.zones()[0]!.reason.includes('is not spiffe://'),
    );
    expect(store.zones()[0]?.standing).toBe('connecting');
    await reached('us-south-2', 'voter');
    await reached('us-south-3', 'voter');
    await write(store, 'two zones are enough');
  });

  it.each([
    ['key-manager', ['flushall'], ['flushdb'], ['del', 'zonehold:cfg'], ['unlink', 'zonehold:cfg']],
    ['key-manager', ['config', 'set', 'appendfsync', 'no'], ['expire', 'zonehold:cfg', '1']],
    [
      'key-manager',
      ['keys', '*'],
      ['scan', '0'],
      ['rename', 'zonehold:cfg', 'x'],
      ['eval', 'return 1', '0'],
    ],
    [
      'key-manager',
      ['hset', 'elsewhere', 'a', 'b'],
      ['replicaof', 'no', 'one'],
      ['shutdown'],
      ['acl', 'list'],
    ],
    [
      'health-monitor',
      ['hset', 'zonehold:cfg', 'seq', '9'],
      ['hmget', '{s000}:reg:a/b', 'v'],
      ['flushall'],
    ],
    ['provisioner', ['hset', '{s000}:reg:a/b', 'v', 'x'], ['flushall'], ['del', 'zonehold:cfg']],
  ] as const)('gives %s no right to %j, %j and the like', async (user, ...commands) => {
    const redis = zones.server(0).connect(user);
    try {
      expect(await redis.ping()).toBe('PONG');
      for (const [name, ...args] of commands as readonly (readonly [string, ...string[]])[]) {
        await expect(redis.call(name, ...args), name).rejects.toThrow('NOPERM');
      }
    } finally {
      redis.disconnect();
    }
  });

  it('keeps no password in the configuration or the ACL file', () => {
    const { folder } = zones.server(0);
    const passwords = (['key-manager', 'health-monitor', 'provisioner'] as const).map(
      (user) => zones.address(0, user).password,
    );
    for (const file of ['redis.conf', 'users.acl']) {
      const text = readFileSync(join(folder, file), 'utf8');
      for (const password of passwords) expect(text).not.toContain(password);
    }
  });
});

function logOf(dataDir: string): string {
  const folder = join(dataDir, 'appendonlydir');
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.incr.aof'))!,
  );
}

function probe(index: number, timeoutMs = 2_000) {
  return look(index, zones.identity(index), timeoutMs);
}

function proberOf(index: number, identity: AcceptorIdentity) {
  return createAcceptorProber({
    address: zones.address(index, 'health-monitor'),
    identity,
    clock: systemClock,
    random: systemRandom,
  });
}

async function look(index: number, identity: AcceptorIdentity, timeoutMs: number) {
  const prober = proberOf(index, identity);
  try {
    return await prober.look(timeoutMs);
  } finally {
    prober.close();
  }
}

describe('a zone with the wrong disk', () => {
  beforeAll(async () => {
    zones = await RedisZones.start();
  });
  afterAll(async () => {
    await zones.stop();
  });

  it('is recognised when it was rolled back, by a process that saw more and by one that did not', async () => {
    const { store, reached } = await open();
    await write(store, 'old');
    const old = zones.server(0).snapshot();
    for (let count = 0; count < 5; count += 1) await write(store, `new ${count}`);
    await zones.server(0).restore(old);
    await reached('us-south-1', 'rolled-back');
    expect(store.zones()[0]?.reason).toContain('older than what it had answered');
    await write(store, 'without it');
    expect(await valueOf(store)).toBe('without it');
    await store.close();

    const newcomer = await open();
    expect(newcomer.standingOf('us-south-1')).toBe('rolled-back');
    expect(await valueOf(newcomer.store)).toBe('without it');
    await write(newcomer.store, 'two zones go on');
    expect(await valueOf(newcomer.store)).toBe('two zones go on');
  });

  it('is recognised when it was wiped, also when formatted again as if nothing had been', async () => {
    const { store, reached } = await open();
    await zones.server(1).wipe();
    await reached('us-south-2', 'wiped');
    // The first zone is rolled back and the second is empty: one voter is no majority, and says so.
    await expect(write(store, 'no majority')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await zones.format(1);
    await zones.server(1).restart();
    await reached('us-south-2', 'rolled-back');
  });
});

describe('a Redis that is not ours', () => {
  it('takes no part when it carries another cluster, and the others go on', async () => {
    zones = await RedisZones.start();
    try {
      const { admin } = zones.server(2);
      const self = (await admin.hget('zonehold:cfg', 'self'))!;
      await admin.hset('zonehold:cfg', 'self', self.replace('test-cluster', 'cluster-b'));
      const { store, standingOf } = await open();
      expect(standingOf('us-south-3')).toBe('foreign');
      await write(store, 'two of three');
      expect(await valueOf(store)).toBe('two of three');
      expect(await admin.dbsize()).toBe(1);
      await store.close();
    } finally {
      await zones.stop();
    }
  });

  it('does not start from a torn AOF', async () => {
    zones = await RedisZones.start({ count: 1 });
    try {
      const { store } = await open();
      await write(store, 'acknowledged');
      await store.close();
      const server = zones.server(0);
      await server.kill();
      const log = logOf(server.dataDir);
      truncateSync(log, readFileSync(log).length - 5);
      await expect(server.start()).rejects.toThrow(/Unexpected end of file/);
    } finally {
      await zones.stop();
    }
  });

  it('starts again once a write that kill -9 cut short is mended, with all that was answered', async () => {
    zones = await RedisZones.start({ count: 1 });
    try {
      const first = await open();
      await write(first.store, 'acknowledged');
      await first.store.close();
      const server = zones.server(0);
      await server.kill();
      expect(await server.mend()).toEqual({ cutBytes: 0 });
      const unanswered = '*1\r\n$5\r\nMULTI\r\n*4\r\n$4\r\nHSET\r\n$12\r\nzoneh';
      appendFileSync(logOf(server.dataDir), unanswered);
      await expect(server.start()).rejects.toThrow(/Unexpected end of file/);
      expect(await server.mend()).toEqual({ cutBytes: unanswered.length });
      // Wherever it was cut: in a text, in a length, between two lines, before a line feed, after a whole command.
      for (const cut of [35, 31, 22, 19, 15, 4, 1]) {
        appendFileSync(logOf(server.dataDir), unanswered.slice(0, cut));
        expect(await server.mend()).toEqual({ cutBytes: cut });
      }
      await server.start();
      const { store } = await open();
      expect(await valueOf(store)).toBe('acknowledged');
    } finally {
      await zones.stop();
    }
  });

  it('is found out when what was mended away had been answered, and a log damaged inside is not mended', async () => {
    zones = await RedisZones.start();
    try {
      const { store, reached } = await open();
      await write(store, 'acknowledged');
      await write(store, 'acknowledged too');
      const server = zones.server(0);
      // Two zones made the write; this one's answer must have been seen as well, or cutting it loses nothing answered.
      const hasWritten = async () => (await server.admin.hget('zonehold:cfg', 'seq')) === '4';
      await until('the third zone has written too', hasWritten);
      for (let count = 0; count < 20; count += 1) await valueOf(store);
      await server.kill();
      const log = logOf(server.dataDir);
      const bytes = readFileSync(log);
      writeFileSync(
        log,
        Buffer.concat([bytes.subarray(0, 200), Buffer.from('#'), bytes.subarray(201)]),
      );
      await expect(server.mend()).rejects.toMatchObject({ code: 'INTEGRITY' });
      writeFileSync(log, bytes.subarray(0, bytes.length - 5));
      expect((await server.mend()).cutBytes).toBeGreaterThan(0);
      await server.start();
      await reached('us-south-1', 'rolled-back');
      expect(await valueOf(store)).toBe('acknowledged too');
    } finally {
      await zones.stop();
    }
  });
});
