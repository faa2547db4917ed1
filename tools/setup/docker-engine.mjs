// A Docker engine for the tests: the one that answers already, else a dockerd of our own that all checkouts on this machine share.
// Ours has its own data, sockets and pid file, so that it never meddles with an engine somebody else installed.
import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from './run.mjs';
import { stopWith, withProgress } from './say.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/** Also known to testkit's redis/engine.ts, which finds the engine by it. */
const runFolder = '/run/zonehold-engine';
const dataFolder = '/var/lib/zonehold-engine';
const socket = `unix://${join(runFolder, 'docker.sock')}`;
const pidPath = join(runFolder, 'docker.pid');
/** Holds the pid of a dockerd that was told to stop: it still answers for a while. */
const stoppingPath = join(runFolder, 'stopping.pid');
const logPath = join(runFolder, 'dockerd.log');
/** One file for each process that needs the engine, named by its pid; `kept` for a person who wants it to stay. */
const usersFolder = join(runFolder, 'users');

const usualSocket = '/var/run/docker.sock';
/** overlay2 is far quicker; vfs works on any file system. */
const storageDrivers = ['overlay2', 'vfs'];
const startTimeoutMs = 30_000;
const stopTimeoutMs = 20_000;
const pollMs = 100;

/**
 * Makes sure that an engine answers, and starts ours when none does. Resolves with the environment that programs need to find it, and
 * `release`, which stops it when it is ours and nobody else uses it. Ends the process with one sentence when that cannot be.
 */
export async function ensureDockerEngine() {
  // dockerd, iptables and mmdebstrap live here, and not every root has it in PATH.
  process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
  await ensureSystemPackages(['docker']);
  const others =
    process.env.DOCKER_HOST ?? (existsSync(usualSocket) ? `unix://${usualSocket}` : '');
  if (others !== '' && others !== socket && (await answers(others))) {
    return { env: environmentFor(others), release: async () => undefined };
  }
  if (process.env.DOCKER_HOST && process.env.DOCKER_HOST !== socket) {
    stopWith(
      `no Docker engine answers at DOCKER_HOST=${process.env.DOCKER_HOST}: start it, or unset it.`,
    );
  }
  if (process.getuid?.() !== 0) {
    stopWith(
      'no Docker engine answers, and only root may start one: start Docker, or try again as root.',
    );
  }
  const user = String(process.pid);
  register(user);
  process.once('exit', () => releaseAtExit(user));
  await becomes(() => !isStopping(), stopTimeoutMs);
  if (!(await answers(socket))) {
    await ensureSystemPackages(['dockerd', 'iptables']);
    await withProgress('starting a Docker engine', startEngine);
  }
  return { env: environmentFor(socket), release: () => release(user) };
}

/** Lets the engine stay when its users have gone. Only for an engine of ours. */
export function keepEngine() {
  if (existsSync(usersFolder)) register('kept');
}

/** Takes `keepEngine` back. The engine stops unless a test run uses it. */
export async function dropEngine() {
  await release('kept');
}

function environmentFor(dockerHost) {
  // The image of testcontainers' own reaper may be out of reach; testkit removes what it started, and sweepLeftovers the rest.
  return { DOCKER_HOST: dockerHost, TESTCONTAINERS_RYUK_DISABLED: 'true' };
}

async function answers(dockerHost) {
  const env = { ...process.env, DOCKER_HOST: dockerHost };
  const { code } = await runQuietly('docker', ['version', '--format', '{{.Server.Version}}'], {
    env,
  });
  return code === 0;
}

async function startEngine() {
  for (const driver of storageDrivers) {
    if (enginePid() === undefined) await clearRemains();
    const child = spawnEngine(driver);
    let hasEnded = false;
    child.once('exit', () => (hasEnded = true));
    child.once('error', () => (hasEnded = true));
    // A rival's may be on its way: ours then ends at once, and we wait for that one.
    const isDecided = async () =>
      (await answers(socket)) || (hasEnded && enginePid() === undefined);
    await becomes(isDecided, startTimeoutMs);
    child.unref();
    if (await answers(socket)) return;
    await stopEngine();
    // Only for a file system that cannot do it: another driver sees none of the images that the first has.
    if (!/graphdriver|driver not supported/.test(readTail(logPath))) break;
  }
  stopWith(`dockerd does not start. The end of ${logPath}:\n${readTail(logPath)}`);
}

