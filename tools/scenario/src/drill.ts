// From a name to a report in a folder: what the command does, and what tests and proofs run too.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { regionPaths } from '@zonehold/launcher';
import { systemClock, systemRandom } from '@zonehold/primitives';
import { CouldNotRun, NotTakenBack } from './could-not-run.ts';
import { pageOf } from './page.ts';
import { planOf, type Plan } from './plan.ts';
import { plotOf } from './plots.ts';
import type { PromiseClass } from './promises.ts';
import { reportOf, type ScenarioReport } from './report.ts';
import { Region } from './region.ts';
import { runScenario } from './run-scenario.ts';
import { listScenarios } from './scenario-files.ts';

export interface DrillOptions {
  readonly name: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly region: string;
  readonly zone?: string;
  readonly requestsPerSecond?: number;
  readonly scale: number;
  /** Timing is shown and does not decide: for machines with other work. */
  readonly isCorrectnessOnly: boolean;
  /** Where report.json, report.md and report.svg go. */
  readonly reportDir: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A run with fewer requests in its trouble proves nothing. */
const requestsInTroubleMin = 20;

/** Runs one scenario and writes its report. Throws CouldNotRun when that says nothing about the region. */
export async function drill(options: DrillOptions): Promise<ScenarioReport> {
  const { name, dataDir, reportDir, isCorrectnessOnly, say, signal } = options;
  const scenario = listScenarios().find((known) => known.name === name);
  if (scenario === undefined) {
    throw new CouldNotRun(`There is no scenario ${name}: see "npx zonehold scenario list".`);
  }
  const region = new Region(regionPaths(dataDir, options.region));
  const plan = plannedFor(region, scenario, options);
  const run = await runScenario({
    ...{ region, plan, say, signal, clock: systemClock, random: systemRandom },
    withVerdicts: !isCorrectnessOnly,
  }).catch((error: unknown) => {
    // What is broken still must be said, whatever ended the run.
    if (!signal.aborted || error instanceof NotTakenBack) throw error;
    throw new CouldNotRun('The run was interrupted; what it had done is taken back.');
  });
  const binding: readonly PromiseClass[] = isCorrectnessOnly
    ? ['correctness']
    : ['correctness', 'timing'];
  const report = reportOf({ run, plan, region: region.name, commit: commit(), binding });
  writeReport(report, reportDir);
  if (report.findings.requestsInTrouble < requestsInTroubleMin) {
    throw new CouldNotRun(
      `Only ${report.findings.requestsInTrouble} requests met the trouble: that proves nothing.`,
    );
  }
  return report;
}

function plannedFor(
  region: Region,
  scenario: Plan['scenario'],
  { zone, requestsPerSecond, scale }: DrillOptions,
): Plan {
  try {
    return planOf(scenario, {
      ...{ zones: region.zones, scale },
      ...(zone === undefined ? {} : { zone }),
      ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
    });
  } catch (error) {
    throw new CouldNotRun((error as Error).message, { cause: error });
  }
}

function writeReport(report: ScenarioReport, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  write('report.json', `${JSON.stringify(report, null, 1)}\n`);
  write('report.svg', plotOf(report));
  write('report.md', pageOf(report, 'report.svg'));
}

/** A copy of the checkout without git has none. */
function commit(): string {
  try {
    const options = { cwd: import.meta.dirname, stdio: 'pipe', timeout: 5_000 } as const;
    return execFileSync('git', ['describe', '--always', '--dirty'], options).toString().trim();
  } catch {
    return 'unknown (no git here)';
  }
}
