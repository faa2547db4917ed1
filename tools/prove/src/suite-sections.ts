// Proofs that are test suites, in their long form: run by vitest, counted by its report, figures from the lines they print.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Section } from './page.ts';
import { timed } from './timed.ts';

const root = join(import.meta.dirname, '../../..');

export interface Suite {
  readonly name: string;
  readonly project: 'unit' | 'simulation' | 'integration' | 'e2e';
  readonly files: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Lines of its output that begin so are figures. */
  readonly figurePrefix?: string;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Runs one suite. A suite that runs no test is a violation. */
export function proveSuite(suite: Suite): Promise<Section> {
  return timed(suite.name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zonehold-prove-'));
    try {
      const reportPath = join(folder, 'report.json');
      const output = await runVitest(suite, reportPath);
      const report = JSON.parse(readFileSync(reportPath, 'utf8')) as Report;
      return judge(suite, report, output);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

function judge(
  { figurePrefix }: Suite,
  report: Report,
  output: string,
): Pick<Section, 'figures' | 'violations'> {
  const failed = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  );
  const broken = report.testResults
    .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
    .map(({ name, message }) => `${name}: ${message.slice(0, 200)}`);
  const lines = output.split('\n').map((line) => line.trim());
  const figures =
    figurePrefix === undefined
      ? []
      : lines
          .filter((line) => line.startsWith(figurePrefix))
          .map((line) => line.slice(figurePrefix.length).trim());
  const empty = report.numPassedTests + report.numFailedTests === 0 ? ['no test ran'] : [];
  return {
    figures: [`${report.numPassedTests} tests passed, ${report.numFailedTests} failed`, ...figures],
    violations: [...failed, ...broken, ...empty],
  };
}

function runVitest(suite: Suite, reportPath: string): Promise<string> {
  const { project, files, environment = {} } = suite;
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--project', project, '--reporter=default', '--reporter=json'],
    ...[`--outputFile.json=${reportPath}`, ...files],
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.once('error', reject);
    // Its report says what failed; a crash leaves none, and reading it fails.
    child.once('close', () => resolve(output));
  });
}
