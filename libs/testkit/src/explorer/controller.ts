// What rebuild controllers decide: production's `nextStep`, asked with everything that some controller may believe.
//
// The register `region/configuration` is one variable with compare-and-set here: that such a register is linearizable is what
// the rest of the explorer is about. So a controller needs no state of its own: it decides over the newest configuration or
// not at all, and what it believes of zone C's disk was true at some time since that configuration was decided (it looks at
// the disk after it has read the configuration: `#view` of production's controller). Their rounds, the seals, are clients
// (clients.ts); their errands to the disk may arrive at any time (surroundings.ts).
import {
  blankStamp,
  nextStep,
  parseSelf,
  selfOf,
  type Configuration,
  type DiskLook,
  type RebuildView,
  type Stamp,
} from '@zonehold/caspaxos';
import {
  zoneC,
  zoneNames,
  type Configurations,
  type DecidedConfiguration,
} from './configurations.ts';
import type { Mistakes } from './options.ts';
import { newestOf, type World } from './world.ts';

const region = { clusterId: 'cluster', region: 'region' } as const;
const acceptorId = 'acceptor';
const homes = zoneNames.map((zone) => ({ zone, acceptorId }));
const zone = zoneNames[zoneC];

/** What an acceptor in zone C shows of itself; null for an empty disk. */
export interface Shown {
  readonly incarnation: string;
  readonly stamp: Stamp;
}

/** See the head of the file. */
export class Controllers {
  readonly #configurations: Configurations;
  readonly #mistakes: Mistakes;
  readonly #epochsMax: number;

  constructor(configurations: Configurations, mistakes: Mistakes, epochsMax: number) {
    this.#configurations = configurations;
    this.#mistakes = mistakes;
    this.#epochsMax = epochsMax;
  }

  /** All that may be decided over the newest configuration of `world`, while zone C shows `shown`. */
  decisions(world: World, shown: Shown | null): readonly number[] {
    const newest = this.#configurations.at(newestOf(world));
    if (newest.epoch >= this.#epochsMax) return [];
    const decided = new Set<number>();
    for (const look of this.#looks(world, newest, shown)) {
      const step = nextStep(this.#view(world, newest, look));
      if (step.kind === 'configure') decided.add(this.#idOf(step.next));
    }
    if (this.#mistakes.evictsTwo === true) {
      for (const other of this.#evictedTwice(newest)) decided.add(other);
    }
    return [...decided];
  }

  /** What a controller may have seen of the disk. An incarnation that is in no configuration yet is under the blank stamp. */
  #looks(world: World, newest: DecidedConfiguration, shown: Shown | null): readonly DiskLook[] {
    const held = (incarnation: string, stamp: Stamp): DiskLook => {
      const self = selfOf({ ...region, zone, acceptorId, incarnation });
      return { kind: 'held', self, stamp };
    };
    const looks = [shown === null ? emptyDisk : held(shown.incarnation, shown.stamp)];
    for (const incarnation of world.borne) {
      looks.push(incarnation === null ? emptyDisk : held(incarnation, blankStamp));
    }
    // Its seal is complete, so it was seen under this configuration.
    if (world.isSealed && newest.learner !== null)
      looks.push(held(newest.learner, newest.stamped.stamp));
    return looks;
  }

  #view(world: World, newest: DecidedConfiguration, look: DiskLook): RebuildView {
    const { stamp } = newest.stamped;
    const isComplete = world.isSealed || this.#mistakes.skipsSeal === true;
    const seal = { stamp, cursor: '', done: 1, total: 1, startedAtMs: 0, isComplete };
    const standing = world.isRolledBack ? 'rolled-back' : 'voter';
    // Whoever votes for C now, if C votes, is the one that gives way.
    const gone = newest.configuration.voters.find((voter) => voter.zone === zone);
    const cause = world.isRolledBack ? 'rolled-back' : 'wiped';
    const open = {
      zone,
      cause,
      incarnation: gone?.incarnation ?? '',
      openedAtMs: 0,
      seal,
    } as const;
    return {
      ...region,
      homes,
      configuration: newest.configuration,
      notInstalled: [],
      open,
      standings: new Map(zoneNames.map((name) => [name, name === zone ? standing : 'voter'])),
      looks: new Map([[zone, look]]),
    };
  }

  #idOf({ epoch, voters, learner }: Configuration): number {
    const incarnations = zoneNames.map(
      (name) => voters.find((voter) => voter.zone === name)?.incarnation ?? null,
    );
    const learning = learner?.incarnation ?? null;
    return this.#configurations.idOf({ epoch, voters: incarnations, learner: learning });
  }

  /** Only by mistake: one of two voters is taken out. */
  #evictedTwice({ epoch, voters }: DecidedConfiguration): readonly number[] {
    if (voters.filter((voter) => voter !== null).length !== 2) return [];
    return voters.flatMap((voter, left) =>
      voter === null
        ? []
        : [
            this.#configurations.idOf({
              epoch: epoch + 1,
              voters: voters.map((other, place) => (place === left ? null : other)),
              learner: null,
            }),
          ],
    );
  }
}

const emptyDisk: DiskLook = { kind: 'empty' };

/** The incarnation in an acceptor's own name. */
export function incarnationIn(self: string): string {
  return parseSelf(self)?.incarnation ?? '';
}
