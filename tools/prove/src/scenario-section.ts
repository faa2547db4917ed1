// The scenarios on real processes, full length, on a region of its own: each in several rounds among the others, so that one bad moment of
// the machine does not decide. What is right must be right in every round; times and ratios are judged by their median.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startRegion, type RunningRegion } from '@zonehold/testkit';
import type { Section } from './page.ts';
import { judgeRounds, type Round } from './scenario-rounds.ts';
import { timed } from './timed.ts';

/** Of `zonehold scenario run`: it could not run. */
const exitCouldNotRun = 2;
const roundsLong = 5;

/** Long: five rounds. `only`: the scenarios to run, or all when there is none. Writes every report into `folder`. */
export function proveScenarios(
  isLong: boolean,
  only: readonly string[],
  folder: string,
): Promise<Section> {
  return timed(
    'Scenarios on real processes: zones lost, hung, grey, cut off, sick and back',
    async () => {
      const region = await startRegion({ launchOptions: ['--faults'] });
      try {
        const names = only.length > 0 ? only : await scenarioNames(region);
        const zones = [...new Set(region.processes().map(({ zone }) => zone))];
        const rounds: Round[] = [];
        for (let round = 1; round <= (isLong ? roundsLong : 1); round += 1) {
          for (const [at, name] of names.entries()) {
            const zone = zones[(round + at) % zones.length] ?? '';
            rounds.push(await runOne(region, name, zone, join(folder, name, `round-${round}`)));
          }
        }
        return judgeRounds(rounds);
      } finally {
        await region.stop();
      }
    },
  );
}

async function scenarioNames(region: RunningRegion): Promise<string[]> {
  const { stdout } = await region.zonehold('scenario', 'list', '--json');
  return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
}

async function runOne(
  region: RunningRegion,
  name: string,
  zone: string,
  dir: string,
): Promise<Round> {
  // The report of an earlier proof must not pass for one of this run.
  rmSync(dir, { recursive: true, force: true });
  const { code, stderr } = await region.zonehold(
    ...['scenario', 'run', name, '--zone', zone, '--report', dir],
  );
  // A broken promise ends with 1 and leaves a report; it is judged with the other rounds.
  if (code === exitCouldNotRun) throw new Error(`${name}: ${stderr.trim()}`);
  const report = JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')) as Omit<Round, 'dir'>;
  return { ...report, dir };
}
