// What is really on the disks of a simulated region, which none of its processes knows: for the nemesis, which must not
// cause more than the protocol claims to survive, and for the end of a run. Changes nothing.
import {
  configurationRegister,
  decodeEnvelope,
  decodeRebuild,
  rebuildRegister,
  rowKey,
  selfOf,
  verifyConfiguration,
  zeroBallot,
  type Configuration,
  type ConfiguredAcceptor,
  type RebuildRecord,
  type RegisterId,
  type VerifiedConfiguration,
} from '@zonehold/caspaxos';
import type { AcceptorHost } from './acceptor-host.ts';
import { memoryPlace, placeOf, type MemoryRegion, type OperatorsFile } from './memory-store.ts';

/** See the head of the file. */
export class RegionTruth {
  readonly #region: MemoryRegion;

  constructor(region: MemoryRegion) {
    this.#region = region;
  }

  /** The newest configuration installed anywhere. */
  newest(): VerifiedConfiguration {
    const { authenticator, configuration } = this.#region;
    let newest = verifyConfiguration(configuration, authenticator)!;
    for (const { state } of this.#region.allHosts()) {
      if (state.header === null || state.header.stamp <= newest.stamp) continue;
      newest = verifyConfiguration(state.header.configuration, authenticator) ?? newest;
    }
    return newest;
  }

  /** Zones that vote at an address of their own by now. */
  operatorsFile(): OperatorsFile {
    const { voters } = this.newest().configuration;
    return new Map(
      voters.flatMap(({ zone, address }) => (address === undefined ? [] : [[zone, address]])),
    );
  }

  /** The server that a zone has, or is to have. */
  hostOf(zone: string): AcceptorHost {
    const { voters, learner } = this.newest().configuration;
    const member = [...voters, learner].find((acceptor) => acceptor?.zone === zone);
    const { open } = this.rebuild();
    const address = member == null && open?.zone === zone ? open.address : member?.address;
    return this.#region.host(placeOf(zone, address));
  }

  /** The servers of all voters but that of `zone`. */
  peersOf(zone: string): readonly AcceptorHost[] {
    const { voters } = this.newest().configuration;
    return voters.filter((voter) => voter.zone !== zone).map((voter) => this.#hostOfVoter(voter));
  }

  /** The identity that the newest configuration expects of a zone's voter. */
  voterSelf(zone: string): string | undefined {
    const voter = this.newest().configuration.voters.find((one) => one.zone === zone);
    return voter && selfOf({ ...memoryPlace, ...voter });
  }

  /** All zones vote under one configuration, no other voters are under way, and no rebuild is open. */
  isWhole(): boolean {
    const { configuration, stamp } = this.newest();
    const { voters, learner, epoch } = configuration;
    if (voters.length < this.#region.hosts.length || learner !== null) return false;
    const areAllThere = voters.every((voter) => {
      const { header } = this.#hostOfVoter(voter).state;
      return header?.self === selfOf({ ...memoryPlace, ...voter }) && header.stamp === stamp;
    });
    if (!areAllThere) return false;
    const latest = this.#latest(configurationRegister);
    const decided = latest === null ? configuration : (JSON.parse(latest) as Configuration);
    const isSame = JSON.stringify(decided.voters) === JSON.stringify(voters);
    if (decided.epoch > epoch && !isSame) return false;
    // One that a single zone has was never opened for anybody, and may never be.
    return this.rebuild().open === null || !this.#isHeldByMajority(rebuildRegister);
  }

  /** As the latest write that anyone holds has it, committed or not. */
  rebuild(): RebuildRecord {
    return decodeRebuild(this.#latest(rebuildRegister));
  }

  #hostOfVoter({ zone, address }: ConfiguredAcceptor): AcceptorHost {
    return this.#region.host(placeOf(zone, address));
  }

  #latest(id: RegisterId): string | null {
    const key = rowKey(id);
    let ballot = zeroBallot;
    let payload = '';
    for (const { state } of this.#region.allHosts()) {
      const accepted = state.registers.get(key)?.accepted;
      if (accepted !== undefined && accepted.ballot > ballot) ({ ballot, payload } = accepted);
    }
    return decodeEnvelope(payload)?.value ?? null;
  }

  /** The latest value of a register is on two voters at least. */
  #isHeldByMajority(id: RegisterId): boolean {
    const { voters } = this.newest().configuration;
    const ballots = voters.map(
      (voter) =>
        this.#hostOfVoter(voter).state.registers.get(rowKey(id))?.accepted.ballot ?? zeroBallot,
    );
    const latest = ballots.toSorted().at(-1);
    return ballots.filter((ballot) => ballot === latest).length > voters.length / 2;
  }
}
