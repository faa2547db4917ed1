// A zone may die. Under a steady SDK load every part of every zone is killed in turn; the figures are printed. All backends of a zone at once, killed or
// hung, are among the scenarios (scenarios.e2e.test.ts).
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lostKeys, startLoad, type Load, type LoadReport } from './load.ts';
import { eventually } from './eventually.ts';
import { attachRegion } from './region.ts';
import { SdkClient } from './sdk.ts';

const region = attachRegion();
const zones = ['us-south-1', 'us-south-2', 'us-south-3'];
const workers = 8;
/** Every fault must be met by at least this many requests, or the test proves nothing. */
const requestsMin = 100;

const client = new SdkClient({ ...region.sdkOptions('MANAGER'), connections: workers });
let load: Load;

beforeAll(async () => {
  load = startLoad(client, workers);
  await eventually('the load is under way', 20_000, async () => load.keys.length >= 10);
});

afterAll(async () => {
  await load.stop();
  client.close();
});

/** Lets the load run until it has made `count` more requests. */
async function underLoad(count: number): Promise<LoadReport> {
  let requests = 0;
  const failures: LoadReport['failures'][number][] = [];
  let slowestMs = 0;
  await eventually(`${count} requests`, 60_000, async () => {
    const report = load.take();
    requests += report.requests;
    failures.push(...report.failures);
    slowestMs = Math.max(slowestMs, report.slowestMs);
    return requests >= count;
  });
  return { requests, failures, slowestMs };
}

function print(what: string, report: LoadReport): void {
  const slowest = Math.round(report.slowestMs);
  console.log(
    `${what}: ${report.requests} requests, ${report.failures.length} failed, slowest ${slowest} ms`,
  );
}

/** Starts again what was killed in a zone. */
async function restored(zone: string): Promise<void> {
  await region.zonehold('zone', 'start', zone);
  await region.isWhole();
}

describe.each(zones)('zone %s', (zone) => {
  it.each(['redis', 'key-manager', 'crypto-worker'] as const)(
    'loses its %s to kill -9 and no request fails',
    async (service) => {
      load.take();
      await region.zonehold('zone', 'kill', zone, '--service', service);
      const report = await underLoad(requestsMin * 3);
      print(`kill -9 ${zone} ${service}`, report);
      await restored(zone);
      expect(report.failures).toEqual([]);
    },
  );

  it('dies with its gateway: only connections then open to it fail, each succeeds on one reconnect', async () => {
    load.take();
    const openConnections = await region.openEdgeConnections(zone);
    await region.zonehold('zone', 'kill', zone);
    const report = await underLoad(requestsMin * 3);
    print(`kill -9 ${zone} with its gateway (${openConnections} connections open to it)`, report);
    await restored(zone);
    expect(report.failures.length).toBeLessThanOrEqual(openConnections);
    expect(report.failures.filter((failure) => !failure.succeededOnReconnect)).toEqual([]);
  });
});

describe('a gateway that hangs', () => {
  it('keeps no new connection waiting longer than 3 s', async () => {
    await region.zonehold('zone', 'pause', 'us-south-1', '--service', 'gateway');
    const waits: Promise<number>[] = [];
    const startedAtMs = performance.now();
    await eventually('the hung gateway is replaced', 20_000, async () => {
      waits.push(connectionWaitMs());
      return performance.now() - startedAtMs > 6_000;
    });
    const waitedMs = await Promise.all(waits);
    const longestMs = Math.max(...waitedMs);
    console.log(
      `SIGSTOP of a gateway: ${waits.length} new connections, the longest waited ${Math.round(longestMs)} ms`,
    );
    await region.isWhole();
    expect(longestMs).toBeLessThanOrEqual(3_000);
  });

  /** How long a fresh TLS connection to the regional endpoint waits until it is served or cut. */
  function connectionWaitMs(): Promise<number> {
    const { hostname, port } = new URL(region.url);
    const startedMs = performance.now();
    return new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', servername: hostname, port: Number(port) });
      const done = (): void => {
        socket.destroy();
        resolve(performance.now() - startedMs);
      };
      socket.once('secureConnect', done);
      socket.once('error', done);
      socket.once('close', done);
    });
  }
});

describe('after all of it', () => {
  it('no acknowledged key is lost', async () => {
    await load.stop();
    const lost = await lostKeys(client, load.keys);
    console.log(`acknowledged keys: ${load.keys.length}, lost: ${lost.length}`);
    expect(load.keys.length).toBeGreaterThan(50);
    expect(lost).toEqual([]);
  });
});
