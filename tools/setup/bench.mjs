// `npm run bench`: installs what is missing (wrk too), then runs the load generator with the same arguments.
import { join } from 'node:path';
import { findNode, programEnvironment } from './node-runtime.mjs';
import { ensureNpmPackages } from './npm-packages.mjs';
import { runInForeground } from './run.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const root = join(import.meta.dirname, '../..');

await ensureNpmPackages(root);
await ensureSystemPackages(['redis-server', 'wrk']);
const node = await findNode(root);
process.exitCode = await runInForeground(
  node,
  [join(root, 'tools/loadgen/src/main.ts'), ...process.argv.slice(2)],
  { cwd: root, env: programEnvironment(root) },
);
