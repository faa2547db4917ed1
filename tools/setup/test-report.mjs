// What `npm test` says at its end. Pure but for reading vitest's JSON reports.
import { existsSync, readFileSync } from 'node:fs';

/** How many tests of a suite passed and failed, from vitest's JSON report; undefined when vitest wrote none. */
export function readCounts(path) {
  if (!existsSync(path)) return undefined;
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(
    readFileSync(path, 'utf8'),
  );
  // A file that cannot be loaded has no tests that could fail, and must not look like success.
  const failed = numFailedTests === 0 ? numFailedTestSuites : numFailedTests;
  return { passed: numPassedTests, failed };
}

/**
 * One line per step with its time, and last "N passed, N failed". A step without counts (the compiler, the linter, a runner that
 * crashed) adds one failure when it failed, so that a red run never ends in "0 failed".
 */
export function closingLines(results) {
  const lines = results.map(({ name, exitCode, seconds, counts }) => {
    const verdict =
      counts === undefined ? '' : `, ${counts.passed} passed, ${counts.failed} failed`;
    return `${name}: ${exitCode === 0 ? 'ok' : 'failed'} in ${seconds.toFixed(1)} s${verdict}`;
  });
  const passed = sum(results.map(({ counts }) => counts?.passed ?? 0));
  const failed = sum(
    results.map(({ exitCode, counts }) => Math.max(counts?.failed ?? 0, exitCode === 0 ? 0 : 1)),
  );
  return [...lines, `${passed} passed, ${failed} failed`];
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