/**
 * A killed dockerd leaves its pid file and its containerd's, perhaps containerd itself. The next dockerd would wait in vain for that
 * one, also when only a zombie is left of it, as in a container whose first process collects none.
 */
async function clearRemains() {
  rmSync(pidPath, { force: true });
  const path = join(runFolder, 'exec/containerd/containerd.pid');
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  const isOurs = () =>
    commandOf(pid).startsWith('containerd') && commandOf(pid).includes(runFolder);
  if (isOurs()) process.kill(pid, 'SIGKILL');
  await becomes(() => !isOurs(), stopTimeoutMs);
  rmSync(path, { force: true });
}

/** Empty when there is no such process, or only what is left of one that ended. */
function commandOf(pid) {
  const path = `/proc/${pid}/cmdline`;
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function spawnEngine(driver) {
  const log = openSync(logPath, 'w', 0o600);
  const args = [
    ...['--host', socket, '--pidfile', pidPath, '--exec-root', join(runFolder, 'exec')],
    ...['--data-root', dataFolder, `--storage-driver=${driver}`],
    // Published ports on loopback only. This rules the default network alone; networks and containers of the tests say it themselves.
    ...['--ip', '127.0.0.1'],
    // Straight to the container by the kernel: a proxy would copy every byte and take connections for a Redis that is not there.
    '--userland-proxy=false',
  ];
  // Its own session: Ctrl-C is for the tests, which still need the engine to clean up.
  const child = spawn('dockerd', args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  return child;
}

function register(user) {
  mkdirSync(usersFolder, { recursive: true, mode: 0o700 });
  writeFileSync(join(usersFolder, user), '');
}

async function release(user) {
  if (leave(user)) await stopEngine();
}

/** True when nobody is left. Users that died without a word are forgotten. */
function leave(user) {
  const others = (existsSync(usersFolder) ? readdirSync(usersFolder) : []).filter(
    (other) => other !== user,
  );
  const gone = others.filter((other) => other !== 'kept' && !isAlive(Number(other)));
  for (const name of [user, ...gone]) rmSync(join(usersFolder, name), { force: true });
  return gone.length === others.length;
}

/** For an exit that had no time for `release`: tells the engine to stop, and does not wait for that. */
function releaseAtExit(user) {
  const pid = leave(user) ? enginePid() : undefined;
  if (pid !== undefined) tellToStop(pid);
}

function tellToStop(pid) {
  writeFileSync(stoppingPath, String(pid));
  process.kill(pid, 'SIGTERM');
}

function isStopping() {
  const pid = enginePid();
  return (
    pid !== undefined &&
    existsSync(stoppingPath) &&
    readFileSync(stoppingPath, 'utf8') === String(pid)
  );
}

/** Stops dockerd, and with it its containerd. Does nothing when it does not run. */
async function stopEngine() {
  const pid = enginePid();
  if (pid !== undefined) {
    tellToStop(pid);
    if (!(await becomes(() => enginePid() === undefined, stopTimeoutMs)))
      process.kill(pid, 'SIGKILL');
  }
  rmSync(pidPath, { force: true });
}

/** The pid of our dockerd while it runs. After a crash the pid in the file may be somebody else's by now. */
function enginePid() {
  if (!existsSync(pidPath)) return undefined;
  const pid = Number(readFileSync(pidPath, 'utf8'));
  return commandOf(pid).startsWith('dockerd') ? pid : undefined;
}

function isAlive(pid) {
  return existsSync(`/proc/${pid}`);
}

function readTail(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(-15).join('\n') : '';
}

async function becomes(condition, timeoutMs) {
  const endsAtMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > endsAtMs) return false;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return true;
}
