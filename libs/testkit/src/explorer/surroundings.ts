// What happens around the clients: zone C loses its disk, controllers decide and send their errands, and decided
// configurations are installed. Errands (format, reincarnate) and installs need nobody in particular: whoever knows may do
// it, and late, so each may happen at any time at which the acceptor lets it.
import { blankStamp } from '@zonehold/caspaxos';
import { isNegative, type Acceptors, type Outcome, type Request } from './acceptors.ts';
import { zoneC, zoneNames, type Configurations } from './configurations.ts';
import { Controllers, incarnationIn, type Shown } from './controller.ts';
import { memoise } from './interner.ts';
import type { ExploreOptions } from './options.ts';
import { packLabel, place, type StepKind } from './steps.ts';
import { incarnationOf, type World, type Worlds } from './world.ts';

/** Takes the state in the vector it shares with its region. */
export type Emit = (label: number) => void;

interface Change {
  readonly next: number;
  readonly configuration: number;
}

/** Something that happens to zone C's disk. */
interface Mishap {
  readonly kind: StepKind;
  readonly disk: number;
  readonly next: number;
}

/** Acceptor states and zones inside packed keys; interners are checked against it in flights.ts. */
const statesMax = 2 ** 22;

/** See the head of the file. */
export class Surroundings {
  readonly #options: ExploreOptions;
  readonly #acceptors: Acceptors;
  readonly #configurations: Configurations;
  readonly #worlds: Worlds;
  readonly #controllers: Controllers;

  constructor(
    options: ExploreOptions,
    acceptors: Acceptors,
    configurations: Configurations,
    worlds: Worlds,
  ) {
    const { mistakes = {}, epochsMax } = options;
    this.#options = options;
    this.#acceptors = acceptors;
    this.#configurations = configurations;
    this.#worlds = worlds;
    this.#controllers = new Controllers(configurations, mistakes, epochsMax);
  }

  /** Every step out of `from` that is not a client's; each is written to `after` before `emit`. */
  expand(from: Int32Array, after: Int32Array, emit: Emit): void {
    const world = this.#worlds.records.at(from[place.world]!);
    const key = from[place.world]! * statesMax + from[zoneC]!;
    for (const { kind, disk, next } of this.#mishaps(key)) {
      after.set(from);
      after[zoneC] = disk;
      after[place.world] = next;
      emit(packLabel(kind, 0, zoneC, 0));
    }
    const { controllers, mistakes } = this.#options;
    if (controllers === 0) return;
    for (const { next, configuration } of this.#decisions(key)) {
      after.set(from);
      after[place.world] = next;
      emit(packLabel('decide', 0, 0, configuration));
    }
    if (mistakes?.ignoresStamps === true) return;
    for (let zone = 0; zone < zoneNames.length; zone += 1) {
      if (zone === zoneC && world.isRolledBack) continue;
      const key = (from[place.world]! * statesMax + from[zone]!) * 4 + zone;
      for (const { next, configuration } of this.#installs(key)) {
        after.set(from);
        after[zone] = next;
        emit(packLabel('install', 0, zone, configuration));
      }
    }
  }

  /** What an acceptor shows of itself; `null` inside for an empty disk. */
  readonly shown = memoise((state: number): { readonly disk: Shown | null } => {
    const { header } = this.#acceptors.states.at(state);
    if (header === null) return { disk: null };
    return { disk: { incarnation: incarnationIn(header.self), stamp: header.stamp } };
  });

  /** What may happen to zone C's disk. */
  readonly #mishaps = memoise((key: number): readonly Mishap[] => {
    const id = Math.floor(key / statesMax);
    const state = key % statesMax;
    const world = this.#worlds.records.at(id);
    const mishaps: Mishap[] = [];
    const happen = (kind: StepKind, disk: number, next: number): void => {
      mishaps.push({ kind, disk, next });
    };
    const { lossesLeft, image, isRolledBack, incarnations } = world;
    const { loss, controllers, mistakes } = this.#options;
    const { empty } = this.#acceptors;
    const { disk } = this.shown(state);
    const bears = disk?.incarnation ?? null;
    const borne = world.borne.includes(bears) ? world.borne : [...world.borne, bears];
    const changed = (change: Partial<World>): number => this.#worlds.changed(id, change);
    if (lossesLeft > 0 && state !== empty) {
      const left = lossesLeft - 1;
      if (loss === 'wiped') happen('lose-disk', empty, changed({ lossesLeft: left, borne }));
      else if (image < 0) happen('copy-disk', state, changed({ image: state }));
      else {
        const rolledBack = { lossesLeft: left, image: -1, isRolledBack: true, borne };
        happen('lose-disk', image, changed(rolledBack));
      }
    }
    if (controllers === 0 || (state !== empty && !isRolledBack)) return mishaps;
    const attempt = mistakes?.reusesIncarnation === true ? 1 : incarnations + 1;
    const next = changed({ incarnations: attempt, isRolledBack: false, borne });
    const incarnation = incarnationOf(attempt);
    if (disk === null) {
      happen('format', this.#send(state, { kind: 'format', incarnation }).next, next);
    } else {
      const old = disk.incarnation;
      const errand: Request = {
        kind: 'reincarnate',
        incarnation: old,
        nextIncarnation: incarnation,
      };
      happen('reincarnate', this.#send(state, errand).next, next);
    }
    return mishaps;
  });

  readonly #decisions = memoise((key: number): readonly Change[] => {
    const id = Math.floor(key / statesMax);
    const world = this.#worlds.records.at(id);
    const decided = this.#controllers.decisions(world, this.shown(key % statesMax).disk);
    return decided.map((configuration) => {
      const chain = [...world.chain, configuration];
      return {
        next: this.#worlds.changed(id, { chain, isSealed: false, borne: [] }),
        configuration,
      };
    });
  });

  /**
   * Installs under way to one zone, for ever: every decided configuration that names an acceptor there, addressed to that
   * one, over its predecessor or over the blank stamp. Those that the acceptor lets in.
   */
  readonly #installs = memoise((key: number): readonly Change[] => {
    const zone = key % 4;
    const rest = Math.floor(key / 4);
    const state = rest % statesMax;
    const { chain } = this.#worlds.records.at(Math.floor(rest / statesMax));
    const changes: Change[] = [];
    let predecessor = blankStamp;
    for (const configuration of chain) {
      const { voters, learner, stamped } = this.#configurations.at(configuration);
      const incarnation = voters[zone] ?? (zone === zoneC ? learner : null);
      for (const expected of new Set([blankStamp, predecessor])) {
        if (incarnation === null) continue;
        const request: Request = { kind: 'install', incarnation, expected, next: stamped };
        const { next, reply } = this.#send(state, request);
        if (!isNegative(reply) && next !== state) changes.push({ next, configuration });
      }
      predecessor = stamped.stamp;
    }
    return changes;
  });

  #send(state: number, request: Request): Outcome {
    return this.#acceptors.deliver(state, this.#acceptors.requests.idOf(request));
  }
}
