// One seed again, as a command: what it found, the smallest run that still finds it, and its history as a file. Run it
// with `npx node libs/testkit/src/simulation/replay.ts --seed 17`. Not a test: region.sim.test.ts runs the many.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { writeHistory } from '../history/history-file.ts';
import { brokenVariants, type Variant } from './broken-variants.ts';
import { gitCommit } from './git-commit.ts';
import type { Strike } from './nemesis.ts';
import { recordedHistory } from './recorded.ts';
import { shrinkSeed } from './shrink-seed.ts';
import { simulate, type SimulationReport } from './simulate.ts';

const usage = `usage: npx node libs/testkit/src/simulation/replay.ts --seed <number> [options]
  --operations <number>  operations under faults (300: as the tests)
  --variant <name>       a broken variant instead of the real thing:
${Object.keys(brokenVariants)
  .map((name) => `                           '${name}'`)
  .join('\n')}
  --history <path>       writes the history of the smallest failing run, or of the whole run when nothing fails
Ends with 0 when nothing was found, with 1 when something was.
`;

interface Wish {
  readonly seed: number;
  readonly operationCount: number;
  readonly variantName: string | undefined;
  readonly variant: Variant;
  readonly historyPath: string | undefined;
}

function readWish(): Wish | string {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        seed: { type: 'string' },
        operations: { type: 'string', default: '300' },
        variant: { type: 'string' },
        history: { type: 'string' },
      },
    }));
  } catch (error) {
    return error instanceof Error ? error.message : 'unreadable arguments';
  }
  const { seed, operations, variant: variantName, history: historyPath } = values;
  if (seed === undefined || !/^\d{1,9}$/.test(seed)) return '--seed must be a whole number';
  if (!/^\d{1,5}$/.test(operations)) return '--operations must be a whole number up to 99999';
  const variant = variantName === undefined ? {} : brokenVariants[variantName];
  if (variant === undefined) return `there is no variant '${variantName ?? ''}'`;
  return {
    seed: Number(seed),
    operationCount: Number(operations),
    variantName,
    variant,
    historyPath,
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function sayFindings({ findings }: SimulationReport): void {
  for (const { kind, message } of findings) say(`  ${kind}: ${message}`);
}

function sayStrike({ number, atMs, fault, targets }: Strike): void {
  say(`  strike ${number} at ${atMs} ms: ${[fault, ...targets].join(' ')}`);
}

async function replay(wish: Wish): Promise<boolean> {
  const { seed, operationCount, variantName, variant, historyPath } = wish;
  say(`seed ${seed}, ${operationCount} operations, commit ${gitCommit()}`);
  if (variantName !== undefined) say(`broken on purpose: ${variantName}`);
  const whole = await simulate(seed, operationCount, variant);
  say(`the whole run, with ${whole.strikes.length} strikes, found:`);
  sayFindings(whole);
  if (whole.findings.length === 0) say('  nothing');
  const shrunk = await shrinkSeed(seed, operationCount, variant);
  if (shrunk !== undefined) {
    const { plan, report, strikes, attempts, isMinimal } = shrunk;
    const smallest = isMinimal ? 'nothing more can be left out' : 'attempts ran out';
    say(
      `shrunk to ${plan.operationsMax} operations and ${strikes.length} strikes in ${attempts} attempts (${smallest}):`,
    );
    strikes.forEach(sayStrike);
    say('which find:');
    sayFindings(report);
  }
  if (historyPath !== undefined) {
    const { operations } = (shrunk?.report ?? whole).history;
    writeFileSync(historyPath, writeHistory(recordedHistory(operations)));
    say(`history: ${historyPath}`);
  }
  return whole.findings.length > 0;
}

const wish = readWish();
if (typeof wish === 'string') {
  process.stderr.write(`${wish}\n${usage}`);
  process.exitCode = 2;
} else {
  process.exitCode = (await replay(wish)) ? 1 : 0;
}
