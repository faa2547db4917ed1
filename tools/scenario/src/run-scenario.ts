// One run: a steady region, a load, the trouble at its times, and everything that was seen. Judges nothing (findings.ts, promises.ts).
import { loadavg } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { KmsClient } from '@zonehold/loadgen';
import type { Clock, Random } from '@zonehold/primitives';
import { beforehand } from './could-not-run.ts';
import { DecisionLogs } from './decisions.ts';
import { KeyClient } from './key-client.ts';
import type { Observations } from './observations.ts';
import { PacedLoad } from './paced-load.ts';
import type { Plan } from './plan.ts';
import type { Region } from './region.ts';
import { whenSteady } from './steady-state.ts';
import { describeDeed, refuseUnreadyFaults, Trouble } from './trouble.ts';
import { verdictChangesSince } from './verdict-changes.ts';
import { Watch } from './watch.ts';

/** Services write their log lines a tenth of a second later at most. */
const logFlushMs = 300;
const progressMs = 2_000;

export interface RunOptions {
  readonly region: Region;
  readonly plan: Plan;
  /** Wait until the monitors speak well of every zone: their verdicts are part of the report. */
  readonly withVerdicts: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly say: (line: string) => void;
  /** Ends the run early; what was done is taken back. */
  readonly signal: AbortSignal;
}

export interface Run {
  readonly observations: Observations;
  readonly startedAt: string;
  readonly loadAverage: readonly [before: string, after: string];
}

/** Throws CouldNotRun when nothing was begun; in every case what was broken is mended. */
export async function runScenario(options: RunOptions): Promise<Run> {
  const { region, plan, clock, random, say, signal } = options;
  const { faultsDir } = region;
  await refuseUnreadyFaults(plan, faultsDir, clock);
  await whenSteady(region, options.withVerdicts, clock, say, signal);
  const client = await beforehand('The client could not sign in', () => signIn(region));
  const before = loadAverage();
  // The quiet time begins when the warm-up is over; keys are made before either.
  const load = new PacedLoad({
    ...{ client, requestsPerSecond: plan.requestsPerSecond, clock, random },
  });
  try {
    await beforehand('The keys of the load could not be made', () => load.start());
    const originMs = clock.monotonicMs() + plan.warmUpMs;
    const originWallMs = clock.wallMs() + plan.warmUpMs;
    const logs = new DecisionLogs(region);
    const watch = new Watch(region, clock, originMs);
    const trouble = new Trouble({ region, plan, load, faultsDir, clock, random, originMs });
    const progress = setInterval(() => say(progressLine(load, watch, originMs, clock)), progressMs);
    try {
      await makeTrouble(plan, trouble, { clock, originMs, say, signal });
    } finally {
      clearInterval(progress);
      try {
        await trouble.takeBackAll();
      } finally {
        await load.stop();
        await watch.stop();
      }
    }
    await setTimeout(logFlushMs);
    return {
      startedAt: new Date(originWallMs).toISOString(),
      loadAverage: [before, loadAverage()],
      observations: {
        samples: load.samples(originMs),
        notSent: load.notSent,
        looks: watch.looks,
        decisions: logs.since(originWallMs),
        verdictChanges: await verdictChangesSince(region, originWallMs),
        steps: trouble.done,
        acknowledged: await load.check(),
      },
    };
  } finally {
    await load.stop();
    await load.tidy();
    client.close();
  }
}

async function signIn(region: Region): Promise<KeyClient> {
  const access = region.access();
  const kms = new KmsClient(access);
  try {
    await kms.signIn();
    return new KeyClient(access, kms.headers);
  } finally {
    kms.close();
  }
}

interface Surroundings {
  readonly clock: Clock;
  readonly originMs: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Every step at its time, and its end at its own; resolves at the end of the plan. */
async function makeTrouble(
  { steps, endsMs }: Plan,
  trouble: Trouble,
  { clock, originMs, say, signal }: Surroundings,
): Promise<void> {
  const failing = new AbortController();
  const ending = { signal: AbortSignal.any([signal, failing.signal]) };
  const until = (atMs: number): Promise<void> =>
    setTimeout(Math.max(0, originMs + atMs - clock.monotonicMs()), undefined, ending);
  const one = async (step: Plan['steps'][number]): Promise<void> => {
    await until(step.startsMs);
    say(`· ${describeDeed(step.deed)}`);
    const takeBack = await trouble.make(step);
    await until(step.endsMs);
    await takeBack();
    say(`· over: ${describeDeed(step.deed)}`);
  };
  const all = [...steps.map(one), until(endsMs)];
  for (const step of all) step.catch((error: unknown) => failing.abort(error));
  // All of them, so that what is just being done is known when everything is taken back.
  const results = await Promise.allSettled(all);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw (failing.signal.reason as unknown) ?? failed.reason;
}

function progressLine(load: PacedLoad, watch: Watch, originMs: number, clock: Clock): string {
  const second = Math.floor((clock.monotonicMs() - originMs) / 1_000);
  const { requests, failed } = load.counts();
  const verdicts = Object.entries(watch.looks.at(-1)?.verdicts ?? {})
    .map(([zone, state]) => `${zone} ${state}`)
    .join(', ');
  const circuits = watch.looks.at(-1)?.openCircuits ?? 0;
  return `${String(second).padStart(4)} s  ${requests} requests, ${failed} failed, ${circuits} circuits open; ${verdicts}`;
}

function loadAverage(): string {
  return loadavg()
    .map((load) => load.toFixed(2))
    .join(' ');
}
