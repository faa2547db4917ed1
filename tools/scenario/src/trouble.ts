// Makes the trouble of a plan and takes it back: through the launcher's control socket, the directory of faults, and the load.
import { setTimeout } from 'node:timers/promises';
import { addFault, clearFaults, listFaults, type FaultSpec } from '@zonehold/faults';
import type { Clock, Random } from '@zonehold/primitives';
import { CouldNotRun, NotTakenBack } from './could-not-run.ts';
import type { DoneStep } from './observations.ts';
import type { PacedLoad } from './paced-load.ts';
import type { Deed, Plan, PlannedStep } from './plan.ts';
import type { Region } from './region.ts';

/** A rule ends by itself a little after it should have been taken back: for a run that was killed. */
const faultGraceMs = 2_000;
/** A launcher that is busy, or has too many connections, answers a moment later. */
const takeBackTries = 4;
const betweenTriesFullMs = 500;

export interface TroubleOptions {
  readonly region: Region;
  readonly plan: Plan;
  readonly load: PacedLoad;
  /** Undefined: the region was started without faults. */
  readonly faultsDir: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly originMs: number;
  /** Between tries to take something back. */
  readonly betweenTriesMs?: number;
}

type TakeBack = () => Promise<void>;

/** Both may be called more than once; `undo` also when `act` failed: it may have been done all the same. */
interface Act {
  readonly act: () => Promise<unknown>;
  readonly undo: () => Promise<unknown>;
}

export class Trouble {
  readonly #options: TroubleOptions;
  readonly #done: DoneStep[] = [];
  /** Of what is done and not taken back. */
  readonly #open = new Map<TakeBack, Deed>();

  constructor(options: TroubleOptions) {
    this.#options = options;
  }

  get done(): readonly DoneStep[] {
    return this.#done;
  }

  /** Does the step; `takeBack` ends it, once, whoever calls. One that failed can be called again. */
  async make({ deed, startsMs, endsMs }: PlannedStep): Promise<TakeBack> {
    const what = describeDeed(deed);
    const isHarm = deed.kind !== 'load';
    const startedMs = this.#sinceOrigin();
    const { act, undo } = this.#actOf(deed, endsMs - startsMs);
    const ended = async (): Promise<void> => {
      await this.#tried(undo);
      this.#open.delete(takeBack);
      this.#done.push({ what, isHarm, startedMs, endedMs: this.#sinceOrigin() });
    };
    let ending: Promise<void> | undefined;
    const takeBack = (): Promise<void> => {
      ending ??= ended().catch((error: unknown) => {
        ending = undefined;
        throw error;
      });
      return ending;
    };
    // Before it is done: a kill whose answer was lost has killed.
    this.#open.set(takeBack, deed);
    await act();
    return takeBack;
  }

  /** Whatever is still open: for a run that ends early. One that cannot be taken back does not keep the others. */
  async takeBackAll(): Promise<void> {
    const left = await Promise.all(
      [...this.#open].map(([takeBack, deed]) =>
        takeBack().then(
          () => undefined,
          (error: unknown) => ({ deed, error: error as Error }),
        ),
      ),
    );
    const failed = left.filter((one) => one !== undefined);
    if (failed.length === 0) return;
    const sentences = failed.map(
      ({ deed, error }) => `${describeDeed(deed)} (${error.message})${mendingOf(deed)}`,
    );
    throw new NotTakenBack(`Not taken back: ${sentences.join('; ')}`, { cause: failed[0]?.error });
  }

  async #tried(undo: Act['undo']): Promise<void> {
    for (let left = takeBackTries - 1; ; left -= 1) {
      try {
        await undo();
        return;
      } catch (error) {
        if (left === 0) throw error;
        await setTimeout(this.#options.betweenTriesMs ?? betweenTriesFullMs);
      }
    }
  }

  #actOf(deed: Deed, lastsMs: number): Act {
    const { load } = this.#options;
    switch (deed.kind) {
      case 'kill':
      case 'pause':
        return this.#stop(deed);
      case 'fault':
        return this.#fault(deed.rule, lastsMs);
      case 'load':
        return {
          act: async () => load.multiply(deed.times),
          undo: async () => load.multiply(1),
        };
    }
  }

  #stop({ kind, zone, services }: Extract<Deed, { kind: 'kill' | 'pause' }>): Act {
    const { region } = this.#options;
    const ask = (action: 'kill' | 'pause' | 'start'): Promise<unknown> =>
      region.ask({ command: 'zone', action, zone, services: [...services] });
    // `start` also continues what was paused, and leaves alone what runs.
    return { act: () => ask(kind), undo: () => ask('start') };
  }

  #fault(rule: Readonly<Record<string, unknown>>, lastsMs: number): Act {
    const { faultsDir, plan, clock, random } = this.#options;
    const { name, title } = plan.scenario;
    if (faultsDir === undefined) throw new CouldNotRun(needsFaults(name));
    const spec = {
      ...rule,
      ...{ reason: title, scenario: name, lastsMs: lastsMs + faultGraceMs },
    } as FaultSpec;
    let id: string | undefined;
    return {
      act: async () => {
        const added = await addFault(faultsDir, spec, clock, random);
        if (!added.ok) throw new CouldNotRun(added.problems.join(' '));
        ({ id } = added.rule);
      },
      // Without an id the run is over: whatever its scenario has put there goes.
      undo: () => clearFaults(faultsDir, id === undefined ? { scenario: name } : { id }),
    };
  }

  #sinceOrigin(): number {
    return this.#options.clock.monotonicMs() - this.#options.originMs;
  }
}

/** Refuses a plan with faults where there is no injector, and any plan beside the faults of others. */
export async function refuseUnreadyFaults(
  { scenario, steps }: Plan,
  faultsDir: string | undefined,
  clock: Clock,
): Promise<void> {
  const active = faultsDir === undefined ? [] : await listFaults(faultsDir, clock);
  if (active.length > 0) {
    throw new CouldNotRun(
      `There are faults already (${active.map(({ id }) => id).join(', ')}). End them first: npx zonehold fault clear`,
    );
  }
  if (faultsDir === undefined && steps.some(({ deed }) => deed.kind === 'fault'))
    throw new CouldNotRun(needsFaults(scenario.name));
}

function needsFaults(name: string): string {
  return `The scenario ${name} needs fault injection: start the region with "npm start -- --faults".`;
}

/** What whoever reads it can do about it. A fault ends by itself. */
function mendingOf(deed: Deed): string {
  return deed.kind === 'kill' || deed.kind === 'pause'
    ? `. Mend it: npx zonehold zone start ${deed.zone}`
    : '';
}

/** One line for people. */
export function describeDeed(deed: Deed): string {
  switch (deed.kind) {
    case 'kill':
    case 'pause':
      return `${deed.kind} ${deed.services.join(', ')} of ${deed.zone}`;
    case 'fault':
      return `fault ${JSON.stringify(deed.rule)}`;
    case 'load':
      return `${deed.times} times the load`;
  }
}
