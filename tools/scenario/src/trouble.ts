// Makes the trouble of a plan and takes it back: through the launcher's control socket, the directory of faults, and the load.
import { addFault, clearFaults, listFaults, type FaultSpec } from '@zonehold/faults';
import type { Clock, Random } from '@zonehold/primitives';
import { CouldNotRun } from './could-not-run.ts';
import type { DoneStep } from './observations.ts';
import type { PacedLoad } from './paced-load.ts';
import type { Deed, Plan, PlannedStep } from './plan.ts';
import type { Region } from './region.ts';

/** A rule ends by itself a little after it should have been taken back: for a run that was killed. */
const faultGraceMs = 2_000;

export interface TroubleOptions {
  readonly region: Region;
  readonly plan: Plan;
  readonly load: PacedLoad;
  /** Undefined: the region was started without faults. */
  readonly faultsDir: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly originMs: number;
}

type TakeBack = () => Promise<void>;

export class Trouble {
  readonly #options: TroubleOptions;
  readonly #done: DoneStep[] = [];
  /** Of what is done and not taken back. */
  readonly #open = new Set<TakeBack>();

  constructor(options: TroubleOptions) {
    this.#options = options;
  }

  get done(): readonly DoneStep[] {
    return this.#done;
  }

  /** Does the step; `takeBack` ends it, once, whoever calls. */
  async make(step: PlannedStep): Promise<TakeBack> {
    const what = describeDeed(step.deed);
    const isHarm = step.deed.kind !== 'load';
    const startedMs = this.#sinceOrigin();
    const undo = await this.#do(step);
    let ending: Promise<void> | undefined;
    const takeBack = (): Promise<void> => {
      ending ??= undo().then(() => {
        this.#open.delete(takeBack);
        this.#done.push({ what, isHarm, startedMs, endedMs: this.#sinceOrigin() });
      });
      return ending;
    };
    this.#open.add(takeBack);
    return takeBack;
  }

  /** Whatever is still open: for a run that ends early. One that cannot be taken back does not keep the others. */
  async takeBackAll(): Promise<void> {
    const results = await Promise.allSettled([...this.#open].map((takeBack) => takeBack()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #do({ deed, startsMs, endsMs }: PlannedStep): Promise<TakeBack> {
    const { load } = this.#options;
    switch (deed.kind) {
      case 'kill':
      case 'pause':
        return this.#stop(deed);
      case 'fault':
        return this.#addFault(deed.rule, endsMs - startsMs);
      case 'load':
        load.multiply(deed.times);
        return Promise.resolve(async () => load.multiply(1));
    }
  }

  async #stop(deed: Extract<Deed, { kind: 'kill' | 'pause' }>): Promise<TakeBack> {
    const { region } = this.#options;
    const { kind, zone, services } = deed;
    const act = (action: 'kill' | 'pause' | 'start'): Promise<unknown> =>
      region.ask({ command: 'zone', action, zone, services: [...services] });
    await act(kind);
    // `start` also continues what was paused.
    return async () => {
      await act('start');
    };
  }

  async #addFault(rule: Readonly<Record<string, unknown>>, lastsMs: number): Promise<TakeBack> {
    const { faultsDir, plan, clock, random } = this.#options;
    const { name, title } = plan.scenario;
    if (faultsDir === undefined) throw new CouldNotRun(needsFaults(name));
    const spec = {
      ...rule,
      ...{ reason: title, scenario: name, lastsMs: lastsMs + faultGraceMs },
    } as FaultSpec;
    const added = await addFault(faultsDir, spec, clock, random);
    if (!added.ok) throw new CouldNotRun(added.problems.join(' '));
    const { id } = added.rule;
    return async () => {
      await clearFaults(faultsDir, { id });
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
