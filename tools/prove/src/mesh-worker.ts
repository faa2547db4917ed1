// One scenario of the simulated mesh: `mesh-worker.ts <scenario> <long|small> <seed> <folder>` writes its report and its plot, and prints
// what the judge says as JSON.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  judgeMesh,
  meshPlanLong,
  meshPlanSmall,
  meshScenarioNames,
  overall,
  plotOf,
  simulateMesh,
} from '@zonehold/testkit';
import type { MeshProof } from './mesh-section.ts';

const [wanted = '', form = 'small', seed = '1', folder = '.'] = process.argv.slice(2);
const name = meshScenarioNames.find((known) => known === wanted);
if (name === undefined) throw new Error(`there is no scenario ${wanted}`);
const report = simulateMesh(name, form === 'long' ? meshPlanLong : meshPlanSmall, Number(seed));
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 1)}\n`);
writeFileSync(join(folder, `${name}.svg`), plotOf(report));
const proof: MeshProof = { name, ...overall(report), violations: judgeMesh(name, report) };
process.stdout.write(`${JSON.stringify(proof)}\n`);
