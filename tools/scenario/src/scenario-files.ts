// The scenarios that come with the checkout: one YAML file each, named after it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseScenario, type Scenario } from './scenario.ts';

const folder = join(import.meta.dirname, '../scenarios');

/** All scenarios, by name. */
export function listScenarios(): Scenario[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .map((name) => parseScenario(readFileSync(join(folder, name), 'utf8'), name));
}
