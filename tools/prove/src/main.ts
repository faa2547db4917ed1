// `npm run prove [-- --quick]`: every proof of the replicated store and of the mesh, and one page at the end. Exit code 1 when anything was found.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@zonehold/primitives';
import { proveMesh } from './mesh-section.ts';
import { parseOptions, proofNames, type ProveOptions } from './options.ts';
import { renderPage, type Page, type Section } from './page.ts';
import { proveScenarios } from './scenario-section.ts';
import { proveMutants, proveSeeds, proveSpaces } from './simulation-sections.ts';
import { proveSuite } from './suite-sections.ts';

const root = join(import.meta.dirname, '../../..');
/** Each nemesis run of the long form; eight and more of them. */
const nemesisSeconds = 25;
const rebuildKeys = 10_000;
const quietSeconds = 60;
const tenantsLong = 200;
/** A ratio is judged by the median of so many. */
const fairnessRounds = 5;
const fuzzRequests = 20_000;

type ProofName = (typeof proofNames)[number];

const proofs: Readonly<Record<ProofName, (options: ProveOptions) => Promise<Section>>> = {
  seeds: ({ from, seeds }) => proveSeeds(from, seeds),
  mutants: () => proveMutants(),
  schedules: () =>
    proveSuite({
      name: 'Directed schedules, contract and mutants with schedules',
      project: 'unit',
      files: ['libs/testkit/src/simulation', 'libs/caspaxos/src'],
    }),
  explorer: ({ isQuick }) => proveSpaces(!isQuick),
  lua: () =>
    proveSuite({
      name: 'Lua against TypeScript, 20,000 random sequences on real Redis',
      project: 'integration',
      files: ['libs/testkit/src/redis/acceptor.int.test.ts'],
    }),
  nemesis: ({ isQuick }) =>
    proveSuite({
      name: 'Real Redis in containers under faults, recorded histories',
      project: 'integration',
      files: ['apps/key-manager/src/nemesis.int.test.ts'],
      environment: isQuick ? {} : { ZONEHOLD_NEMESIS_SECONDS: String(nemesisSeconds) },
      figurePrefix: 'nemesis:',
    }),
  erasure: () =>
    proveSuite({
      name: 'Erasure on the files of real Redis',
      project: 'integration',
      files: ['apps/key-manager/src/erasure'],
    }),
  rebuild: ({ isQuick }) =>
    proveSuite({
      name: 'A real region under SDK load: wiped, set back, replaced',
      project: 'e2e',
      files: ['apps/region-e2e/src/rebuild.e2e.test.ts'],
      environment: isQuick ? {} : { ZONEHOLD_REBUILD_KEYS: String(rebuildKeys) },
      figurePrefix: 'rebuild:',
    }),
  tenants: ({ isQuick }) =>
    proveSuite({
      name: 'Tenants side by side: no answer crosses, none is starved',
      project: 'e2e',
      files: [
        'apps/region-e2e/src/tenants.e2e.test.ts',
        'apps/region-e2e/src/fairness.e2e.test.ts',
      ],
      environment: isQuick
        ? {}
        : {
            ZONEHOLD_TENANTS: String(tenantsLong),
            ZONEHOLD_FAIRNESS_ROUNDS: String(fairnessRounds),
          },
      figurePrefix: 'tenants:',
    }),
  listing: () =>
    proveSuite({
      name: 'Lists under faults, on real Redis',
      project: 'integration',
      files: ['libs/testkit/src/redis/listing.int.test.ts'],
    }),
  alerts: ({ isQuick }) =>
    proveSuite({
      name: 'Alerts of a real Prometheus: quiet, and loud when a zone dies',
      project: 'e2e',
      files: ['apps/region-e2e/src/prometheus.e2e.test.ts'],
      environment: isQuick ? {} : { ZONEHOLD_QUIET_SECONDS: String(quietSeconds) },
      figurePrefix: 'alerts:',
    }),
  mesh: ({ isQuick }) => proveMesh(!isQuick, join(root, 'test-results/mesh')),
  scenarios: ({ isQuick, scenarios }) =>
    proveScenarios(!isQuick, scenarios, join(root, 'test-results/scenarios')),
  fuzz: ({ isQuick }) =>
    proveSuite({
      name: 'A real region under requests drawn from its own document',
      project: 'e2e',
      files: ['apps/region-e2e/src/fuzz.e2e.test.ts'],
      environment: isQuick ? {} : { ZONEHOLD_FUZZ_REQUESTS: String(fuzzRequests) },
      figurePrefix: 'fuzz:',
    }),
};

const options = parseOptions(process.argv.slice(2));
if (typeof options === 'string') {
  process.stderr.write(`${options}\n`);
  process.exitCode = 2;
} else {
  await prove(options);
}

async function prove(chosen: ProveOptions): Promise<void> {
  const loadAverage = loadavg()
    .map((load) => load.toFixed(1))
    .join(' ');
  const startedAt = new Date(systemClock.wallMs()).toISOString();
  const names = proofNames.filter((name) => chosen.only.length === 0 || chosen.only.includes(name));
  const sections: Section[] = [];
  // One after the other: two cores, and figures that nothing else disturbs.
  for (const name of names) sections.push(await proofs[name](chosen));
  const page: Page = {
    commit: execFileSync('git', ['describe', '--always', '--dirty'], { cwd: root })
      .toString()
      .trim(),
    form: chosen.isQuick ? 'quick' : 'long',
    ...{ loadAverage, cores: availableParallelism(), startedAt, sections },
  };
  const folder = join(root, 'test-results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'prove.json'), `${JSON.stringify(page, null, 2)}\n`);
  process.stdout.write(`${renderPage(page)}\n`);
  process.exitCode = sections.every(({ violations }) => violations.length === 0) ? 0 : 1;
}
