// `zonehold scenario list|run`: rehearses a failure on a running region under load, and writes down what it made of it.
import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ScenarioReport } from '@zonehold/scenario';
import { interruptible } from '../interruption.ts';
import { printJson, printText, renderTable } from '../output.ts';
import type { RegionOptions } from '../running-region.ts';

interface RunOptions extends RegionOptions {
  readonly zone?: string;
  readonly requestsPerSecond?: number;
  readonly scale: number;
  readonly correctnessOnly?: true;
  readonly report: string;
}

const requestsPerSecondMax = 5_000;
const scaleMin = 0.1;
const scaleMax = 10;
const exitBroken = 1;
const exitCouldNotRun = 2;

export function addScenarioCommands(program: Command): void {
  const scenario = program
    .command('scenario')
    .description('Rehearse a failure under load, with a report (docs/scenarios.md)');
  scenario
    .command('list')
    .description('What can be rehearsed')
    .option('--json', 'one JSON document')
    .action((options: { json?: true }) => list(options.json === true));
  scenario
    .command('run <name>')
    .description('Load the region, break it, mend it, judge it. 1: a promise was broken, 2: no run')
    .option('--zone <zone>', 'who suffers (default: the second zone)')
    .addOption(
      new Option(
        '--requests-per-second <number>',
        'the load (default: as the scenario says)',
      ).argParser(numberFrom(1, requestsPerSecondMax)),
    )
    .addOption(
      new Option('--scale <factor>', 'of all times')
        .argParser(numberFrom(scaleMin, scaleMax))
        .default(1),
    )
    .option('--correctness-only', 'times are shown and do not decide: for a busy machine')
    .requiredOption('--report <dir>', 'where report.md, report.json and report.svg go')
    .action((name: string, options: RunOptions) => run(name, options));
}

/** Loaded when asked for: other commands should not wait for what draws plots. */
async function list(isJson: boolean): Promise<void> {
  const { listScenarios } = await import('@zonehold/scenario');
  const scenarios = listScenarios();
  if (isJson) printJson(scenarios);
  else {
    printText(
      renderTable([
        ['SCENARIO', 'NEEDS --faults', 'WHAT HAPPENS'],
        ...scenarios.map(({ name, title, steps }) => [
          ...[name, steps.some(({ fault }) => fault !== undefined) ? 'yes' : 'no', title],
        ]),
      ]),
    );
  }
}

async function run(name: string, options: RunOptions): Promise<void> {
  const { brokenOf, CouldNotRun, drill } = await import('@zonehold/scenario');
  const { region, zone, requestsPerSecond, scale } = options;
  try {
    const report = await interruptible((signal) =>
      drill({
        ...{ name, region, scale, signal, dataDir: resolve(options.dataDir) },
        ...(zone === undefined ? {} : { zone }),
        ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
        isCorrectnessOnly: options.correctnessOnly === true,
        reportDir: resolve(options.report),
        say: printText,
      }),
    );
    await show(report, options.report);
    if (brokenOf(report.promises).length > 0) process.exitCode = exitBroken;
  } catch (error) {
    if (!(error instanceof CouldNotRun)) throw error;
    process.stderr.write(`zonehold: ${error.message}\n`);
    process.exitCode = exitCouldNotRun;
  }
}

async function show({ scenario, promises, surprises }: ScenarioReport, dir: string): Promise<void> {
  const { brokenOf, promiseText } = await import('@zonehold/scenario');
  const lines = promises.map((promise) => {
    const verdict = promise.isKept ? 'kept  ' : promise.isBinding ? 'BROKEN' : 'missed';
    return `  ${verdict}  ${promiseText(promise)}`;
  });
  const isKept = brokenOf(promises).length === 0;
  printText(
    [
      '',
      `${scenario}: ${isKept ? 'every promise was kept' : 'a promise was broken'}`,
      ...lines,
      ...surprises.map((sentence) => `  note    ${sentence}`),
      `  report  ${dir}/report.md`,
    ].join('\n'),
  );
}

function numberFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(?:\.\d+)?$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`A number from ${min} to ${max}.`);
  };
}
