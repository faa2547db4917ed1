// Faults that only a network and a disk of a zone's own can have: the cable is pulled, one direction is slow or silent, the disk is
// full. No operation fails as long as two zones can be heard, and nothing acknowledged is lost.
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { idOf, Load, valueOf, write } from './load.ts';
import { RedisZones } from './redis-zones.ts';
import { SlowLink } from './slow-link.ts';
import { until } from './until.ts';
import { openWatchedStore, type WatchedStore } from './watched-store.ts';

/** Room for Redis and these tests, and quickly filled. */
const diskMaxBytes = 16 * 1024 * 1024;

let zones: RedisZones;
/** Before the first zone. */
let link: SlowLink;
let watched: WatchedStore;
let load: Load | undefined;

beforeAll(async () => {
  zones = await RedisZones.start({ driver: 'containers', diskMaxBytes });
  link = await SlowLink.start(zones.server(0));
});
afterAll(async () => {
  await link.stop();
  await zones.stop();
});
beforeEach(async () => {
  const [first, ...others] = zones.zones;
  watched = await openWatchedStore(zones, { zones: [{ ...first!, port: link.port }, ...others] });
  for (const { zone } of zones.zones) await watched.reached(zone, 'voter');
  load = undefined;
});
afterEach(async () => {
  link.heal();
  await load?.stop();
  await watched.store.close();
});

/** Starts clients and waits until each has been served. */
async function work(): Promise<Load> {
  const started = (load = new Load(watched.store, 16));
  await until('work goes on', started.progress(200));
  return started;
}

/** Ends the clients; nothing may have failed, and everything acknowledged must be there. */
async function expectAllWell(): Promise<void> {
  await load?.stop();
  expect(load?.failures).toEqual([]);
  for (const [client, count] of load?.acknowledged ?? []) {
    expect(await valueOf(watched.store, idOf(client))).toBe(String(count));
  }
}

describe('a zone whose network is cut', () => {
  it('is missed by nobody, and votes again by itself when the network is back', async () => {
    const busy = await work();
    await zones.container(1).disconnect();
    await watched.reached('us-south-2', 'unreachable');
    await until('work goes on without it', busy.progress(200));
    await zones.container(1).reconnect();
    await watched.reached('us-south-2', 'voter');
    await expectAllWell();
  });

  it('stops the region together with a second one, and service resumes by itself', async () => {
    await write(watched.store, idOf(200), 'before');
    await Promise.all([1, 2].map((index) => zones.container(index).disconnect()));
    await expect(write(watched.store, idOf(200), 'refused')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await zones.container(1).reconnect();
    await watched.reached('us-south-2', 'voter');
    await write(watched.store, idOf(200), 'after');
    await zones.container(2).reconnect();
    await watched.reached('us-south-3', 'voter');
    expect(await valueOf(watched.store, idOf(200))).toBe('after');
  });

  it('is reached over loopback only', async () => {
    const addresses = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal);
    expect(addresses).not.toEqual([]);
    for (const { address } of addresses) {
      expect(await isOpen(address, zones.server(0).port), address).toBe(false);
    }
    expect(await isOpen('127.0.0.1', zones.server(0).port)).toBe(true);
  });
});

describe('a zone behind a bad link', () => {
  it('is not waited for while its replies are late, and keeps its vote', async () => {
    const busy = await work();
    link.replies = { kind: 'late', delayMs: 150 };
    // Each of 16 clients does 30 operations; did they wait for the slow zone, that would take 4.5 s and more.
    const startedMs = performance.now();
    await until('work goes on', busy.progress(480));
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    expect(watched.standingOf('us-south-1')).toBe('voter');
    await expectAllWell();
    expect(watched.standings).not.toContain('us-south-1 unreachable');
  });

  it.each(['requests', 'replies'] as const)(
    'is given up when its %s do not arrive, and votes again when they do',
    async (direction) => {
      const busy = await work();
      link[direction] = { kind: 'deaf' };
      await watched.reached('us-south-1', 'unreachable');
      await until('work goes on without it', busy.progress(200));
      link.heal();
      await watched.reached('us-south-1', 'voter');
      await until('work goes on with it', busy.progress(200));
      await expectAllWell();
    },
  );
});

describe('a zone whose disk is full', () => {
  it('ends rather than answer what it cannot keep, and votes again once there is room', async () => {
    const busy = await work();
    const server = zones.server(2);
    server.fillDisk();
    await server.ended();
    await until('work goes on without it', busy.progress(200));
    expect(server.log).toContain("Can't recover from AOF write error");
    server.freeDisk();
    await server.startMended();
    await watched.reached('us-south-3', 'voter');
    await until('work goes on with it', busy.progress(200));
    await expectAllWell();
  });
});

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 500 });
    const say = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', say(true)).once('error', say(false)).once('timeout', say(false));
  });
}
