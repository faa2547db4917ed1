// The probes against real listeners: frames over mTLS, HTTPS with the region's authority, closed and frozen ports.
import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
} from 'node:net';
import { healthMonitorMethods, type HealthReply } from '@zonehold/api-contract';
import {
  createMeshClient,
  startFrameServer,
  type ServiceIdentity,
  type TlsIdentity,
} from '@zonehold/mesh';
import { createAuthority, issueCertificate } from '@zonehold/pki';
import { systemClock as clock, systemRandom as random } from '@zonehold/primitives';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { probe, probeTimeoutMs, type ProbePoint } from '../probe.ts';
import { askWord } from '../observers/ask-word.ts';
import { frameHealthProbe } from './frame-health.ts';
import { gatewayProbe } from './gateway.ts';
import { trafficOf } from './gateway-traffic.ts';
import { judgeAcceptor, NewestEpoch, nothingSeen, redisProbe, seenNow } from './redis.ts';

const place = { clusterId: 'c1', region: 'us-south', zone: 'us-south-1' };
const worker: ServiceIdentity = { ...place, service: 'crypto-worker' };
const monitor: ServiceIdentity = { ...place, zone: 'us-south-2', service: 'health-monitor' };
const host = '127.0.0.1';
const closing: (() => unknown)[] = [];
let ca: { certPem: string; keyPem: string };
let workerTls: TlsIdentity;
let monitorTls: TlsIdentity;

async function tlsOf(self: ServiceIdentity, authority = ca): Promise<TlsIdentity> {
  const subject = { ...self, dnsNames: ['localhost'], ipAddresses: [host] };
  const { certPem, keyPem } = await issueCertificate(authority, subject, { clock, random });
  return { ca: authority.certPem, cert: certPem, key: keyPem };
}

