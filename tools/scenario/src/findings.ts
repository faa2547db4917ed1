// What the observations of a run come to: when it was noticed, what it cost, when it was over. Pure.
import type { Decision, DecisionKind, DoneStep, Observations, Sample } from './observations.ts';
import type { Plan } from './plan.ts';
import { attemptsPerRequest, latencies, rounded, sum, type Second } from './seconds.ts';
import { isAboutTarget } from './target.ts';

/** Something that happened, in seconds after the trouble began. */
export interface Noticed {
  readonly afterS: number;
  readonly what: string;
}

export interface Findings {
  /** As it was really done, in seconds from the start of the quiet time. */
  readonly trouble: readonly [startedS: number, endedS: number];
  readonly requests: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  /** Of the requests that began in the trouble. */
  readonly requestsInTrouble: number;
  readonly failedRatioInTrouble: number;
  readonly attemptsPerRequest: number;
  /** Of any five seconds. */
  readonly attemptsPerRequestWorst: number;
  /** A gateway's first decision against a key-manager that the trouble strikes, while it lasts: ejected, circuit opened, link cut. */
  readonly detection: Noticed | null;
  readonly ejection: Noticed | null;
  /** The first monitor that called the zone down. */
  readonly verdictDown: Noticed | null;
  /** From the end of the trouble to the last failed request, or to latency within twice the quiet. */
  readonly recoveredAfterS: number | null;
  readonly quiet: { readonly p50Ms: number; readonly p99Ms: number };
  /**
   * Of requests that began after the detection (in the whole trouble where none came or none is promised), until the trouble and all
   * extra load had ended. null: none of them was answered.
   */
  readonly afterDetection: { readonly p50Ms: number; readonly p99Ms: number } | null;
  /** null: nothing to compare. */
  readonly p99TimesQuiet: number | null;
  /** By gateways, of key-managers that the trouble strikes, while it lasts. */
  readonly ejections: number;
  /** Whoever they are: the most ejections of one endpoint by one client within the time that the first of them lasts. */
  readonly ejectionsPerHoldDown: number;
  /** Attempts that were made although nothing looked fit. */
  readonly panics: number;
  /** Of the attempts in the trouble, by zone. */
  readonly zoneShares: Readonly<Record<string, number>>;
  /** Success in the last second of the run. */
  readonly servedAgain: number;
  readonly keys: number;
  readonly keysLost: number;
}

const windowSeconds = 5;
const recoveryWindowMs = 1_000;
const recoveryStepMs = 250;
const quietTimes = 2;
const againstZone: ReadonlySet<DecisionKind> = new Set([
  'endpoint.ejected',
  'circuit.open',
  'link.down',
]);

export function findingsOf(
  observations: Observations,
  plan: Plan,
  seconds: readonly Second[],
): Findings {
  const samples = observations.samples.filter(
    ({ beganMs }) => beganMs >= 0 && beganMs < plan.endsMs,
  );
  const [startedMs, endedMs] = troubleOf(observations.steps, plan);
  const began = (fromMs: number, toMs: number): Sample[] =>
    samples.filter(({ beganMs }) => beganMs >= fromMs && beganMs < toMs);
  const inTrouble = began(startedMs, endedMs);
  const quiet = latencies(began(0, startedMs));
  const notice = (decision: Decision | undefined): Noticed | null =>
    decision === undefined ? null : noticed(decision, startedMs);
  const since = observations.decisions.filter(({ atMs }) => atMs >= startedMs);
  // What was decided after the end says nothing of how soon it was noticed.
  const against = since.filter(
    (decision) =>
      decision.atMs < endedMs && againstZone.has(decision.kind) && isAboutTarget(plan, decision),
  );
  const ejected = against.filter(({ kind }) => kind === 'endpoint.ejected');
  const detection = notice(against[0]);
  const judgedFromMs = promisesDetection(plan) ? (against[0]?.atMs ?? startedMs) : startedMs;
  const afterDetection = answered(began(judgedFromMs, lastStepMs(observations.steps, endedMs)));
  return {
    trouble: [rounded(startedMs / 1_000), rounded(endedMs / 1_000)],
    requests: samples.length,
    failed: failuresIn(samples),
    failures: reasonsOf(samples),
    requestsInTrouble: inTrouble.length,
    failedRatioInTrouble: ratio(failuresIn(inTrouble), inTrouble.length),
    attemptsPerRequest: attemptsPerRequest(seconds),
    attemptsPerRequestWorst: worstAttempts(seconds),
    detection,
    ejection: notice(ejected[0]),
    verdictDown: verdictDown(observations, plan.zone, startedMs),
    recoveredAfterS: recoveredAfterS(samples, endedMs, plan.endsMs, quiet.p99Ms),
    ...{ quiet, afterDetection },
    p99TimesQuiet:
      afterDetection === null || quiet.p99Ms === 0
        ? null
        : ratio(afterDetection.p99Ms, quiet.p99Ms),
    ejections: ejected.length,
    ejectionsPerHoldDown: ejectionsPerHoldDown(since),
    panics: Math.round(sum(seconds.map(({ panics }) => panics))),
    zoneShares: zoneShares(seconds, plan.zones, startedMs, endedMs),
    servedAgain: 1 - ratioFailed(began(plan.endsMs - 1_000, plan.endsMs)),
    keys: observations.acknowledged.keys,
    keysLost: observations.acknowledged.lost,
  };
}

