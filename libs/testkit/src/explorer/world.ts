// What is neither an acceptor nor a client: the decided configurations, zone C's disk losses, and what was acknowledged.
import { zoneC, type Configurations } from './configurations.ts';
import { Interner } from './interner.ts';

/** See the head of the file. */
export interface World {
  /** Decided configurations, the first to the newest. */
  readonly chain: readonly number[];
  readonly lossesLeft: number;
  /** Incarnations ever given to zone C after the first: x1 to this. */
  readonly incarnations: number;
  /** Whom zone C bore (null: nobody, an empty disk) since the newest configuration was decided, besides whom it bears now. */
  readonly borne: readonly (string | null)[];
  /** The seal under the newest configuration is complete. */
  readonly isSealed: boolean;
  /** The longest value that a client was told of. */
  readonly acknowledged: string;
  /** Zone C's copy of its disk; -1 when none was taken. */
  readonly image: number;
  /** Zone C runs on that copy: its ports keep it out of every quorum (caspaxos rollback.ts). */
  readonly isRolledBack: boolean;
}

/** The incarnation of attempt `number`, from 1: fresh each time, whoever draws it. */
export function incarnationOf(number: number): string {
  return `x${number}`;
}

/** The configuration decided last. */
export function newestOf(world: World): number {
  return world.chain[world.chain.length - 1]!;
}

/** See the head of the file. */
export class Worlds {
  readonly records = new Interner<World>();

  first(configurations: Configurations, lossesMax: number): number {
    const voters = Array.from({ length: zoneC + 1 }, () => 'first');
    return this.records.idOf({
      chain: [configurations.idOf({ epoch: 1, voters, learner: null })],
      lossesLeft: lossesMax,
      incarnations: 0,
      borne: [],
      isSealed: false,
      acknowledged: '',
      image: -1,
      isRolledBack: false,
    });
  }

  changed(id: number, change: Partial<World>): number {
    return this.records.idOf({ ...this.records.at(id), ...change });
  }

  /** Keeps the books of one acknowledgement; says what is wrong with it, if anything is. */
  acknowledge(
    id: number,
    value: string,
    floor: number,
    letter: string | undefined,
  ): { readonly next: number; readonly problem: string | undefined } {
    const { acknowledged } = this.records.at(id);
    const isLonger = value.length > acknowledged.length;
    const next = isLonger ? this.changed(id, { acknowledged: value }) : id;
    return { next, problem: problemOf(value, acknowledged, floor, letter) };
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
  return new Set(value).size === value.length ? undefined : `${shown(value)} holds a write twice`;
}