beforeAll(async () => {
  ca = await createAuthority('us-south', { clock, random });
  [workerTls, monitorTls] = await Promise.all([tlsOf(worker), tlsOf(monitor)]);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listening<Any extends TcpServer>(
  server: Any,
): Promise<{ server: Any; port: number }> {
  server.listen(0, host);
  await once(server, 'listening');
  closing.push(() => server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A port that takes connections and never says a word, like a stopped process. */
async function frozenPort(): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createTcpServer((socket) => sockets.add(socket));
  closing.push(() => sockets.forEach((socket) => socket.destroy()));
  return (await listening(server)).port;
}

const looked = async (point: ProbePoint) => {
  const { verdict, reason, latencyMs } = await probe(point, clock);
  expect(latencyMs).toBeLessThan(probeTimeoutMs + 1_000);
  return { verdict, reason };
};

describe('a frame probe', () => {
  async function probeOf(
    reply: (() => Promise<unknown>) | undefined,
    port?: number,
  ): Promise<ProbePoint> {
    const served =
      reply === undefined
        ? undefined
        : await startFrameServer({
            self: worker,
            host,
            port: 0,
            tls: workerTls,
            clock,
            methods: { health: { callers: ['health-monitor'], handle: reply } },
          });
    const at = served?.port ?? port ?? 0;
    const mesh = createMeshClient({
      self: monitor,
      endpoints: [{ zone: place.zone, service: 'crypto-worker', host, port: at }],
      services: ['crypto-worker'],
      tls: monitorTls,
      clock,
      random,
    });
    closing.push(
      () => mesh.close(),
      () => served?.close(),
    );
    return frameHealthProbe(mesh, place.zone, 'crypto-worker');
  }
  const health =
    (change: Partial<HealthReply> = {}) =>
    async (): Promise<HealthReply> => ({
      service: 'crypto-worker',
      zone: place.zone,
      isReady: true,
      reasons: [],
      uptimeS: 1,
      ...change,
    });

  it('finds a ready service well', async () => {
    expect(await looked(await probeOf(health()))).toEqual({ verdict: 'ok', reason: '' });
  });

  it('passes on why a service is not ready', async () => {
    const point = await probeOf(health({ isReady: false, reasons: ['One.', 'Two.'] }));
    expect(await looked(point)).toEqual({ verdict: 'unwell', reason: 'One. Two.' });
  });

  it('is not fooled by another service on the port', async () => {
    const point = await probeOf(health({ zone: 'us-south-3' }));
    expect(await looked(point)).toEqual({
      verdict: 'unwell',
      reason: 'Its port is served by crypto-worker of us-south-3.',
    });
  });

  it('calls a handler that never ends silent', async () => {
    const point = await probeOf(() => new Promise(() => undefined));
    expect(await looked(point)).toMatchObject({ verdict: 'silent' });
  });

  it('calls a closed port refused', async () => {
    expect(await looked(await probeOf(undefined, await closedPort()))).toMatchObject({
      verdict: 'refused',
    });
  });

  it('hears nothing from a frozen port', async () => {
    const { verdict } = await looked(await probeOf(undefined, await frozenPort()));
    expect(['refused', 'silent']).toContain(verdict);
  });
});

describe('a gateway probe', () => {
  async function edge(status: number, authority = ca): Promise<number> {
    const tls = await tlsOf({ ...place, service: 'gateway' }, authority);
    const server = createHttpsServer(tls, (request, response) => {
      response.writeHead(request.url === '/livez' ? status : 404).end('{}');
    });
    closing.push(() => server.closeAllConnections());
    return (await listening(server)).port;
  }
  async function ops(status: number, body: unknown): Promise<number> {
    const server: Server = createHttpServer((_request, response) => {
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    closing.push(() => server.closeAllConnections());
    return (await listening(server)).port;
  }
  const pointAt = (port: number, opsPort: number): ProbePoint =>
    gatewayProbe(place.zone, { host, port, opsPort }, ca.certPem);

  it('finds a live and ready gateway well, time after time', async () => {
    const point = pointAt(await edge(200), await ops(200, { isReady: true, reasons: [] }));
    for (let time = 0; time < 3; time += 1)
      expect(await looked(point)).toEqual({ verdict: 'ok', reason: '' });
  });

  it('passes on why a gateway is not ready, also when it says so badly', async () => {
    const port = await edge(200);
    const point = pointAt(port, await ops(503, { isReady: false, reasons: ['No keys.'] }));
    expect(await looked(point)).toEqual({ verdict: 'unwell', reason: 'No keys.' });
    expect(await looked(pointAt(port, await ops(503, 'not json')))).toMatchObject({
      verdict: 'unwell',
    });
  });

  it('does not need the ops port, which other hosts cannot reach', async () => {
    expect(await looked(pointAt(await edge(200), await closedPort()))).toEqual({
      verdict: 'ok',
      reason: '',
    });
  });

  it('tells a closed port from a frozen one and from a bad answer', async () => {
    const opsPort = await ops(200, {});
    expect(await looked(pointAt(await closedPort(), opsPort))).toMatchObject({
      verdict: 'refused',
    });
    expect(await looked(pointAt(await frozenPort(), opsPort))).toMatchObject({ verdict: 'silent' });
    expect(await looked(pointAt(await edge(503), opsPort))).toMatchObject({ verdict: 'unwell' });
  });

  it("does not trust a certificate of another region's authority", async () => {
    const stranger = await createAuthority('eu-de', { clock, random });
    const point = pointAt(await edge(200, stranger), await ops(200, {}));
    expect(await looked(point)).toMatchObject({ verdict: 'unwell' });
  });

  it('notices at once when a gateway with a kept connection goes away', async () => {
    const tls = await tlsOf({ ...place, service: 'gateway' });
    const server = createHttpsServer(tls, (_request, response) => response.end('{}'));
    const { port } = await listening(server);
    const point = pointAt(port, await closedPort());
    expect(await looked(point)).toMatchObject({ verdict: 'ok' });
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    expect(await looked(point)).toMatchObject({ verdict: 'refused' });
  });
});

describe('a Redis probe', () => {
  const identity = { ...place, acceptorId: 'a1' };
  const pointAt = (port: number): ProbePoint => {
    const address = {
      host,
      port,
      username: 'health-monitor',
      password: 'x',
      tls: monitorTls,
      identityUri: 'spiffe://x',
    };
    return redisProbe(address, identity, new NewestEpoch(), { clock, random });
  };

  it('tells a closed port from a frozen one', async () => {
    expect(await looked(pointAt(await closedPort()))).toMatchObject({ verdict: 'refused' });
    expect(await looked(pointAt(await frozenPort()))).toMatchObject({ verdict: 'silent' });
  });

  const voter = {
    standing: 'voter',
    reason: '',
    seq: 5,
    epoch: 2,
    incarnation: 'i1',
    latencyMs: 1,
  } as const;

  it('judges what the guard found', () => {
    expect(judgeAcceptor(voter, nothingSeen, 2)).toEqual({ verdict: 'ok', reason: '' });
    const wiped = { ...voter, standing: 'wiped', reason: 'It is empty.' } as const;
    expect(judgeAcceptor(wiped, nothingSeen, 2)).toEqual({
      verdict: 'unwell',
      reason: 'It is wiped: It is empty.',
    });
    const unreachable = { ...voter, standing: 'unreachable' } as const;
    expect(judgeAcceptor({ ...unreachable, latencyMs: 2 }, nothingSeen, 2)).toMatchObject({
      verdict: 'refused',
    });
    expect(judgeAcceptor({ ...unreachable, latencyMs: 400 }, nothingSeen, 2)).toMatchObject({
      verdict: 'silent',
    });
  });

  it('finds an old disk by its sequence, and not by that of an incarnation before a rebuild', () => {
    const seen = seenNow({ ...voter, seq: 6 }, nothingSeen);
    expect(judgeAcceptor(voter, seen, 2)).toEqual({
      verdict: 'unwell',
      reason: 'Its sequence went back from 6 to 5: an old disk.',
    });
    expect(judgeAcceptor({ ...voter, incarnation: 'i2' }, seen, 2).verdict).toBe('ok');
    // One look that failed must not make it forget.
    const still = seenNow({ standing: 'unreachable', incarnation: '', seq: 0 }, seen);
    expect(judgeAcceptor(voter, still, 2).verdict).toBe('unwell');
  });

  it('finds a disk from before a rebuild of any zone by its epoch', () => {
    expect(judgeAcceptor(voter, nothingSeen, 3).reason).toBe(
      'Its configuration is 1 epoch behind.',
    );
    expect(judgeAcceptor(voter, nothingSeen, 5).reason).toBe(
      'Its configuration is 3 epochs behind.',
    );
  });
});

describe('a probe', () => {
  it('ends at its deadline even when the look does not, and survives a look that throws', async () => {
    const point = (look: ProbePoint['look']): ProbePoint => ({ zone: 'z', target: 'redis', look });
    expect(await looked(point(() => new Promise(() => undefined)))).toMatchObject({
      verdict: 'silent',
    });
    expect(await looked(point(() => Promise.reject(new Error('bug'))))).toEqual({
      verdict: 'silent',
      reason: 'The probe failed: bug.',
    });
  });
});

describe('what a gateway says of its calls', () => {
  const zones = ['us-south-1', 'us-south-2'];

  async function said(body: string, status = 200) {
    const server = createHttpServer((request, response) =>
      response.writeHead(request.url === '/edges' ? status : 404).end(body),
    );
    closing.push(() => server.closeAllConnections());
    const { port } = await listening(server);
    return trafficOf({ host, opsPort: port }, zones, clock)();
  }

  it('is taken zone by zone, for zones of this region only', async () => {
    const seen = { calls: 30, failed: 10 };
    const body = JSON.stringify({ zones: { 'us-south-2': seen, 'eu-de-1': seen } });
    expect(await said(body)).toEqual({ 'us-south-2': seen });
  });

  it.each([
    ['no JSON', 'zones', 200],
    ['no counts', '{"zones":{"us-south-1":{"calls":"many"}}}', 200],
    ['less than nothing', '{"zones":{"us-south-1":{"calls":-3,"failed":0}}}', 200],
    ['an error', '{"zones":{}}', 503],
  ])('says nothing when it is %s', async (_name, body, status) => {
    expect(await said(body, status)).toBeUndefined();
  });

  it('says nothing when nobody answers', async () => {
    for (const opsPort of [await closedPort(), await frozenPort()])
      expect(await trafficOf({ host, opsPort }, zones, clock)()).toBeUndefined();
  });
});

describe("another monitor's word", () => {
  const word = {
    ...{ observer: 'us-south-1', isIsolated: false, hears: ['us-south-2'] },
    ...{ zones: { 'us-south-2': 'suspect' as const }, traffic: {}, drains: [] },
  };

  /** A monitor of us-south-1, and a client of `asker`. */
  async function asked(reply: unknown, asker: ServiceIdentity, as: TlsIdentity) {
    const other: ServiceIdentity = { ...place, service: 'health-monitor' };
    const served = await startFrameServer({
      ...{ self: other, host, port: 0, tls: await tlsOf(other), clock },
      methods: {
        [healthMonitorMethods.word]: { callers: ['health-monitor'], handle: async () => reply },
      },
    });
    const mesh = createMeshClient({
      self: asker,
      endpoints: [{ zone: place.zone, service: 'health-monitor', host, port: served.port }],
      ...{ services: ['health-monitor'] as const, tls: as, clock, random },
    });
    closing.push(
      () => mesh.close(),
      () => served.close(),
    );
    return askWord(mesh, place.zone, clock);
  }

  it('comes over the mesh as it was given', async () => {
    expect(await asked(word, monitor, monitorTls)).toEqual(word);
  });

  it('is not taken from a monitor that speaks for another zone', async () => {
    const stolen = { ...word, observer: 'us-south-3' };
    await expect(asked(stolen, monitor, monitorTls)).rejects.toMatchObject({ code: 'PROTOCOL' });
  });

  it('is given to monitors only', async () => {
    await expect(asked(word, worker, workerTls)).rejects.toMatchObject({
      code: 'IDENTITY_REFUSED',
    });
  });
});
