// A region for the length of one bench: started by the launcher in a temporary directory, stopped and removed again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askControl, regionPaths } from '@zonehold/launcher';
import { systemClock as clock, systemRandom as random } from '@zonehold/primitives';
import { accessFrom, readClientEnv } from './client-env.ts';
import type { RegionAccess } from './kms-client.ts';

export interface Memory {
  /** As `ps` shows it: pages that processes share, such as Node's program text, count in each. */
  readonly residentMiB: number;
  /** Shared pages divided among those that share them: what the machine really gives. */
  readonly proportionalMiB: number;
}

export interface OwnRegion {
  readonly access: RegionAccess;
  /** From the launcher's start to ready. */
  readonly startUpS: number;
  /** Memory of the launcher and every process it supervises. */
  memory(): Promise<Memory>;
  stop(): Promise<void>;
}

const launcher = join(import.meta.dirname, '../../launcher/src/main.ts');
const regionName = 'us-south';
/** The launcher's own limit is shorter; this only keeps a bench from hanging. */
const startTimeoutMs = 120_000;

/** Starts a region of three zones, with every feature on and the log level of production. Throws with the launcher's words. */
export async function startOwnRegion(): Promise<OwnRegion> {
  const folder = mkdtempSync(join(tmpdir(), 'zonehold-bench-'));
  const paths = regionPaths(folder, regionName);
  const stop = async (): Promise<void> => {
    await askControl(paths.supervisorSocket, { command: 'stop' });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const startedAtMs = clock.monotonicMs();
    await launch(folder);
    const startUpS = (clock.monotonicMs() - startedAtMs) / 1_000;
    const access = accessFrom(readClientEnv(paths.clientEnv));
    return { access, startUpS, memory: () => memoryMiB(paths.supervisorSocket), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function launch(folder: string): Promise<void> {
  const { port, basePort } = await freePortRange();
  const args = ['--detach', '--region', regionName, '--data-dir', folder];
  const child = spawn(
    process.execPath,
    [launcher, ...args, '--port', String(port), '--base-port', String(basePort)],
    {
      // The key file must not lie among those of the user's own regions.
      env: { ...process.env, XDG_CONFIG_HOME: join(folder, 'config') },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: startTimeoutMs,
    },
  );
  let said = '';
  const keep = (chunk: Buffer): void => void (said = (said + chunk.toString('utf8')).slice(-4_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the launcher ended with ${code ?? 'a signal'}:\n${said}`);
}

/** The regional port and the 29 ports of three zones (`npm start -- --help`), all free now, below the ephemeral ones. */
async function freePortRange(): Promise<{ port: number; basePort: number }> {
  const attempts = 50;
  const portsNeeded = 30;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = 12_000 + Math.floor(random.unit() * 18_000);
    const range = Array.from({ length: portsNeeded }, (_, at) => port + at);
    const isFree = await Promise.all(range.map(canListen));
    if (isFree.every(Boolean)) return { port, basePort: port + 1 };
  }
  throw new Error('no thirty free ports in a row were found');
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Both sums from the kernel's own account (`smaps_rollup`, proc(5)). */
async function memoryMiB(supervisorSocket: string): Promise<Memory> {
  const reply = await askControl(supervisorSocket, { command: 'processes' });
  if (reply?.ok !== true) throw new Error('the launcher does not answer');
  const pids = [reply.supervisorPid, ...reply.processes.flatMap(({ pid }) => pid ?? [])];
  const accounts = pids.map((pid) => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  const sum = (row: RegExp): number =>
    accounts.reduce((kib, account) => kib + Number(row.exec(account)?.[1] ?? 0), 0) / 1_024;
  return { residentMiB: sum(/^Rss:\s+(\d+) kB$/m), proportionalMiB: sum(/^Pss:\s+(\d+) kB$/m) };
}