/** The first harm done, and the last taken back. The load alone is no trouble that could be over. */
function troubleOf(steps: readonly DoneStep[], plan: Plan): [startedMs: number, endedMs: number] {
  const harmful = steps.filter(({ isHarm }) => isHarm);
  return harmful.length === 0
    ? [plan.troubleStartsMs, plan.troubleEndsMs]
    : [
        Math.min(...harmful.map(({ startedMs }) => startedMs)),
        Math.max(...harmful.map(({ endedMs }) => endedMs)),
      ];
}

/** More load can outlast the harm: a zone that returns into it is judged until it is over. */
function lastStepMs(steps: readonly DoneStep[], troubleEndedMs: number): number {
  return Math.max(troubleEndedMs, ...steps.map(({ endedMs }) => endedMs));
}

/** Where nothing need be detected, a decision that came by chance must not hide what was slow before it. */
function promisesDetection({ scenario }: Plan): boolean {
  const { correctness, timing } = scenario.promises;
  return [correctness, timing].some(
    ({ detectionMaxS, ejectionMaxS }) => detectionMaxS !== undefined || ejectionMaxS !== undefined,
  );
}

/** No answers have no latency: 0 would keep every promise. */
function answered(samples: readonly Sample[]): Findings['afterDetection'] {
  return samples.some(({ failure }) => failure === undefined) ? latencies(samples) : null;
}

function noticed({ atMs, kind, service, zone, ...about }: Decision, startedMs: number): Noticed {
  const reason = about.reason === undefined ? '' : ` (${about.reason})`;
  return {
    afterS: rounded((atMs - startedMs) / 1_000),
    what: `${service} of ${zone}: ${kind}, ${about.peerService} of ${about.peerZone ?? 'any zone'}${reason}`,
  };
}

function verdictDown(
  { verdictChanges }: Observations,
  zone: string,
  startedMs: number,
): Noticed | null {
  const down = verdictChanges.find(
    (change) => change.zone === zone && change.to === 'down' && change.atMs >= startedMs,
  );
  if (down === undefined) return null;
  const afterS = rounded((down.atMs - startedMs) / 1_000);
  return { afterS, what: `the monitor of ${down.observer}: ${down.reasons.join(' ')}` };
}

/** null: not within the run. */
function recoveredAfterS(
  samples: readonly Sample[],
  endedMs: number,
  endsMs: number,
  quietP99Ms: number,
): number | null {
  const after = samples.filter(({ beganMs }) => beganMs >= endedMs);
  // Of all: one that began in the trouble and failed after it is no recovery yet.
  const lastFailureMs = samples
    .filter(({ failure }) => failure !== undefined)
    .reduce((lastMs, { beganMs, latencyMs }) => Math.max(lastMs, beganMs + latencyMs), endedMs);
  for (let fromMs = endedMs; fromMs + recoveryWindowMs <= endsMs; fromMs += recoveryStepMs) {
    const window = after.filter(
      ({ beganMs }) => beganMs >= fromMs && beganMs < fromMs + recoveryWindowMs,
    );
    if (window.length === 0 || latencies(window).p99Ms > quietTimes * quietP99Ms) continue;
    // It failed until the very end: that is no recovery.
    if (lastFailureMs + recoveryWindowMs > endsMs) return null;
    return rounded((Math.max(fromMs, lastFailureMs) - endedMs) / 1_000);
  }
  return null;
}

/** In the simulation too, a promise about attempts is judged over any five seconds (docs/mesh.md). */
function worstAttempts(seconds: readonly Second[]): number {
  const starts = seconds.slice(0, Math.max(1, seconds.length - windowSeconds + 1));
  return Math.max(
    ...starts.map((_, at) => attemptsPerRequest(seconds.slice(at, at + windowSeconds))),
  );
}

function ejectionsPerHoldDown(decisions: readonly Decision[]): number {
  const ejected = decisions.filter(({ kind }) => kind === 'endpoint.ejected');
  const counts = ejected.map(
    (first) =>
      ejected.filter(
        (other) =>
          isSameEdge(first, other) &&
          other.atMs >= first.atMs &&
          other.atMs < first.atMs + (first.lastsMs ?? 0),
      ).length,
  );
  return Math.max(0, ...counts);
}

function isSameEdge(left: Decision, right: Decision): boolean {
  return (
    left.service === right.service &&
    left.zone === right.zone &&
    left.peerService === right.peerService &&
    left.peerZone === right.peerZone
  );
}

function zoneShares(
  seconds: readonly Second[],
  zones: readonly string[],
  startedMs: number,
  endedMs: number,
): Readonly<Record<string, number>> {
  const meant = seconds.filter(
    ({ second }) => second * 1_000 >= startedMs && (second + 1) * 1_000 <= endedMs,
  );
  const attempts = zones.map((zone) =>
    sum(meant.map(({ attemptsByZone }) => attemptsByZone[zone] ?? 0)),
  );
  return Object.fromEntries(
    zones.map((zone, at) => [zone, ratio(attempts[at] ?? 0, sum(attempts))]),
  );
}

function reasonsOf(samples: readonly Sample[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { operation, failure } of samples) {
    if (failure === undefined) continue;
    const reason = `${operation}: ${failure}`;
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}

function failuresIn(samples: readonly Sample[]): number {
  return samples.filter(({ failure }) => failure !== undefined).length;
}

/** Of nothing asked, all failed. */
function ratioFailed(samples: readonly Sample[]): number {
  return samples.length === 0 ? 1 : ratio(failuresIn(samples), samples.length);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1_000_000) / 1_000_000;
}
