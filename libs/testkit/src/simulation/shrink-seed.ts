// A seed that fails, made small: fewer operations and fewer strikes that lead to the same kind of finding.
import type { Variant } from './broken-variants.ts';
import type { Strike } from './nemesis.ts';
import { shrink } from './shrink.ts';
import { simulate, type Finding, type SimulationPlan, type SimulationReport } from './simulate.ts';

/** Worst first: a run that finds several is shrunk for the worst. */
const kindsBySeverity: readonly Finding['kind'][] = ['history', 'liveness', 'alarm', 'undecided'];

/** A run of three hundred operations takes about 20 ms: six seconds at most. */
export const shrinkAttemptsMax = 300;

export interface ShrunkSeed {
  /** Replays the failure: `simulate(seed, operationCount, variant, plan)`. */
  readonly plan: Required<SimulationPlan>;
  /** The run under that plan. */
  readonly report: SimulationReport;
  /** Its strikes that were carried out, in order. */
  readonly strikes: readonly Strike[];
  readonly attempts: number;
  /** No strike and no operation can be left out alone; false when attempts ran out. */
  readonly isMinimal: boolean;
}

/**
 * The smallest plan found under which `seed` still gives a finding of the worst kind that the whole run gave; undefined
 * when the whole run finds nothing.
 */
export async function shrinkSeed(
  seed: number,
  operationCount: number,
  variant: Variant = {},
  attemptsMax: number = shrinkAttemptsMax,
): Promise<ShrunkSeed | undefined> {
  const whole = await simulate(seed, operationCount, variant);
  const worst = kindsBySeverity.find((kind) => hasFinding(whole, kind));
  if (worst === undefined) return undefined;
  let best = whole;
  const { plan, attempts, isMinimal } = await shrink(
    { items: whole.strikes.map(({ number }) => number), bound: operationCount },
    async ({ items, bound }) => {
      const report = await simulate(seed, operationCount, variant, planOf(items, bound));
      const fails = hasFinding(report, worst);
      if (fails) best = report;
      return fails;
    },
    attemptsMax,
  );
  return {
    plan: planOf(plan.items, plan.bound),
    report: best,
    strikes: best.strikes.filter(({ isSkipped }) => !isSkipped),
    attempts,
    isMinimal,
  };
}

function planOf(strikes: readonly number[], operationsMax: number): Required<SimulationPlan> {
  return { operationsMax, keptStrikes: new Set(strikes) };
}

function hasFinding({ findings }: SimulationReport, wanted: Finding['kind']): boolean {
  return findings.some(({ kind }) => kind === wanted);
}
