// The report of one run as data: what was expected, what was done and when, what was seen, what was kept. Its members are described in
// docs/scenarios.md; `format` grows when one changes its meaning.
import { availableParallelism } from 'node:os';
import { findingsOf, type Findings } from './findings.ts';
import type { Decision, DoneStep, Sample, VerdictChange } from './observations.ts';
import type { Plan } from './plan.ts';
import { judge, type JudgedPromise, type PromiseClass } from './promises.ts';
import type { Run } from './run-scenario.ts';
import { secondsOf, type Second } from './seconds.ts';

export interface ScenarioReport {
  readonly format: 2;
  readonly scenario: string;
  readonly title: string;
  readonly hypothesis: string;
  readonly commit: string;
  /** ISO time of the start of the quiet time: second 0. */
  readonly startedAt: string;
  readonly parameters: {
    readonly region: string;
    readonly zones: readonly string[];
    readonly zone: string;
    readonly requestsPerSecond: number;
    readonly scale: number;
  };
  readonly machine: {
    readonly cores: number;
    /** One, five and fifteen minutes. */
    readonly loadAverageBefore: string;
    readonly loadAverageAfter: string;
    readonly node: string;
  };
  readonly steps: readonly DoneStep[];
  readonly findings: Findings;
  readonly promises: readonly JudgedPromise[];
  /** Sentences: what nobody had promised and somebody should look at. */
  readonly surprises: readonly string[];
  readonly seconds: readonly Second[];
  readonly decisions: readonly Decision[];
  readonly verdictChanges: readonly VerdictChange[];
}

export interface ReportOptions {
  readonly run: Run;
  readonly plan: Plan;
  readonly region: string;
  readonly commit: string;
  readonly binding: readonly PromiseClass[];
}

/** The load sends something every few milliseconds; a longer gap is its own, and no fault of the region. */
const gapMaxMs = 500;
/** Of a slow load a gap is so many times longer than it should be. */
const gapTimesMin = 10;
/** Offered less than this part of the load: the generator itself was short of time. */
const offeredMin = 0.9;

export function reportOf({ run, plan, region, commit, binding }: ReportOptions): ScenarioReport {
  const { observations, startedAt, loadAverage } = run;
  const { scenario, zones, zone, requestsPerSecond, scale } = plan;
  const seconds = secondsOf(observations, zones, plan.endsMs);
  const findings = findingsOf(observations, plan, seconds);
  const promises = judge(scenario, findings, binding);
  return {
    format: 2,
    scenario: scenario.name,
    title: scenario.title,
    hypothesis: scenario.hypothesis,
    ...{ commit, startedAt },
    parameters: { region, zones, zone, requestsPerSecond, scale },
    machine: {
      cores: availableParallelism(),
      loadAverageBefore: loadAverage[0],
      loadAverageAfter: loadAverage[1],
      node: process.version,
    },
    steps: observations.steps,
    findings,
    promises,
    surprises: surprisesOf(run, plan, findings),
    seconds,
    decisions: observations.decisions,
    verdictChanges: observations.verdictChanges,
  };
}

function surprisesOf({ observations }: Run, plan: Plan, findings: Findings): string[] {
  const { samples, notSent, decisions, looks } = observations;
  const early = samples.filter(
    ({ beganMs, failure }) => failure !== undefined && beganMs < plan.troubleStartsMs,
  );
  const premature = decisions.filter(
    ({ atMs, kind }) => kind === 'endpoint.ejected' && atMs >= 0 && atMs < plan.troubleStartsMs,
  );
  const told = decisions.filter(
    ({ kind, service }) => kind === 'endpoint.ejected' && service === 'gateway',
  ).length;
  const counted = (looks.at(-1)?.counters.ejections ?? 0) - (looks[0]?.counters.ejections ?? 0);
  const due = (plan.endsMs / 1_000) * plan.requestsPerSecond;
  const gapMs = longestGapMs(samples);
  return [
    ...(gapMs > gapMaxMs && gapMs > gapTimesMin * (1_000 / plan.requestsPerSecond)
      ? [
          `The load itself stood still for ${(gapMs / 1_000).toFixed(1)} s: the machine was short of time, and no time in this report says much.`,
        ]
      : []),
    ...(early.length > 0 ? [`${early.length} requests failed before the trouble began.`] : []),
    ...(premature.length > 0
      ? [`${premature.length} ejections came before the trouble began.`]
      : []),
    ...(told < counted
      ? [
          `The gateways counted ${counted} ejections and their logs tell ${told}: is the log level above info?`,
        ]
      : []),
    ...(notSent > 0
      ? [`${notSent} requests were not sent: too many were under way.`]
      : findings.requests < offeredMin * due
        ? [
            `Only ${findings.requests} of some ${Math.round(due)} requests were sent: the load itself was short of time.`,
          ]
        : []),
  ];
}

/** Between the beginnings of two requests. */
function longestGapMs(samples: readonly Sample[]): number {
  const begun = samples.map(({ beganMs }) => beganMs).toSorted((left, right) => left - right);
  return begun.reduce(
    (gapMs, beganMs, at) => Math.max(gapMs, beganMs - (begun[at - 1] ?? beganMs)),
    0,
  );
}
