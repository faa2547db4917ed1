// Node's cache of stripped and compiled sources, shared by the services of all zones. Filled once per state of the sources, before the
// start: twelve processes that each strip the same types at once take longer and hold 20 MB more each for as long as they run.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nodeServices } from '../region/zones.ts';

/** Below node_modules, so that a fresh install begins afresh. */
const cachesFolder = 'node_modules/.cache/zonehold-services';

/** Where services keep it for the sources as they are now. `root` is the checkout. */
export function compileCacheDir(root: string): string {
  const hash = createHash('sha256');
  for (const folder of ['apps', 'libs']) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((path) => /^[^/]+\/src\/.*\.ts$/.test(path)).sort()) {
      const { mtimeMs, size } = statSync(join(root, folder, name));
      hash.update(`${name} ${mtimeMs} ${size}\n`);
    }
  }
  return join(root, cachesFolder, hash.digest('hex').slice(0, 16));
}

/**
 * Loads each service's modules once, by starting it with empty settings, which it refuses after everything is loaded. Does nothing
 * when the cache is there.
 */
export async function fillCompileCache(root: string): Promise<void> {
  const cacheDir = compileCacheDir(root);
  if (existsSync(cacheDir)) return;
  rmSync(join(root, cachesFolder), { recursive: true, force: true });
  await Promise.all(
    nodeServices.map((service) => {
      const child = spawn(process.execPath, [join(root, 'apps', service, 'src/main.ts')], {
        env: { ...process.env, NODE_COMPILE_CACHE: cacheDir, ZONEHOLD_SETTINGS: '/dev/null' },
        stdio: 'ignore',
      });
      // Only an optimisation: a service that cannot be loaded says so itself when it is started.
      return new Promise<void>((resolve) => {
        child.once('error', () => resolve());
        child.once('exit', () => resolve());
      });
    }),
  );
}
