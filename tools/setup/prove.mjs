// `npm run prove`: installs what is missing, starts a Docker engine when none answers, then runs the proofs with the same arguments.
import { join } from 'node:path';
import { ensureImages, testImages } from './container-images.mjs';
import { ensureDockerEngine } from './docker-engine.mjs';
import { findNode, programEnvironment } from './node-runtime.mjs';
import { ensureNpmPackages } from './npm-packages.mjs';
import { runInForeground } from './run.mjs';
import { sweepLeftovers } from './sweep-leftovers.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const root = join(import.meta.dirname, '../..');

await ensureNpmPackages(root);
await ensureSystemPackages(['redis-server']);
const node = await findNode(root);
const engine = await ensureDockerEngine();
await sweepLeftovers(engine.env);
await ensureImages(testImages, engine.env);
try {
  process.exitCode = await runInForeground(
    node,
    [join(root, 'tools/prove/src/main.ts'), ...process.argv.slice(2)],
    { cwd: root, env: { ...programEnvironment(root), ...engine.env } },
  );
} finally {
  await sweepLeftovers(engine.env);
  await engine.release();
}
