// A whole region for end-to-end tests: run by the launcher as a stranger would run it, in a folder of its own on ports of its own.
// Speaks to it only through its files, its CLI and signals, so that a test proves what a person would see.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from './free-ports.ts';

const root = join(import.meta.dirname, '../../../..');
const launcherProgram = join(root, 'tools/launcher/src/main.ts');
const cliProgram = join(root, 'tools/zonehold/src/main.ts');
/** Tests run the CLI dozens of times; stripping its types each time costs more than what it does. */
const cliCache = join(root, 'node_modules/.cache/zonehold-cli');

/** The launcher gives up by itself after a minute; this is for one that hangs. */
const startWithinMs = 90_000;
/** The longest is a replacement: it lasts as long as the rebuild. */
const cliWithinMs = 300_000;
/** `status --json` and logs of a summary are far smaller. */
const outputMaxBytes = 16 * 1024 * 1024;

/** Enough to find a region again from another process. */
export interface RegionPlace {
  readonly dataDir: string;
  /** XDG_CONFIG_HOME of its launcher: where the key file lies. */
  readonly configHome: string;
  readonly region: string;
}

/** One line of processes.json. */
export interface RegionProcess {
  readonly zone: string;
  readonly service: string;
  readonly pid: number | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly state: string;
}

/** How a program ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A region by its files; it may or may not run. */
export interface RegionFiles extends RegionPlace {
  /** `<dataDir>/<region>`. */
  readonly regionDir: string;
  /** client.env as it is now. */
  readonly env: Readonly<Record<string, string>>;
  /** The regional endpoint. */
  readonly url: string;
  /** What the launcher last wrote down. */
  processes(): readonly RegionProcess[];
  /** The launcher's own pid; undefined when it does not run (or was killed, then it may be stale). */
  supervisorPid(): number | undefined;
  /** Runs the CLI on this region. Never rejects for an exit code. */
  zonehold(...args: string[]): Promise<CommandResult>;
  /** Sends a signal behind the launcher's back. Fails when the process does not run. */
  signal(zone: string, service: string, signal: NodeJS.Signals): void;
  /** Runs the launcher on these files in the background; resolves when it is ready or has failed. */
  launch(...options: string[]): Promise<CommandResult>;
}

/** A region that this process started. */
export interface RunningRegion extends RegionFiles {
  /** Stops it, whoever started it last, and removes its files. */
  stop(): Promise<void>;
}

/** The region whose files lie there. */
export function regionAt(place: RegionPlace): RegionFiles {
  const { dataDir, configHome, region } = place;
  const regionDir = join(dataDir, region);
  const env = { ...process.env, XDG_CONFIG_HOME: configHome };
  const processes = (): readonly RegionProcess[] =>
    JSON.parse(readFileSync(join(regionDir, 'processes.json'), 'utf8')) as RegionProcess[];
  const regionOptions = ['--region', region, '--data-dir', dataDir];
  return {
    ...place,
    regionDir,
    get env() {
      return readClientEnv(join(regionDir, 'client.env'));
    },
    get url() {
      return readClientEnv(join(regionDir, 'client.env'))['KEY_PROTECT_URL'] ?? '';
    },
    processes,
    supervisorPid: () => {
      const path = join(regionDir, 'supervisor.pid');
      return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined;
    },
    zonehold: (...args) =>
      run(
        [cliProgram, ...args, ...regionOptions],
        { ...env, NODE_COMPILE_CACHE: cliCache },
        cliWithinMs,
      ),
    signal: (zone, service, signal) => {
      const found = processes().find((entry) => entry.zone === zone && entry.service === service);
      if (found?.pid == null) throw new Error(`${service} of ${zone} does not run`);
      process.kill(found.pid, signal);
    },
    launch: (...options) =>
      run([launcherProgram, '--detach', ...regionOptions, ...options], env, startWithinMs),
  };
}

/**
 * Forms and starts a region. Fails with the launcher's own words when it does not become ready. The region dies with this process, also
 * when `stop` is never called.
 */
export async function startRegion(
  options: {
    readonly region?: string;
    readonly regionalPort?: number;
    /** Further options of its first start. */
    readonly launchOptions?: readonly string[];
  } = {},
): Promise<RunningRegion> {
  const home = mkdtempSync(join(tmpdir(), 'zonehold-region-'));
  const files = regionAt({
    dataDir: join(home, 'data'),
    configHome: join(home, 'config'),
    region: options.region ?? 'us-south',
  });
  const killLauncher = (): void => {
    const pid = files.supervisorPid();
    // Its children die with it.
    if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
    rmSync(home, { recursive: true, force: true });
  };
  process.once('exit', killLauncher);
  const stop = async (): Promise<void> => {
    await files.zonehold('stop');
    process.off('exit', killLauncher);
    killLauncher();
  };
  const ports = await findFreePorts(options.regionalPort);
  const started = await files.launch(
    ...['--port', String(ports.regionalPort), '--base-port', String(ports.basePort)],
    ...(options.launchOptions ?? []),
  );
  if (started.code !== 0) {
    await stop();
    throw new Error(`the region did not start:\n${started.stdout}${started.stderr}`);
  }
  // Not a spread: env and url are read from the files each time.
  return Object.assign(Object.create(files) as RegionFiles, { stop });
}

function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = { env, timeout: timeoutMs, maxBuffer: outputMaxBytes };
    const child = execFile(process.execPath, args, options, (error, stdout, stderr) => {
      // A program that was killed, for its time limit say, has no exit code.
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** `NAME=value` lines; values with other than plain characters stand in single quotes. */
function readClientEnv(path: string): Record<string, string> {
  const lines = readFileSync(path, 'utf8').split('\n');
  const pairs = lines
    .filter((line) => line.includes('='))
    .map((line) => [
      line.slice(0, line.indexOf('=')),
      line
        .slice(line.indexOf('=') + 1)
        .replace(/^'(.*)'$/, '$1')
        .replaceAll(String.raw`'\''`, "'"),
    ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
