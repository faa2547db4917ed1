// The process itself, as the launcher starts it: what it says and how it exits when its root does not open.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyFile } from '@zonehold/crypto';
import { systemRandom } from '@zonehold/primitives';
import { settingsExitCode } from '@zonehold/service-host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoot } from './create-root.ts';

const place = { clusterId: 'c1', region: 'us-south' };
const zone = 'us-south-1';
let folder: string;
let settingsPath: string;
let sealedPath: string;
let keyFilePath: string;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function writeSettings(root: { sealedPath: string; keyFilePath: string }): Promise<void> {
  const listener = async () => ({
    host: '127.0.0.1',
    port: await freePort(),
    opsPort: await freePort(),
  });
  const redis = { host: '127.0.0.1', port: await freePort(), acceptorId: 'a1', incarnation: 'i1' };
  const services = {
    gateway: await listener(),
    'key-manager': await listener(),
    'crypto-worker': await listener(),
    'health-monitor': await listener(),
  };
  const topologyPath = join(folder, 'topology.json');
  const topology = {
    ...place,
    regionalPort: await freePort(),
    zones: [{ zone, ...services, redis }],
  };
  await writeFile(topologyPath, JSON.stringify(topology));
  // Never used: the root is refused before anything listens with them.
  const pemPath = join(folder, 'unused.pem');
  await writeFile(pemPath, 'unused');
  const tls = { caPath: pemPath, certPath: pemPath, keyPath: pemPath };
  const settings = {
    ...place,
    zone,
    service: 'crypto-worker',
    topologyPath,
    tls,
    logLevel: 'info',
    root,
  };
  await writeFile(settingsPath, JSON.stringify(settings));
}

async function runToExit(): Promise<{ code: number | null; errors: string; output: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...process.env, ZONEHOLD_SETTINGS: settingsPath },
  });
  let errors = '';
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, errors, output };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zonehold-worker-'));
  settingsPath = join(folder, 'crypto-worker.json');
  sealedPath = join(folder, zone, 'root.sealed');
  keyFilePath = join(folder, 'config', 'c1.key');
  await mkdir(join(folder, zone));
  const request = { ...place, keyFilePath, sealedPaths: [sealedPath] };
  expect(await createRoot(request, systemRandom)).toBeUndefined();
});
afterAll(() => rm(folder, { recursive: true }));

describe('the crypto-worker process', () => {
  it('ends with one clear sentence and the settings exit code when the key file is another one', async () => {
    const wrongPath = join(folder, 'wrong.key');
    const wrongKey = createKeyFile(systemRandom);
    await writeFile(wrongPath, wrongKey);
    await writeSettings({ sealedPath, keyFilePath: wrongPath });
    const { code, errors, output } = await runToExit();
    expect(errors).toBe(
      'The key file does not open the sealed root: wrong key, or a damaged file. ' +
        `(sealed root ${sealedPath}, key file ${wrongPath})\n`,
    );
    expect(code).toBe(settingsExitCode);
    expect(output).toContain('root.refused');
    expect(output + errors).not.toContain(wrongKey.slice(16, 40));
  });

  it('ends the same way when a file is missing, and names it', async () => {
    const missing = join(folder, 'nowhere', 'root.sealed');
    await writeSettings({ sealedPath: missing, keyFilePath });
    const { code, errors } = await runToExit();
    expect(errors).toBe(`The sealed root ${missing} does not exist.\n`);
    expect(code).toBe(settingsExitCode);
  });
});
