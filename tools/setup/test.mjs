// `npm test`: installs what is missing, then typecheck, lint and every kind of test, and stops at the first that fails.
// The last line is always "N passed, N failed", summed over the suites that ran.
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { join } from 'node:path';
import { ensureImages, testImages } from './container-images.mjs';
import { ensureDockerEngine } from './docker-engine.mjs';
import { findNode, programEnvironment } from './node-runtime.mjs';
import { ensureNpmPackages } from './npm-packages.mjs';
import { runInForeground } from './run.mjs';
import { sweepLeftovers } from './sweep-leftovers.mjs';
import { ensureSystemPackages } from './system-packages.mjs';
import { closingLines, readCounts } from './test-report.mjs';

const root = join(import.meta.dirname, '../..');
const reports = join(root, 'test-results');

await ensureNpmPackages(root);
await ensureSystemPackages([
  ...['redis-server', 'prometheus', 'promtool', 'go', 'python3-venv', 'chromium'],
]);
const node = await findNode(root);
const engine = await ensureDockerEngine();
let isStepRunning = false;
let signalSeen;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    signalSeen = signal;
    // A running step is told by runInForeground; its end is ours. The engine is let go in any case.
    if (!isStepRunning) process.exit(128 + constants.signals[signal]);
  });
}
await sweepLeftovers(engine.env);
await ensureImages(testImages, engine.env);
const env = { ...programEnvironment(root), ...engine.env };
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const bin = (name) => join(root, 'node_modules', name);
/** vitest leaves one core to itself. Two files of these side by side take less time than one after the other. */
const cores = availableParallelism();
const workersByProject = { unit: cores, simulation: cores, integration: cores };
const steps = [
  // The lint rule about boundaries reads nx's cached graph, and says nothing at all without one.
  { name: 'project graph', args: [bin('nx/dist/bin/nx.js'), 'show', 'projects'] },
  { name: 'typecheck', args: [bin('typescript/bin/tsc'), '-p', 'tsconfig.json'] },
  // The page that browsers run: their globals are nobody else's.
  {
    name: 'typecheck of the console',
    args: [bin('typescript/bin/tsc'), '-p', 'apps/health-monitor/src/console/page/tsconfig.json'],
  },
  { name: 'lint', args: [bin('eslint/bin/eslint.js'), '.'] },
  ...['unit', 'simulation', 'integration', 'e2e'].map((name) => ({
    name,
    report: join(reports, `${name}.json`),
    args: [
      bin('vitest/vitest.mjs'),
      ...['run', '--project', name, '--reporter=default', '--reporter=json'],
      ...(workersByProject[name] === undefined ? [] : [`--maxWorkers=${workersByProject[name]}`]),
      `--outputFile.json=${join(reports, `${name}.json`)}`,
    ],
  })),
];

const results = [];
for (const { name, args, report } of steps) {
  process.stdout.write(`\n=== ${name} ===\n`);
  const startedMs = performance.now();
  isStepRunning = true;
  const exitCode = await runInForeground(node, args, { cwd: root, env });
  isStepRunning = false;
  const seconds = (performance.now() - startedMs) / 1_000;
  results.push({
    name,
    exitCode,
    seconds,
    counts: report === undefined ? undefined : readCounts(report),
  });
  process.stdout.write(
    `=== ${name}: ${exitCode === 0 ? 'ok' : `failed (exit code ${exitCode})`}, ${seconds.toFixed(1)} s ===\n`,
  );
  if (exitCode !== 0 || signalSeen !== undefined) break;
}
await sweepLeftovers(engine.env);
await engine.release();
process.stdout.write(`\n${closingLines(results).join('\n')}\n`);
process.exitCode =
  signalSeen === undefined && results.every(({ exitCode }) => exitCode === 0) ? 0 : 1;
