// Two rebuild controllers of one zone: the first stops before one of its effects, the second goes on, and perhaps the zone
// loses its disk again; then what was stopped arrives. Acknowledged appends and the watched rules say whether it was safe.
import type { Decision, RegisterId } from '@zonehold/caspaxos';
import { Deadline, isKmsError } from '@zonehold/primitives';
import { realRules } from './acceptor-host.ts';
import type { Variant } from './broken-variants.ts';
import { Scene, type SceneProcess } from './scene.ts';
import { StoppedProcess, type Stop, type StopsBefore } from './stopped-process.ts';
import { watchedRules } from './watched-rules.ts';

const [a, b, c] = ['us-south-1', 'us-south-2', 'us-south-3'] as const;
const zones = [a, b, c];
/** Each is written while one of the zones is away, so that only two have what was written last. */
const registers = ['one', 'two', 'three'].map((name): RegisterId => ({
  scope: 'instance-1',
  name,
}));

/** Written once, while B is away, and left alone by everybody but the seal. */
const quiet: RegisterId = { scope: 'instance-1', name: 'quiet' };

/** When the zone loses its disk once more: while the first controller stands still, or after the second has finished. */
export type WipedAgain = 'never' | 'meanwhile' | 'afterwards';

export const stops: readonly Stop[] = ['killed', 'frozen', 'late'];
export const wipes: readonly WipedAgain[] = ['never', 'meanwhile', 'afterwards'];

export interface RivalSchedule {
  readonly stop: Stop;
  readonly stopsBefore: StopsBefore;
  readonly wipedAgain: WipedAgain;
  /** The zone is put on an old disk in the first place, not an empty one. */
  readonly isOnOldDisk?: boolean;
}

export interface RivalEnd {
  /** The effect before which the first controller stopped; undefined when it came to its end before. */
  readonly stoppedBefore: string | undefined;
  /** What each zone held at that moment: its epoch, or why it has none. */
  readonly epochsThen: readonly (number | 'empty' | 'blank')[];
  /** All effects of the first controller up to there. */
  readonly effects: readonly string[];
  /** Sentences; none when all is well. */
  readonly violations: readonly string[];
}

/** Plays the schedule. */
export async function playRivals(
  { stop, stopsBefore, wipedAgain, isOnOldDisk = false }: RivalSchedule,
  variant: Variant = {},
): Promise<RivalEnd> {
  const play = new Play(variant);
  const { scene } = play;
  const host = scene.region.host(c);
  await play.append(quiet, 'once', b);
  await play.appendEverywhere('first');
  const image = host.diskImage();
  await play.appendEverywhere('second');
  if (isOnOldDisk) host.rollBackTo(image);
  else host.wipe();
  const stopped = new StoppedProcess(stop, stopsBefore);
  const slow = scene.process(stopped);
  // A process that never met the zone learns that its disk is old from the others.
  await play.read(slow).catch(ignoreKmsError);
  const { looking } = await scene.lookUntilStopped(slow, stopped);
  const epochsThen = scene.epochs();
  if (wipedAgain === 'meanwhile') host.wipe();
  await play.appendEverywhere('third');
  const quick = scene.process();
  await play.untilRebuilt([quick]);
  await play.appendEverywhere('fourth');
  if (wipedAgain === 'afterwards') host.wipe();
  stopped.release();
  if (stop !== 'killed') await scene.ended(looking);
  await play.appendEverywhere('fifth');
  await play.untilRebuilt(stop === 'killed' ? [quick] : [quick, slow]);
  await play.appendEverywhere('sixth');
  await play.expectAllThere();
  return {
    ...{ stoppedBefore: stopped.stoppedBefore, epochsThen, effects: stopped.effects },
    violations: [...play.violations, ...new Set(scene.alarms)],
  };
}

function ignoreKmsError(error: unknown): undefined {
  if (!isKmsError(error)) throw error;
}

/** Stops when effects that begin like `steps` have been met in this order: before the last of them. */
export function atStep(...steps: readonly string[]): StopsBefore {
  let at = 0;
  return (effect) => {
    if (at < steps.length && effect.startsWith(steps[at]!)) at += 1;
    return at === steps.length;
  };
}

