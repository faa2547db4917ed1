// What befalls the simulated mesh, and what must hold all the same. One table; each row is a story with its promises.
import type { MeshRun } from './simulate-mesh.ts';
import type { MeshReport } from './report.ts';
import { attemptsPerRequest, between, failedRatio } from './report.ts';

export interface MeshScenario {
  readonly seconds: number;
  /** When the trouble begins and ends, for the plots. */
  readonly trouble: readonly [startsS: number, endsS: number];
  /** Sets the trouble up before the run begins. */
  readonly arrange: (run: MeshRun) => void;
  /** What must not be, each a sentence. Empty: all promises held. */
  readonly judge: (report: MeshReport) => readonly string[];
}

const attemptsMax = 1.2;
const startsS = 10;

export const meshScenarios = {
  /** A zone's key-managers lose power: no answer, no reset. Links are cut when they have been silent for half a second. */
  'zone-loss': {
    seconds: 30,
    trouble: [startsS, 30],
    arrange: (run) => run.at(startsS, () => run.loseZone(0)),
    judge: (report) => [
      ...mustAttemptAtMost(report),
      ...mustSucceed(report, startsS + 1, 30, 0.999),
    ],
  },
  /** A zone answers its probes and fails three calls in ten. */
  'gray-zone': {
    seconds: 40,
    trouble: [startsS, 30],
    arrange: (run) => {
      run.at(startsS, () => run.failIn([0], 0.3));
      run.at(30, () => run.failIn([0], 0));
    },
    judge: (report) => [
      ...mustAttemptAtMost(report),
      ...mustFailAtMost(report, startsS, 30, 0.001),
      ...between(report, startsS + 3, 30)
        .filter(({ zoneShares }) => (zoneShares[0] ?? 0) > 0.05)
        .map(({ second, zoneShares }) => `second ${second}: zone 0 still takes ${zoneShares[0]}`),
      ...mustSucceed(report, 31, 40, 0.999),
    ],
  },
  /** Twice as many requests as the region can serve, for ten seconds. */
  overload: {
    seconds: 40,
    trouble: [startsS, 20],
    arrange: (run) => {
      run.at(startsS, () => run.loadTimes(2 / run.plan.utilisation));
      run.at(20, () => run.loadTimes(1));
    },
    judge: (report) => [
      ...mustAttemptAtMost(report),
      // It goes on serving nearly all it can, and is well again within two seconds of the end.
      ...mustSucceed(report, startsS + 1, 20, 0.4),
      ...mustSucceed(report, 22, 40, 0.999),
      ...mustBeQuickAgain(report, 22, 40),
      ...between(report, startsS, 40)
        .filter(({ ejections }) => ejections > 0)
        .map(({ second }) => `second ${second}: an endpoint was ejected for being full`),
    ],
  },
  /** Every zone fails half of its calls: retries cannot help, and must not bury it. */
  'retry-storm': {
    seconds: 40,
    trouble: [startsS, 20],
    arrange: (run) => {
      run.at(startsS, () => run.failIn('all', 0.5));
      run.at(20, () => run.failIn('all', 0));
    },
    judge: (report) => [
      ...mustAttemptAtMost(report),
      ...between(report, startsS, 20)
        .filter(({ zoneShares }) => zoneShares.filter((share) => share > 0.05).length < 2)
        .map(({ second }) => `second ${second}: all but one zone were emptied`),
      // Each second from five after the end.
      ...mustSucceed(report, 25, 40, 0.999),
    ],
  },
  /** A lost zone comes back with cold caches: work takes three times as long for five seconds. */
  'thundering-return': {
    seconds: 60,
    trouble: [startsS, 25],
    arrange: (run) => {
      run.at(startsS, () => run.loseZone(0));
      run.at(25, () => run.returnZone(0, 3, 5_000));
    },
    judge: (report) => [
      ...mustAttemptAtMost(report),
      ...mustSucceed(report, startsS + 1, 60, 0.999),
      ...mustBeQuickAgain(report, 26, 60),
    ],
  },
} as const satisfies Readonly<Record<string, MeshScenario>>;

export type MeshScenarioName = keyof typeof meshScenarios;

export const meshScenarioNames = Object.keys(meshScenarios) as readonly MeshScenarioName[];

/** Over the run, and over any five seconds of it. */
function mustAttemptAtMost(report: MeshReport): string[] {
  const spans = report.seconds.map(({ second }) => between(report, second, second + 5));
  return [report.seconds, ...spans]
    .filter((span) => attemptsPerRequest(span) > attemptsMax)
    .map(
      (span) => `${attemptsPerRequest(span)} attempts per request from second ${span[0]?.second}`,
    );
}

function mustSucceed(report: MeshReport, fromS: number, toS: number, ratioMin: number): string[] {
  return between(report, fromS, toS)
    .filter(({ successRatio }) => successRatio < ratioMin)
    .map(({ second, successRatio }) => `second ${second}: only ${successRatio} succeeded`);
}

function mustFailAtMost(report: MeshReport, fromS: number, toS: number, max: number): string[] {
  const ratio = failedRatio(between(report, fromS, toS));
  return ratio <= max ? [] : [`${ratio} failed from second ${fromS} to ${toS}`];
}

/** No slower than three times the quiet seconds before the trouble. */
function mustBeQuickAgain(report: MeshReport, fromS: number, toS: number): string[] {
  const quietMs = Math.max(...between(report, 2, startsS).map(({ p99Ms }) => p99Ms));
  return between(report, fromS, toS)
    .filter(({ p99Ms }) => p99Ms > 3 * quietMs)
    .map(({ second, p99Ms }) => `second ${second}: p99 ${p99Ms} ms against ${quietMs} in quiet`);
}
