// A thousand regions, each with its own faults, all linearizable; and known mistakes, all caught.
// One seed again: SEED=17 npx vitest run --project simulation libs/testkit/src/simulation/region.sim.test.ts
import { describe, expect, it } from 'vitest';
import { brokenVariants } from './broken-variants.ts';
import { gitCommit } from './git-commit.ts';
import { simulate, type SimulationReport } from './simulate.ts';

const operationCount = 300;
const seedCount = 1_000;
const seedsPerBlock = 100;
const controlSeedsMax = 300;

/** What to tell a person: enough to run it again, and what was found. */
function describeFindings({ seed, findings }: SimulationReport): string {
  if (findings.length === 0) return `seed ${seed}`;
  const found = findings.map(({ kind, message }) => `  ${kind}: ${message}`).join('\n');
  const replay = `node libs/testkit/src/simulation/replay.ts --seed ${seed}`;
  return `seed ${seed} of commit ${gitCommit()} found\n${found}\nshrink it with: ${replay}`;
}

const replayed = process.env['SEED'];

if (replayed === undefined) declareAll();
else declareOne(Number(replayed));

function declareOne(seed: number): void {
  describe('one seed again', () => {
    it(`is linearizable under seed ${seed}`, async () => {
      const report = await simulate(seed, operationCount);
      expect(report.findings, describeFindings(report)).toEqual([]);
    });
  });
}

function declareAll(): void {
  describe('a region under faults', () => {
    const starts = Array.from(
      { length: seedCount / seedsPerBlock },
      (_, block) => 1 + block * seedsPerBlock,
    );

    it.each(starts)(
      'is linearizable, raises no alarm and serves again: 100 seeds from %i',
      async (start) => {
        const sums = { ok: 0, unknown: 0, writeBacks: 0, epochs: 0 };
        for (let seed = start; seed < start + seedsPerBlock; seed += 1) {
          const report = await simulate(seed, operationCount);
          expect(report.findings, describeFindings(report)).toEqual([]);
          for (const name of Object.keys(sums) as (keyof typeof sums)[])
            sums[name] += report.counts[name];
        }
        // The faults must bite, and the region must mostly serve: else the seeds prove nothing.
        expect(sums.ok).toBeGreaterThan(0.6 * seedsPerBlock * operationCount);
        expect(sums.unknown).toBeGreaterThan(seedsPerBlock);
        expect(sums.writeBacks).toBeGreaterThan(seedsPerBlock);
        expect(sums.epochs).toBeGreaterThan(seedsPerBlock);
      },
    );

    it('is the same twice under one seed', async () => {
      const [first, second] = [
        await simulate(7, operationCount),
        await simulate(7, operationCount),
      ];
      expect(first.history.operations).toEqual(second.history.operations);
      expect(first.counts).toEqual(second.counts);
    });
  });

  describe('the checkers catch', () => {
    it.each(Object.entries(brokenVariants))('%s', async (_name, variant) => {
      let caughtAt: number | undefined;
      for (let seed = 1; seed <= controlSeedsMax && caughtAt === undefined; seed += 1) {
        const { findings } = await simulate(seed, operationCount, variant);
        if (findings.some(({ kind }) => kind === 'history')) caughtAt = seed;
      }
      expect(caughtAt, `not caught within ${controlSeedsMax} seeds`).toBeDefined();
    });
  });
}
