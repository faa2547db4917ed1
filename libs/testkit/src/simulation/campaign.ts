// Many seeds in a row, and what they came to: for the tests, and for whoever runs a hundred thousand. Decides nothing about
// what is enough.
import { brokenVariants, type Variant } from './broken-variants.ts';
import { faults } from './faults.ts';
import { simulate, type Finding } from './simulate.ts';

/** Which seeds, and of what. */
export interface SeedRange {
  readonly from: number;
  readonly count: number;
  /** Under faults, each; the reads and writes after healing come on top. */
  readonly operationCount: number;
  readonly variant?: Variant;
  /** Told after each seed: for progress on a terminal. */
  readonly onSeed?: (seed: number) => void;
}

export interface Violation extends Finding {
  readonly seed: number;
}

/** Sums over all seeds of a range. */
export interface CampaignSummary {
  readonly seeds: number;
  readonly operations: number;
  readonly ok: number;
  readonly notApplied: number;
  readonly unknown: number;
  readonly writeBacks: number;
  readonly conflicts: number;
  /** Configurations adopted, by all processes. */
  readonly epochs: number;
  /** Rebuilds that were finished. */
  readonly rebuilds: number;
  readonly virtualMs: number;
  /** How often each kind of fault struck; all kinds are named. */
  readonly faults: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
}

const summed = [
  'ok',
  'notApplied',
  'unknown',
  'writeBacks',
  'conflicts',
  'epochs',
  'rebuilds',
  'virtualMs',
] as const;

/** Runs every seed of the range, also after one has failed. */
export async function runSeeds(range: SeedRange): Promise<CampaignSummary> {
  const { from, count, operationCount, variant, onSeed } = range;
  const sums = Object.fromEntries(summed.map((name) => [name, 0])) as Record<
    (typeof summed)[number],
    number
  >;
  const struck: Record<string, number> = Object.fromEntries(faults.map(({ name }) => [name, 0]));
  const violations: Violation[] = [];
  let operations = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const report = await simulate(seed, operationCount, variant);
    for (const name of summed) sums[name] += report.counts[name];
    for (const { fault, hasStruck } of report.strikes) {
      if (hasStruck) struck[fault] = (struck[fault] ?? 0) + 1;
    }
    violations.push(...report.findings.map((finding) => ({ ...finding, seed })));
    operations += report.history.operations.length;
    onSeed?.(seed);
  }
  return { seeds: count, operations, ...sums, faults: struck, violations };
}

/** The first seed under which a broken variant is caught by its history; undefined when none is, up to `seedsMax`. */
export async function firstCaught(
  variant: Variant,
  seedsMax: number,
  operationCount: number,
): Promise<number | undefined> {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { findings } = await simulate(seed, operationCount, variant);
    if (findings.some(({ kind }) => kind === 'history')) return seed;
  }
  return undefined;
}

export interface MutantSummary {
  readonly name: string;
  /** Undefined: not caught, and then the checkers are no proof. */
  readonly caughtAt: number | undefined;
}

/** All broken variants that seeds must catch. Those that a schedule catches are in straddle.ts. */
export async function runMutants(
  seedsMax: number,
  operationCount: number,
): Promise<readonly MutantSummary[]> {
  const summaries: MutantSummary[] = [];
  for (const [name, variant] of Object.entries(brokenVariants)) {
    summaries.push({ name, caughtAt: await firstCaught(variant, seedsMax, operationCount) });
  }
  return summaries;
}
