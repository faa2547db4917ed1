// The configurations that can be decided in an explored region, as numbers. Texts, stamps and quorums are production's.
import {
  quorumSize,
  stampConfiguration,
  type Configuration,
  type StampedConfiguration,
} from '@zonehold/caspaxos';
import { fastAuthenticator } from '../simulation/authenticator.ts';
import { Interner } from './interner.ts';

export const zoneNames = ['A', 'B', 'C'] as const;
/** The zone that loses its disk; the other two are mirror images of one another. */
export const zoneC = 2;

/** Who votes: the incarnation per zone, null for a zone that does not. */
export interface Membership {
  readonly epoch: number;
  readonly voters: readonly (string | null)[];
  /** In zone C only. */
  readonly learner: string | null;
}

/** A membership with all that is derived from it. */
export interface DecidedConfiguration extends Membership {
  readonly id: number;
  readonly configuration: Configuration;
  readonly stamped: StampedConfiguration;
  readonly voterCount: number;
  readonly quorum: number;
}

/** See the head of the file. */
export class Configurations {
  readonly #memberships = new Interner<Membership>();
  readonly #decided: DecidedConfiguration[] = [];
  readonly #idByStamp = new Map<string, number>();

  idOf(membership: Membership): number {
    const id = this.#memberships.idOf(membership);
    if (this.#decided[id] === undefined) this.#decide(id, membership);
    return id;
  }

  at(id: number): DecidedConfiguration {
    return this.#decided[id]!;
  }

  /** -1 when no decided configuration has this stamp. */
  withStamp(stamp: string): number {
    return this.#idByStamp.get(stamp) ?? -1;
  }

  #decide(id: number, membership: Membership): void {
    const { epoch, voters, learner } = membership;
    const acceptorOf = (incarnation: string, zone: number) => ({
      zone: zoneNames[zone]!,
      acceptorId: 'acceptor',
      incarnation,
    });
    const voting = voters.flatMap((incarnation, zone) =>
      incarnation === null ? [] : [acceptorOf(incarnation, zone)],
    );
    const learning = learner === null ? null : acceptorOf(learner, zoneC);
    const configuration: Configuration = { epoch, voters: voting, learner: learning };
    const stamped = stampConfiguration(configuration, fastAuthenticator);
    const voterCount = voting.length;
    const quorum = quorumSize(voterCount);
    this.#decided[id] = { ...membership, id, configuration, stamped, voterCount, quorum };
    this.#idByStamp.set(stamped.stamp, id);
  }
}
