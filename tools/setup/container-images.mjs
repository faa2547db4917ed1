// Base images for the tests' containers. Pulled where a registry can be reached; elsewhere a stand-in is made from Debian's
// packages under the same public tag, so that Dockerfiles keep their normal FROM lines. Stand-ins are not the official images.
import { spawn } from 'node:child_process';
import { runQuietly } from './run.mjs';
import { stopWith, withProgress } from './say.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const release = 'bookworm';
/** When the machine's own apt knows no Debian repository. */
const usualRepository = `deb http://deb.debian.org/debian ${release} main`;
/** Marks an image as ours, so that every later run can say so. */
const standInLabel = 'zonehold.stand-in';
/** A registry that can be reached begins to answer sooner; how long the pull then takes is the network's matter. */
const firstWordTimeoutMs = 5_000;

/** mmdebstrap's variant: `essential` has no apt, which is smaller and quicker; `apt` is what Dockerfiles expect of a Debian. */
const standIns = {
  'debian:bookworm-slim': { variant: 'apt', packages: ['ca-certificates'], command: 'bash' },
  'redis:7-bookworm': { variant: 'essential', packages: ['redis-server'], command: 'redis-server' },
};

/** What `npm test` runs containers of. */
export const testImages = ['redis:7-bookworm'];

/** What nobody reads in a container, as in Debian's own slim images. */
const leftOut = ['doc', 'info', 'locale', 'man'].flatMap((folder) => [
  `--dpkgopt=path-exclude=/usr/share/${folder}/*`,
]);

/**
 * Makes sure that the engine named by `env` has each image of `names` (members of the table above). Does nothing for those it has.
 * Ends the process with one sentence when an image can neither be pulled nor made.
 */
export async function ensureImages(names, env) {
  for (const name of names) {
    if (!(await exists(name, env)) && !(await pull(name, env))) await makeStandIn(name, env);
    if (await isStandIn(name, env)) {
      process.stdout.write(
        `· ${name} is a stand-in made of Debian's packages, not the official image\n`,
      );
    }
  }
}

async function exists(name, env) {
  return (await docker(['image', 'inspect', name], env)).code === 0;
}

async function isStandIn(name, env) {
  const format = `{{index .Config.Labels "${standInLabel}"}}`;
  return (
    (await docker(['image', 'inspect', '--format', format, name], env)).output.trim() === 'yes'
  );
}

/** True when the image came from its registry. */
function pull(name, env) {
  return withProgress(`pulling ${name}`, () => {
    return new Promise((resolve) => {
      const child = spawn('docker', ['pull', name], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const timer = setTimeout(() => child.kill(), firstWordTimeoutMs);
      child.stdout.once('data', () => clearTimeout(timer));
      child.once('error', () => resolve(false));
      child.once('close', (code) => {
        clearTimeout(timer);
        resolve(code === 0);
      });
    });
  });
}

async function makeStandIn(name, env) {
  await ensureSystemPackages(['mmdebstrap']);
  const { variant, packages, command } = standIns[name];
  const making = [
    ...['mmdebstrap', '--quiet', `--variant=${variant}`, `--include=${packages.join(',')}`],
    ...[...leftOut, release, '-', ...(await repositories())],
  ];
  const changes = [`CMD ["${command}"]`, `LABEL ${standInLabel}=yes`];
  const importing = [
    'docker',
    'import',
    ...changes.flatMap((change) => ['--change', change]),
    '-',
    name,
  ];
  const pipe = `${making.map(quoted).join(' ')} | ${importing.map(quoted).join(' ')}`;
  const { code, output } = await withProgress(
    `${name} cannot be pulled: making a stand-in (about 20 s)`,
    () => runQuietly('bash', ['-o', 'pipefail', '-c', pipe], { env: { ...process.env, ...env } }),
  );
  if (code !== 0) stopWith(`the image ${name} can neither be pulled nor made.\n${output.trim()}`);
}

function quoted(word) {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The Debian repositories of this machine's own apt: its mirror is the one that can be reached. */
async function repositories() {
  const format = '$(ORIGIN) $(CODENAME) deb $(REPO_URI) $(CODENAME) $(COMPONENT)';
  const { output } = await runQuietly('apt-get', [
    'indextargets',
    '--format',
    format,
    'Created-By: Packages',
  ]);
  const own = output
    .split('\n')
    .map((line) => /^Debian (\S+) (deb \S+ (\S+) main)$/.exec(line))
    .filter((found) => found !== null && [release, `${release}-security`].includes(found[1]))
    .map((found) => found[2]);
  return own.some((line) => line.endsWith(` ${release} main`)) ? own : [usualRepository];
}

function docker(args, env) {
  return runQuietly('docker', args, { env: { ...process.env, ...env } });
}
