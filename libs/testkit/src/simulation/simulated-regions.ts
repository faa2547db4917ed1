// The thousand seeds as tests, in blocks, so that several files can share them out over the cores.
import { describe, expect, it } from 'vitest';
import { runSeeds, type Violation } from './campaign.ts';
import { gitCommit } from './git-commit.ts';

/** Operations under faults, in each run. */
export const operationCount = 300;

const seedsPerBlock = 100;

/** What to tell a person: enough to run it again, and what was found. */
function describeViolations(violations: readonly Violation[]): string {
  if (violations.length === 0) return 'nothing found';
  const lines = violations.map(({ seed, kind, message }) => `  seed ${seed}: ${kind}: ${message}`);
  const replay = `npx node libs/testkit/src/simulation/replay.ts --seed ${violations[0]!.seed}`;
  return `commit ${gitCommit()}:\n${lines.join('\n')}\nshrink it with: ${replay}`;
}

/** Declares the tests of the seeds `from` to `to`. */
export function declareRegions(from: number, to: number): void {
  describe('a region under faults', () => {
    const starts = Array.from(
      { length: (to - from + 1) / seedsPerBlock },
      (_, block) => from + block * seedsPerBlock,
    );

    it.each(starts)(
      'is linearizable, raises no alarm, serves again and gets whole: 100 seeds from %i',
      async (start) => {
        const summary = await runSeeds({ from: start, count: seedsPerBlock, operationCount });
        expect(summary.violations, describeViolations(summary.violations)).toEqual([]);
        // The faults must bite, and the region must mostly serve: else the seeds prove nothing.
        expect(summary.ok).toBeGreaterThan(0.6 * summary.operations);
        expect(summary.unknown).toBeGreaterThan(5 * seedsPerBlock);
        expect(summary.writeBacks).toBeGreaterThan(2 * seedsPerBlock);
        expect(summary.epochs).toBeGreaterThan(5 * seedsPerBlock);
        expect(summary.rebuilds).toBeGreaterThan(seedsPerBlock / 2);
        const rare = Object.entries(summary.faults).filter(([, count]) => count < 15);
        expect(rare, 'faults that hardly struck').toEqual([]);
      },
    );
  });
}
