// The life of a real process: settings, ops server, signals, exits.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Deadline, systemClock } from '@zonehold/primitives';
import { initialDevControls } from './dev-controls.ts';

const program = fileURLToPath(new URL('test-service.ts', import.meta.url));
const privateKey = 'PRIVATE-KEY-MARKER';
let directory: string;
let children: ChildProcess[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zonehold-service-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

interface Service {
  readonly child: ChildProcess;
  readonly opsPort: number;
  readonly output: () => string;
  readonly exitCode: Promise<number | null>;
  get(path: string): Promise<{ status: number; text: string }>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function run(behaviour: string, change: Record<string, unknown> = {}): Promise<Service> {
  const opsPort = await freePort();
  const listener = { host: '127.0.0.1', port: 1, opsPort };
  const path = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const topology = {
    clusterId: 'c-1',
    region: 'south',
    regionalPort: 1,
    zones: [
      {
        zone: 'south-1',
        gateway: listener,
        'key-manager': listener,
        'crypto-worker': listener,
        'health-monitor': listener,
        redis: { host: '127.0.0.1', port: 1, acceptorId: 'a', incarnation: '1' },
      },
    ],
  };
  const settings = {
    region: 'south',
    zone: 'south-1',
    service: 'gateway',
    clusterId: 'c-1',
    topologyPath: path('topology.json', JSON.stringify(topology)),
    tls: {
      caPath: path('ca.crt', 'ca'),
      certPath: path('gateway.crt', 'cert'),
      keyPath: path('gateway.key', privateKey),
    },
    logLevel: 'debug',
    behaviour,
    ...change,
  };
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, ZONEHOLD_SETTINGS: path('gateway.json', JSON.stringify(settings)) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    opsPort,
    output: () => output,
    exitCode,
    get: async (url) => {
      const response = await fetch(`http://127.0.0.1:${opsPort}${url}`);
      return { status: response.status, text: await response.text() };
    },
  };
}

async function until(isTrue: () => boolean, what: () => string): Promise<void> {
  const deadline = Deadline.after(systemClock, 10_000);
  while (!isTrue()) {
    if (deadline.hasPassed()) throw new Error(`waited in vain: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const started = (service: Service) =>
  until(() => service.output().includes('"service.started"'), service.output);

describe('a service', { timeout: 30_000 }, () => {
  it('shows that it lives, whether it is ready and why not, and its metrics; then drains and exits with 0', async () => {
    const service = await run('serve');
    await started(service);
    expect((await service.get('/livez')).status).toBe(200);
    const notReady = await service.get('/readyz');
    expect(notReady).toEqual({
      status: 503,
      text: JSON.stringify({ isReady: false, reasons: ['Nobody asked for readiness yet.'] }),
    });
    expect((await service.get('/be-ready')).status).toBe(200);
    expect((await service.get('/readyz')).status).toBe(200);
    expect((await service.get('/metrics')).text).toContain(
      'process_cpu_seconds_total{app="gateway"',
    );
    service.child.kill('SIGTERM');
    expect(await service.exitCode).toBe(0);
    expect(service.output()).toContain('"test.drained"');
    expect(service.output()).not.toContain(privateKey);
  });

  it('that does not finish draining exits all the same after five seconds', async () => {
    const service = await run('never-drain');
    await started(service);
    const startedMs = systemClock.monotonicMs();
    service.child.kill('SIGINT');
    await until(() => service.output().includes('"test.drained"'), service.output);
    expect(await service.get('/readyz')).toMatchObject({ status: 503 });
    expect(await service.exitCode).toBe(0);
    expect(systemClock.monotonicMs() - startedMs).toBeGreaterThan(4_900);
    expect(service.output()).toContain('"late"');
  });

  it.each(['fail-later', 'fail-to-start'])(
    'that must %s says why and exits with 1',
    async (behaviour) => {
      const service = await run(behaviour);
      expect(await service.exitCode).toBe(1);
      expect(service.output()).toContain(
        behaviour === 'fail-later' ? 'nobody caught this' : 'cannot start',
      );
    },
  );

  it('with unsound settings names every problem and exits with 78', async () => {
    const service = await run('serve', { zone: 'A B', behaviour: 'dance', extra: 1 });
    expect(await service.exitCode).toBe(78);
    for (const place of ['zone', 'behaviour', 'extra']) expect(service.output()).toContain(place);
  });

  it('with missing files names every one of them and exits with 78', async () => {
    const tls = { caPath: '/nowhere/ca', certPath: '/nowhere/cert', keyPath: '/nowhere/key' };
    const service = await run('serve', { tls, topologyPath: '/nowhere/topology' });
    expect(await service.exitCode).toBe(78);
    for (const { path } of ['ca', 'cert', 'key', 'topology'].map((name) => ({
      path: `/nowhere/${name}`,
    }))) {
      expect(service.output()).toContain(path);
    }
  });

  it('of another region than its topology does not start', async () => {
    const service = await run('serve', { region: 'north' });
    expect(await service.exitCode).toBe(78);
    expect(service.output()).toContain('The settings say region north, the topology says south.');
  });

  it('of a zone that the topology does not have does not start', async () => {
    const service = await run('serve', { zone: 'south-9' });
    expect(await service.exitCode).toBe(78);
    expect(service.output()).toContain('has no zone south-9');
  });

  it('has no faults where its settings do not say so, and shows them where they do', async () => {
    const sound = await run('serve');
    await started(sound);
    expect((await sound.get('/faults')).status).toBe(404);
    expect((await sound.get('/metrics')).text).not.toContain('kms_faults_active{');
    const faulty = await run('serve', { faults: { dir: directory } });
    await started(faulty);
    expect(JSON.parse((await faulty.get('/faults')).text)).toEqual({
      ...{ zone: 'south-1', service: 'gateway' },
      faults: [],
    });
    expect(faulty.output()).toContain('faults.enabled');
  });

  it('says nothing of development where its settings do not', async () => {
    const service = await run('serve');
    await started(service);
    expect((await service.get('/dev')).status).toBe(404);
    expect(service.output()).not.toContain('dev.mode');
  });

  it('of a development region shows what it has been told, and says so in its log', async () => {
    const controlsPath = join(directory, 'dev-controls.json');
    writeFileSync(controlsPath, JSON.stringify(initialDevControls));
    const service = await run('serve', { dev: { controlsPath } });
    await started(service);
    const page = await service.get('/dev');
    expect(JSON.parse(page.text)).toMatchObject({ mode: 'dev', revision: 1, clockOffsetMs: 0 });
    expect(service.output()).toContain('dev.mode');
  });
});
