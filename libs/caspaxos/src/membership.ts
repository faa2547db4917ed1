// The configuration a store works under, and the ports of its voters. Adopts newer ones that acceptors show, and brings
// acceptors that are one epoch behind up to it; never makes one (rebuild/ does).
import { KmsError } from '@zonehold/primitives';
import type {
  AcceptorPort,
  Authenticator,
  Configuration,
  ConfiguredAcceptor,
  RefusedReply,
  SignedConfiguration,
  Stamp,
  StampedConfiguration,
} from './acceptor-port.ts';
import { epochOf, verifyConfiguration, type VerifiedConfiguration } from './configuration.ts';
import type { StoreObserver } from './observer.ts';
import type { PortSource } from './port-source.ts';

/** Everything one attempt needs: taken once at its start, so that an attempt never mixes epochs. */
export interface Electorate {
  readonly epoch: number;
  readonly stamp: Stamp;
  readonly quorum: number;
  /** One per voter; undefined where this process has no port to the zone (it counts as unreachable). */
  readonly voters: readonly (AcceptorPort | undefined)[];
  readonly learner: AcceptorPort | undefined;
}

/** The configuration that is current here, in both forms. */
export interface CurrentConfiguration extends StampedConfiguration {
  readonly members: Configuration;
}

/** What the adoption of configurations needs of its store. */
export interface MembershipOptions {
  readonly ports: PortSource;
  readonly first: SignedConfiguration;
  readonly authenticator: Authenticator;
  readonly observer: StoreObserver;
  readonly quorumSize: (voterCount: number) => number;
  /** Bounds an installation on an acceptor that is behind. */
  readonly installTimeoutMs: number;
}

/** See the head of the file. */
export class Membership {
  readonly #options: MembershipOptions;
  #configuration: CurrentConfiguration;
  #electorate: Electorate;
  /** Looked at last: an acceptor left behind shows the same text in every refusal. */
  #seenText = '';
  readonly #installing = new Set<string>();
  #laggards = 0;

  /** Fails with INTEGRITY when the first configuration is not genuine. */
  constructor(options: MembershipOptions) {
    this.#options = options;
    const verified = verifyConfiguration(options.first, options.authenticator);
    if (verified === undefined)
      throw new KmsError('INTEGRITY', 'the first configuration is not genuine');
    this.#configuration = currentOf(verified);
    this.#electorate = this.#electorateOf(verified);
    options.ports.listen((shown, zone) => this.learn(shown, zone));
  }

  electorate(): Electorate {
    return this.#electorate;
  }

  current(): CurrentConfiguration {
    return this.#configuration;
  }

  /**
   * Counts refusals by acceptors of an earlier epoch. An attempt that met one has not found the zones away: they follow in
   * a moment, and no caller may see it.
   */
  laggardsMet(): number {
    return this.#laggards;
  }

  /** Looks at the configuration that a refusal shows. */
  learnFrom(reply: RefusedReply, zone: string): void {
    if (reply.configuration === undefined) return;
    this.learn(reply.configuration, zone);
  }

  /** Adopts a configuration that is genuine and newer; an acceptor that is one epoch behind is brought up to ours. */
  learn(shown: SignedConfiguration, zone: string): void {
    const { authenticator, observer } = this.#options;
    if (shown.text === this.#configuration.configuration.text) return;
    const wasSeen = shown.text === this.#seenText;
    const verified = verifyConfiguration(shown, authenticator);
    if (verified === undefined) {
      observer.alarm('forged-configuration', zone);
      return;
    }
    this.#seenText = shown.text;
    const { epoch } = verified.configuration;
    if (epoch > this.#electorate.epoch) this.adopt(verified);
    else if (epoch < this.#electorate.epoch) this.#catchUp(zone, verified.stamp);
    else if (!wasSeen) observer.alarm('configuration-fork', zone);
  }

  /** Makes a decided configuration the current one, unless a newer one is. */
  adopt(verified: VerifiedConfiguration): void {
    const { epoch } = verified.configuration;
    if (epoch <= this.#electorate.epoch) return;
    this.#configuration = currentOf(verified);
    this.#electorate = this.#electorateOf(verified);
    this.#options.observer.epoch(epoch);
  }

  /** Whoever meets an acceptor that missed an installation repeats it: what is signed was decided. */
  #catchUp(zone: string, behind: Stamp): void {
    const { members } = this.#configuration;
    const isMember = [...members.voters, members.learner].some((member) => member?.zone === zone);
    const port = this.#options.ports.lastOf(zone);
    if (!isMember || port === undefined || epochOf(behind) !== members.epoch - 1) return;
    this.#laggards += 1;
    if (this.#installing.has(zone)) return;
    this.#installing.add(zone);
    void port
      .install(behind, this.#configuration, this.#options.installTimeoutMs)
      .finally(() => this.#installing.delete(zone));
  }

  #electorateOf({ configuration, stamp }: VerifiedConfiguration): Electorate {
    const { epoch, voters, learner } = configuration;
    const { ports, quorumSize } = this.#options;
    const portTo = (acceptor: ConfiguredAcceptor): AcceptorPort | undefined =>
      ports.portTo(acceptor);
    return {
      epoch,
      stamp,
      quorum: quorumSize(voters.length),
      voters: voters.map(portTo),
      learner: learner === null ? undefined : portTo(learner),
    };
  }
}

function currentOf({ configuration, signed, stamp }: VerifiedConfiguration): CurrentConfiguration {
  return { members: configuration, configuration: signed, stamp };
}
