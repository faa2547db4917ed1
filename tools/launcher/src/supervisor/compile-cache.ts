// Node's cache of stripped and compiled sources, shared by the services of all zones. Filled once per checkout, before the first start:
// twelve processes that each strip the same types at once take longer and hold 20 MB more each for as long as they run.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeServices } from '../region/zones.ts';

/** Where services keep it; below node_modules, so that a fresh install begins afresh. `root` is the checkout. */
export function compileCacheDir(root: string): string {
  return join(root, 'node_modules/.cache/zonehold-services');
}

/**
 * Loads each service's modules once, by starting it with empty settings, which it refuses after everything is loaded. Does nothing
 * when the cache is there.
 */
export async function fillCompileCache(root: string): Promise<void> {
  const cacheDir = compileCacheDir(root);
  if (existsSync(cacheDir)) return;
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
