// The command line of `npm run prove`. Says what is wrong in one sentence; decides nothing else.
import { parseArgs } from 'node:util';

export interface ProveOptions {
  readonly isQuick: boolean;
  readonly seeds: number;
  readonly from: number;
  /** Names of the proofs to run; empty: all. */
  readonly only: readonly string[];
  /** Of the scenarios on real processes, those to run; empty: all. */
  readonly scenarios: readonly string[];
}

export const proofNames = [
  'seeds',
  'mutants',
  'schedules',
  'explorer',
  'lua',
  'nemesis',
  'erasure',
  'rebuild',
  'tenants',
  'listing',
  'alerts',
  'mesh',
  'scenarios',
  'fuzz',
] as const;

const seedsLong = 20_000;
const seedsQuick = 2_000;

export const usage = `npm run prove -- [--quick] [--seeds N] [--from SEED] [--only NAME ...] [--scenario NAME ...]

Runs the proofs of the replicated store and of the mesh in their long form and prints one page: about an hour on two quiet cores, five
minutes with --quick. Names for --only: ${proofNames.join(', ')}.
--scenario leaves out the other scenarios of "npx zonehold scenario list".`;

/** Reads `args`; a text is what to tell the user instead of running. */
export function parseOptions(args: readonly string[]): ProveOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        seeds: { type: 'string' },
        from: { type: 'string', default: '1' },
        only: { type: 'string', multiple: true, default: [] },
        scenario: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return usage;
    const seeds = Number(values.seeds ?? (values.quick ? seedsQuick : seedsLong));
    const from = Number(values.from);
    if (!Number.isSafeInteger(seeds) || seeds < 1) return '--seeds must be a positive number';
    if (!Number.isSafeInteger(from) || from < 1) return '--from must be a positive number';
    const unknown = values.only.find((name) => !proofNames.some((known) => known === name));
    if (unknown !== undefined) return `there is no proof "${unknown}": ${proofNames.join(', ')}`;
    return { isQuick: values.quick, seeds, from, only: values.only, scenarios: values.scenario };
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`;
  }
}
