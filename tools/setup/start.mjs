// `npm start`: installs what is missing, then runs the launcher with the same arguments. Runs on Node 20, without packages.
import { join } from 'node:path';
import { findNode, programEnvironment } from './node-runtime.mjs';
import { ensureNpmPackages } from './npm-packages.mjs';
import { runInForeground } from './run.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const root = join(import.meta.dirname, '../..');

await ensureNpmPackages(root);
await ensureSystemPackages(['redis-server']);
const node = await findNode(root);
const launcher = join(root, 'tools/launcher/src/main.ts');
process.exitCode = await runInForeground(
  node,
  ['--max-semi-space-size=1', launcher, ...process.argv.slice(2)],
  {
    // npm runs us in the checkout; paths the user gives are relative to where the user stands.
    cwd: process.env.INIT_CWD ?? process.cwd(),
    env: {
      ...programEnvironment(root),
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/zonehold'),
    },
  },
);
