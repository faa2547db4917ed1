// The configuration a store works under, and the ports of its voters. Adopts newer ones that acceptors show; never
// makes one.
import { KmsError } from '@zonehold/primitives';
import type {
  AcceptorPort,
  Authenticator,
  RefusedReply,
  SignedConfiguration,
  Stamp,
} from './acceptor-port.ts';
import { verifyConfiguration, type VerifiedConfiguration } from './configuration.ts';
import type { StoreObserver } from './observer.ts';

/** Everything one attempt needs: taken once at its start, so that an attempt never mixes epochs. */
export interface Electorate {
  readonly epoch: number;
  readonly stamp: Stamp;
  readonly quorum: number;
  /** One per voter; undefined where this process has no port to the zone (it counts as unreachable). */
  readonly voters: readonly (AcceptorPort | undefined)[];
  readonly learner: AcceptorPort | undefined;
}

/** See the head of the file. */
export class Membership {
  readonly #ports: ReadonlyMap<string, AcceptorPort>;
  readonly #authenticator: Authenticator;
  readonly #observer: StoreObserver;
  readonly #quorumSize: (voterCount: number) => number;
  #current: Electorate;
  /** Looked at last: an acceptor left behind shows the same text in every refusal. */
  #seenText = '';

  /** Fails with INTEGRITY when the first configuration is not genuine. */
  constructor(
    ports: readonly AcceptorPort[],
    first: SignedConfiguration,
    authenticator: Authenticator,
    observer: StoreObserver,
    quorumSize: (voterCount: number) => number,
  ) {
    this.#ports = new Map(ports.map((port) => [port.zone, port]));
    this.#authenticator = authenticator;
    this.#observer = observer;
    this.#quorumSize = quorumSize;
    const verified = verifyConfiguration(first, authenticator);
    if (verified === undefined)
      throw new KmsError('INTEGRITY', 'the first configuration is not genuine');
    this.#current = this.#electorateOf(verified);
  }

  electorate(): Electorate {
    return this.#current;
  }

  /** Looks at the configuration a refusal shows and adopts it when it is genuine and newer. */
  learnFrom(reply: RefusedReply, zone: string): void {
    if (reply.configuration === undefined || reply.configuration.text === this.#seenText) return;
    const verified = verifyConfiguration(reply.configuration, this.#authenticator);
    if (verified === undefined) {
      this.#observer.alarm('forged-configuration', zone);
      return;
    }
    this.#seenText = reply.configuration.text;
    const { epoch } = verified.configuration;
    if (epoch === this.#current.epoch && verified.stamp !== this.#current.stamp) {
      this.#observer.alarm('configuration-fork', zone);
    }
    if (epoch <= this.#current.epoch) return;
    this.#current = this.#electorateOf(verified);
    this.#observer.epoch(epoch);
  }

  #electorateOf({ configuration, stamp }: VerifiedConfiguration): Electorate {
    const { epoch, voters, learner } = configuration;
    return {
      epoch,
      stamp,
      quorum: this.#quorumSize(voters.length),
      voters: voters.map(({ zone }) => this.#ports.get(zone)),
      learner: learner === null ? undefined : this.#ports.get(learner.zone),
    };
  }
}
