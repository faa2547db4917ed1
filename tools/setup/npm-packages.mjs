// Makes node_modules what package-lock.json says. Does nothing when it already is.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from './run.mjs';
import { stopWith, withProgress } from './say.mjs';

/** Runs `npm ci` when node_modules is missing or is not what the lock file says. Ends the process if that fails. */
export async function ensureNpmPackages(root) {
  if (isInstalled(root)) return;
  const { code, output } = await withProgress(
    'installing npm packages (about a minute the first time)',
    () =>
      // npm runs under the system's Node here; its warnings about engines are about that and harmless.
      runQuietly('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', root]),
  );
  if (code !== 0) stopWith(`npm ci failed.\n${output.trim()}`);
}

/** True when npm's own record of what it installed agrees with the lock file, optional packages aside. */
export function isInstalled(root) {
  const lockPath = join(root, 'package-lock.json');
  const recordPath = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(recordPath)) return false;
  if (statSync(recordPath).mtimeMs >= statSync(lockPath).mtimeMs) return true;
  const wanted = JSON.parse(readFileSync(lockPath, 'utf8')).packages;
  const present = JSON.parse(readFileSync(recordPath, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, link, optional }]) =>
      path === '' || link === true || optional === true || present[path]?.version === version,
  );
}
