// Programs from the distribution that the region or its tests need. Installs them as root; otherwise says the command.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { runQuietly } from './run.mjs';
import { stopWith, withProgress } from './say.mjs';

/** Redis 6.2 has everything the acceptors use; older ones lack ACL and TLS details. */
const redisVersionMin = [6, 2];

const programs = {
  'redis-server': { package: 'redis-server', problem: redisProblem },
  prometheus: { package: 'prometheus', problem: () => missingProblem('prometheus', ['--version']) },
  promtool: { package: 'prometheus', problem: () => missingProblem('promtool', ['--version']) },
  docker: { package: 'docker.io', problem: () => missingProblem('docker', ['--version']) },
  dockerd: { package: 'docker.io', problem: () => missingProblem('dockerd', ['--version']) },
  iptables: { package: 'iptables', problem: () => missingProblem('iptables', ['--version']) },
  mmdebstrap: { package: 'mmdebstrap', problem: () => missingProblem('mmdebstrap', ['--version']) },
  go: { package: 'golang-go', problem: goProblem },
  'python3-venv': { package: 'python3-venv', problem: pythonProblem },
  chromium: { package: 'chromium', problem: () => missingProblem('chromium', ['--version']) },
  wrk: { package: 'wrk', problem: () => missingProblem('wrk', ['--version']) },
};

/**
 * Makes sure that each of `names` (members of the table above) can be run. Ends the process with one sentence and the command to run
 * when one is missing and we may not install it, or when what was installed does not do.
 */
export async function ensureSystemPackages(names) {
  const problems = await findProblems(names);
  if (problems.length === 0) return;
  const packages = [...new Set(problems.map(({ name }) => programs[name].package))];
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const sentence = problems.map(({ problem }) => problem).join('; ');
  if (!existsSync('/usr/bin/apt-get')) {
    stopWith(
      `${sentence}. Install ${packages.join(', ')} with your system's package manager and try again.`,
    );
  }
  if (process.getuid() !== 0) stopWith(`${sentence}. Install it with: sudo ${command}`);
  await withProgress(`installing ${packages.join(', ')} from the distribution`, () =>
    install(packages),
  );
  const left = await findProblems(names);
  if (left.length > 0)
    stopWith(`${left.map(({ problem }) => problem).join('; ')}, also after "${command}".`);
}

async function findProblems(names) {
  const found = await Promise.all(
    names.map(async (name) => ({ name, problem: await programs[name].problem() })),
  );
  return found.filter(({ problem }) => problem !== undefined);
}

async function install(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const allowDaemons = forbidDaemons();
  try {
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
      const { code, output } = await runQuietly('apt-get', args, { env });
      if (code !== 0) stopWith(`apt-get ${args.join(' ')} failed.\n${output.trim()}`);
    }
  } finally {
    allowDaemons();
  }
}

/**
 * Debian starts a daemon with its package. We run our own with our own settings, so that nothing may be left listening:
 * policy-rc.d is Debian's way to forbid it. Returns what undoes it.
 */
function forbidDaemons() {
  const path = '/usr/sbin/policy-rc.d';
  if (existsSync(path)) return () => undefined;
  writeFileSync(path, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const undo = () => rmSync(path, { force: true });
  process.once('exit', undo);
  return undo;
}

async function missingProblem(program, args) {
  const { code } = await runQuietly(program, args);
  return code === 127 ? `${program} is missing` : undefined;
}

/** Go's own installer puts it into /usr/local/go and leaves PATH to the user. */
async function goProblem() {
  if (existsSync('/usr/local/go/bin/go')) return undefined;
  return missingProblem('go', ['version']);
}

/** Debian keeps the part of Python that makes virtual environments with pip apart. */
async function pythonProblem() {
  const { code } = await runQuietly('python3', ['-c', 'import venv, ensurepip']);
  return code === 0 ? undefined : 'python3 with venv and pip is missing';
}

async function redisProblem() {
  const { code, output } = await runQuietly('redis-server', ['--version']);
  if (code === 127) return 'redis-server is missing';
  const [, major, minor] = /v=(\d+)\.(\d+)/.exec(output) ?? [];
  const [majorMin, minorMin] = redisVersionMin;
  const isNewEnough =
    Number(major) > majorMin || (Number(major) === majorMin && Number(minor) >= minorMin);
  if (!isNewEnough) return `redis-server is older than ${redisVersionMin.join('.')}`;
  // Redis names the first setting that it does not know, and ends. Built without TLS, that is the TLS one.
  const probe = await runQuietly('redis-server', ['-'], {
    input: 'tls-port 0\nno-such-setting yes\n',
  });
  return probe.output.includes("'no-such-setting")
    ? undefined
    : 'redis-server was built without TLS';
}