/** Stops before the effect at this position, from 0. */
export function atPosition(position: number): StopsBefore {
  let at = -1;
  return () => (at += 1) === position;
}

/** One run. */
class Play {
  readonly violations: string[] = [];
  readonly scene: Scene;
  readonly #acknowledged: { readonly register: RegisterId; readonly opId: string }[] = [];
  #rounds = 0;

  constructor(variant: Variant) {
    const { acceptorRules = realRules } = variant;
    const report = (violation: string): void => {
      if (!this.violations.includes(violation)) this.violations.push(violation);
    };
    this.scene = new Scene({ ...variant, acceptorRules: watchedRules(acceptorRules, report) });
  }

  /** Has them look in turn until all zones vote under a later configuration and no rebuild is open. */
  async untilRebuilt(processes: readonly SceneProcess[]): Promise<void> {
    for (let look = 0; look < 60; look += 1) {
      await this.scene.ended(Promise.all(processes.map(({ controller }) => controller.look())));
      const { controller, store } = processes[0]!;
      const { members } = store.configuration();
      const record = await this.scene.ended(controller.record()).catch(ignoreKmsError);
      const isWhole = members.epoch > 1 && members.voters.length === 3;
      const isEverywhere = this.scene.epochs().every((epoch) => epoch === members.epoch);
      if (isWhole && isEverywhere && record?.open === null) return;
      // As requests do: what a zone answers them is how a lost disk is noticed.
      for (const process of processes) await this.read(process).catch(ignoreKmsError);
      await this.scene.ended(this.scene.time.sleep(500));
    }
    this.violations.push('the zone was not rebuilt');
  }

  /** Appends to each register through two zones, each time another two, or through any when these are no quorum. */
  async appendEverywhere(opId: string): Promise<void> {
    this.#rounds += 1;
    for (const [at, register] of registers.entries()) {
      const away = zones[(at + this.#rounds) % zones.length];
      if (await this.append(register, opId, away)) continue;
      await this.append(register, `${opId}-again`);
    }
  }

  async append(register: RegisterId, opId: string, away?: string): Promise<boolean> {
    const { time } = this.scene;
    const { network, store } = this.scene.process();
    network.script = (_kind, zone) => (zone === away ? 'lose-request' : 'deliver');
    const change = (value: string | null): Decision<undefined> => {
      const list = value === null ? [] : value.split(',');
      if (list.includes(opId)) return { kind: 'keep', result: undefined };
      return { kind: 'write', value: [...list, opId].join(','), summary: null, result: undefined };
    };
    try {
      await this.scene.ended(store.change(register, change, Deadline.after(time, 3_000)));
    } catch (error) {
      ignoreKmsError(error);
      return false;
    }
    this.#acknowledged.push({ register, opId });
    return true;
  }

  /** Reads as clients do: that alone spreads what only two zones have. */
  async read(
    { store }: SceneProcess,
    ids: readonly RegisterId[] = registers,
  ): Promise<readonly (readonly string[])[]> {
    const deadline = Deadline.after(this.scene.time, 3_000);
    const states = await this.scene.ended(store.read(ids, deadline));
    return states.map(({ value }) => value?.split(',') ?? []);
  }

  /** What any two zones say holds everything that was acknowledged, once. */
  async expectAllThere(): Promise<void> {
    for (const away of zones) {
      const reader = this.scene.process();
      reader.network.script = (_kind, zone) => (zone === away ? 'lose-request' : 'deliver');
      const ids = [...registers, quiet];
      const lists = await this.read(reader, ids).catch(ignoreKmsError);
      if (lists === undefined) {
        this.violations.push(`nothing can be read without ${away}`);
        continue;
      }
      ids.forEach((register, at) => {
        const list = lists[at] ?? [];
        if (new Set(list).size !== list.length) this.violations.push(`twice: ${list.join()}`);
        for (const { register: other, opId } of this.#acknowledged) {
          if (other !== register || list.includes(opId)) continue;
          this.violations.push(`${opId} of ${register.name} is lost without ${away}`);
        }
      });
    }
  }
}
