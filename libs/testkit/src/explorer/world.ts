// What is neither an acceptor nor a client: the decided configurations, zone C's disk losses, and what was acknowledged.
//
// The register `region/configuration` is one variable with compare-and-set here: that such a register is linearizable is what
// the rest of the explorer is about. Controllers' decisions need no controller: any of them may be taken as soon as some
// controller could have seen what it needs, however long ago, and one that is too late finds the variable changed.
import { zoneC, type Configurations } from './configurations.ts';
import { Interner } from './interner.ts';
import type { Mistakes } from './options.ts';

/** See the head of the file. */
export interface World {
  /** Decided configurations, the first to the newest. */
  readonly chain: readonly number[];
  readonly lossesLeft: number;
  /** Incarnations ever given to zone C after the first: x1 to this. */
  readonly incarnations: number;
  /** The seal under the newest configuration is complete. */
  readonly isSealed: boolean;
  /** The longest value that a client was told of. */
  readonly acknowledged: string;
  /** Zone C's copy of its disk; -1 when none was taken. */
  readonly image: number;
  /** Zone C runs on that copy: its ports keep it out of every quorum (caspaxos rollback.ts). */
  readonly isRolledBack: boolean;
}

/** One configuration that a controller may decide now. */
export interface Decision {
  readonly next: number;
  readonly configuration: number;
}

/** The incarnation of attempt `number`, from 1: fresh each time, whoever draws it. */
export function incarnationOf(number: number): string {
  return `x${number}`;
}

/** See the head of the file. */
export class Worlds {
  readonly records = new Interner<World>();
  readonly #configurations: Configurations;
  readonly #mistakes: Mistakes;

  constructor(configurations: Configurations, mistakes: Mistakes) {
    this.#configurations = configurations;
    this.#mistakes = mistakes;
  }

  first(lossesMax: number): number {
    const voters = ['first', 'first', 'first'];
    return this.records.idOf({
      chain: [this.#configurations.idOf({ epoch: 1, voters, learner: null })],
      lossesLeft: lossesMax,
      incarnations: 0,
      isSealed: false,
      acknowledged: '',
      image: -1,
      isRolledBack: false,
    });
  }

  changed(id: number, change: Partial<World>): number {
    return this.records.idOf({ ...this.records.at(id), ...change });
  }

  newest(world: World): number {
    return world.chain[world.chain.length - 1]!;
  }

  /** What controllers may decide over the newest configuration; `bearing` is the incarnation zone C votes with, or null. */
  decisions(id: number, bearing: string | null): readonly Decision[] {
    const world = this.records.at(id);
    const { epoch, voters, learner } = this.#configurations.at(this.newest(world));
    const decisions: Decision[] = [];
    const decide = (nextVoters: readonly (string | null)[], nextLearner: string | null): void => {
      const membership = { epoch: epoch + 1, voters: nextVoters, learner: nextLearner };
      const configuration = this.#configurations.idOf(membership);
      const chain = [...world.chain, configuration];
      decisions.push({ next: this.changed(id, { chain, isSealed: false }), configuration });
    };
    const [left, right, third] = voters as [string | null, string | null, string | null];
    if (third !== null) {
      if (third !== bearing) decide([left, right, null], null);
      return decisions;
    }
    for (let attempt = 1; attempt <= world.incarnations; attempt += 1) {
      const incarnation = incarnationOf(attempt);
      if (incarnation !== learner) decide([left, right, null], incarnation);
    }
    if (learner !== null && (world.isSealed || this.#mistakes.skipsSeal === true)) {
      decide([left, right, learner], null);
    }
    if (this.#mistakes.evictsTwo === true && left !== null && right !== null) {
      decide([left, null, null], null);
      decide([null, right, null], null);
    }
    return decisions;
  }

  /** Keeps the books of one acknowledgement; says what is wrong with it, if anything is. */
  acknowledge(
    id: number,
    value: string,
    floor: number,
    letter: string | undefined,
  ): { readonly next: number; readonly problem?: string } {
    const { acknowledged } = this.records.at(id);
    const problem = problemOf(value, acknowledged, floor, letter);
    const isLonger = value.length > acknowledged.length;
    const next = isLonger ? this.changed(id, { acknowledged: value }) : id;
    return problem === undefined ? { next } : { next, problem };
  }
}

/**
 * Linearizability of one register to which every write appends a letter of its own: all values that clients were told of
 * are prefixes of one another, and none is shorter than the longest that was known when its operation began.
 */
function problemOf(
  value: string,
  acknowledged: string,
  floor: number,
  letter: string | undefined,
): string | undefined {
  const shown = (text: string): string => (text === '' ? 'nothing' : `"${text}"`);
  if (!value.startsWith(acknowledged) && !acknowledged.startsWith(value)) {
    return `${shown(value)} is acknowledged after ${shown(acknowledged)}: one of them is lost`;
  }
  if (value.length < floor) {
    return `${shown(value)} is acknowledged by an operation that began after ${shown(acknowledged)}`;
  }
  if (letter !== undefined && !value.includes(letter)) {
    return `${shown(value)} is acknowledged to the writer of "${letter}"`;
  }
  if (new Set(value).size !== value.length) return `${shown(value)} holds a write twice`;
  return undefined;
}

/** Zone C is the only one that is ever without its memory. */
export const losingZone = zoneC;
