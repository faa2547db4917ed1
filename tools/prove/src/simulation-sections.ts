// What needs no machine but this process's: seeds, mutants, and the explorer's spaces.
import {
  longSpaces,
  mistakenSpaces,
  quickSpaces,
  shortcutSpaces,
  type CampaignSummary,
  type ExploreReport,
  type MutantSummary,
} from '@zonehold/testkit';
import { grouped, type Section } from './page.ts';
import { timed } from './timed.ts';
import { runWorkers } from './workers.ts';

const operationsPerSeed = 300;
const mutantSeedsMax = 300;
const workerCount = 2;

/** `count` seeds from `from`, on both cores. */
export function proveSeeds(from: number, count: number): Promise<Section> {
  return timed('Simulated regions, checked for linearizability', async () => {
    const share = Math.ceil(count / workerCount);
    const shares = Array.from({ length: workerCount }, (_, at) => [
      String(from + at * share),
      String(Math.min(share, count - at * share)),
      String(operationsPerSeed),
    ]);
    const summaries = await runWorkers<CampaignSummary>('seeds-worker.ts', shares);
    const sum = (of: (summary: CampaignSummary) => number): number =>
      summaries.reduce((total, summary) => total + of(summary), 0);
    const faults = Object.keys(summaries[0]?.faults ?? {}).map(
      (kind) => `${kind} ${grouped(sum((summary) => summary.faults[kind] ?? 0))}`,
    );
    return {
      figures: [
        `${grouped(sum(({ seeds }) => seeds))} seeds from ${from}`,
        `${grouped(sum(({ operations }) => operations))} operations`,
        `${grouped(sum(({ unknown }) => unknown))} unknown`,
        `${grouped(sum(({ rebuilds }) => rebuilds))} rebuilds finished`,
        `${grouped(sum(({ epochs }) => epochs))} configurations adopted`,
        ...faults,
      ],
      violations: summaries.flatMap(({ violations }) =>
        violations.map(({ seed, kind, message }) => `seed ${seed}: ${kind}: ${message}`),
      ),
    };
  });
}

/** Each broken variant must be caught. */
export function proveMutants(): Promise<Section> {
  return timed('Mutants that seeds must catch', async () => {
    const args = [String(mutantSeedsMax), String(operationsPerSeed)];
    const [mutants = []] = await runWorkers<readonly MutantSummary[]>('mutants-worker.ts', [args]);
    const caught = mutants.filter(({ caughtAt }) => caughtAt !== undefined);
    return {
      figures: [
        `${caught.length} of ${mutants.length} caught`,
        ...mutants.map(({ name, caughtAt }) => `${name}: seed ${caughtAt ?? '-'}`),
      ],
      violations: mutants
        .filter(({ caughtAt }) => caughtAt === undefined)
        .map(({ name }) => `not caught within ${mutantSeedsMax} seeds: ${name}`),
    };
  });
}

/** All interleavings of small regions; mistakes must be found. */
export function proveSpaces(isLong: boolean): Promise<Section> {
  return timed('Every schedule of small regions (explorer)', async () => {
    const sound = { ...quickSpaces, ...(isLong ? { ...longSpaces, ...shortcutSpaces } : {}) };
    const figures: string[] = [];
    const violations: string[] = [];
    for (const name of Object.keys({ ...sound, ...mistakenSpaces })) {
      const [report] = await runWorkers<ExploreReport>('explorer-worker.ts', [[name]]);
      if (report === undefined) continue;
      const isMistake = name in mistakenSpaces;
      figures.push(`${name}: ${grouped(report.states)} states${verdictOf(report, isMistake)}`);
      if (!isMistake)
        violations.push(...report.violations.map(({ message }) => `${name}: ${message}`));
      else if (report.violations.length === 0) violations.push(`not found: ${name}`);
      if (name in sound && !report.isComplete) violations.push(`not seen wholly: ${name}`);
    }
    return { figures, violations };
  });
}

function verdictOf({ isComplete, violations }: ExploreReport, isMistake: boolean): string {
  if (isMistake) return violations.length > 0 ? ', found' : ', NOT found';
  return isComplete ? ', all seen' : ', cut there';
}
