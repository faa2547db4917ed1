// Three whole monitors of a region in which nothing else runs, over real frames: they find each other, and agree.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegionHealthReply, ZonesReply } from '@zonehold/api-contract';
import { createAuthority, issueCertificate } from '@zonehold/pki';
import { systemClock as clock, systemRandom as random } from '@zonehold/primitives';
import type { RunningService, ServiceContext, Topology } from '@zonehold/service-host';
import { createLog, createMetrics } from '@zonehold/telemetry';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startHealthMonitor } from './compose.ts';
import type { Settings } from './config.ts';

const zones = ['south-1', 'south-2', 'south-3'] as const;
const place = { clusterId: 'c1', region: 'south' };
const host = '127.0.0.1';
const directory = mkdtempSync(join(tmpdir(), 'monitors-'));
const passwordPath = join(directory, 'password');
const running = new Map<string, { service: RunningService; pages: Map<string, () => unknown> }>();

/** As a region with faults has it; it touches nothing. */
const oneFault: NonNullable<ServiceContext<Settings>['faults']> = {
  port: { edge: () => ({ pass: (_message, exits) => exits.deliver(), close: () => undefined }) },
  active: () => [],
  summaries: () => [{ id: 'f-1', fault: 'a delay', reason: 'a test', expiresAt: 'soon' }],
};

async function topology(): Promise<Topology> {
  const servers = await Promise.all(
    zones.map(async () => {
      const server = createServer().listen(0, host);
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  const nobody = { host, port: 1, opsPort: 1 };
  return {
    ...{ ...place, regionalPort: 1 },
    zones: zones.map((zone, at) => ({
      ...{ zone, gateway: nobody, 'key-manager': nobody, 'crypto-worker': nobody },
      'health-monitor': { host, port: ports[at] ?? 1, opsPort: 1 },
      redis: { host, port: 1, acceptorId: `a${at}`, incarnation: `i${at}` },
    })),
  };
}

beforeAll(async () => {
  writeFileSync(passwordPath, 'secret');
  const ca = await createAuthority(place.region, { clock, random });
  const shared = await topology();
  for (const zone of zones) {
    const self = { ...place, zone, service: 'health-monitor' } as const;
    const { certPem, keyPem } = await issueCertificate(ca, self, { clock, random });
    const identity = { service: self.service, zone, region: place.region };
    const service = await startHealthMonitor({
      settings: {
        ...{ ...self, topologyPath: '', logLevel: 'silent' },
        tls: { caPath: '', certPath: '', keyPath: '' },
        redis: { username: 'health-monitor', passwordPath },
      },
      ...{ self, topology: shared, tls: { ca: ca.certPem, cert: certPem, key: keyPem } },
      log: createLog({ ...identity, level: 'silent' }),
      ...{ metrics: createMetrics(identity), clock, random },
      ...(zone === 'south-1' ? { faults: oneFault } : {}),
    });
    const pages = new Map<string, () => unknown>();
    const get = (path: string, handle: (request: unknown, response: unknown) => void): void => {
      pages.set(path, () => {
        let body: unknown;
        handle({}, { json: (shown: unknown) => (body = shown) });
        return body;
      });
    };
    service.routes?.({ get } as unknown as Parameters<NonNullable<RunningService['routes']>>[0]);
    running.set(zone, { service, pages });
  }
});
afterAll(async () => {
  await Promise.all([...running.values()].map(({ service }) => service.drain()));
  rmSync(directory, { recursive: true });
});

const health = (zone: string) => running.get(zone)?.pages.get('/v1/zones')?.() as RegionHealthReply;

describe('three monitors', () => {
  it('find each other, see with one voice that nothing else is there, and advise against no zone', async () => {
    await vi.waitFor(
      () => {
        for (const zone of zones) {
          const page = health(zone);
          expect(page.isIsolated).toBe(false);
          expect(page.monitors.map(({ isHeard }) => isHeard)).toEqual([true, true, true]);
          expect(page.zones.map(({ state }) => state)).toEqual(['down', 'down', 'down']);
          expect(page.zones[0]?.votes).toEqual(
            Object.fromEntries(zones.map((name) => [name, 'down'])),
          );
          expect(page.advice.isPanic).toBe(true);
        }
      },
      { timeout: 20_000, interval: 100 },
    );
    const page = running.get('south-1')?.pages.get('/zones')?.() as ZonesReply;
    expect(page.zones[1]?.services).toMatchObject({
      'health-monitor': { ok: true },
      canary: { ok: false },
    });
  }, 30_000);

  it('name the faults that are made on purpose, in a region with faults and nowhere else', () => {
    expect(health('south-1').faults).toEqual(oneFault.summaries());
    expect(health('south-2')).not.toHaveProperty('faults');
  });

  it('cannot tell any more when one is left', async () => {
    await Promise.all(
      ['south-1', 'south-2'].map(async (zone) => {
        await running.get(zone)?.service.drain();
        running.delete(zone);
      }),
    );
    await vi.waitFor(
      () => {
        expect(health('south-3').isIsolated).toBe(true);
        for (const { state } of health('south-3').zones) expect(state).toBe('unknown');
      },
      { timeout: 10_000, interval: 100 },
    );
  }, 30_000);
});
