// The acceptor port over a simulated server: binds to one run of it, compares sequences before it lets it vote, and
// carries what it has seen of the others. What caspaxos-redis does with connections, this does with a transport.
import {
  blankStamp,
  sequenceStanding,
  type SequenceMemory,
  type AcceptorPort,
  type AcceptorStanding,
  type AcceptReply,
  type AcceptRequest,
  type Address,
  type InstallReply,
  type ListReply,
  type ListRequest,
  type PrepareReply,
  type PrepareRequest,
  type ReadReply,
  type RegisterId,
  type RefusedReply,
  type ScanReply,
  type SignedConfiguration,
  type Stamp,
  type StampedConfiguration,
  type UnreachableReply,
} from '@zonehold/caspaxos';
import type { AcceptorHost } from './acceptor-host.ts';

/** Runs `operation` at the server at a place and brings the reply back; undefined when none came within `timeoutMs`. */
export interface Transport {
  call<Reply>(
    place: string,
    operation: (host: AcceptorHost) => Reply,
    timeoutMs: number,
  ): Promise<Reply | undefined>;
}

/** Where another acceptor is, and who it must be. */
export interface Peer {
  readonly place: string;
  readonly self: string;
}

/** Who a port means, and who votes beside it. */
export interface HostPortOptions {
  readonly zone: string;
  /** Where the server is: the zone, or another place in it (see `placeOf`). */
  readonly place: string;
  /** The name under which peers record its sequence. */
  readonly recordName: string;
  /** The identity expected there. */
  readonly self: string;
  /** The acceptors beside it, asked for their records of this one; a stranger's records do not count. */
  readonly peers: () => readonly Peer[];
  /** Told of the configuration that the server shows when it is compared. */
  readonly shown?: (configuration: SignedConfiguration) => void;
  readonly transport: Transport;
  /** Shared by all ports of one process. */
  readonly sequences: SequenceMemory;
  /** The comparison rule; a negative control hands in one that always says voter. */
  readonly standingOf?: typeof sequenceStanding;
}

/** Bounds the comparison after a reconnect. */
const compareTimeoutMs = 200;

const unreachable: UnreachableReply = { kind: 'unreachable', wasSent: true, reason: 'no answer' };

type Answer<Reply> = { readonly reply: Reply; readonly seq: number } | 'other-run' | 'unsafe';

/** Why a server that bears `found` is not the acceptor `wanted`. */
function standingOfStranger(found: string | undefined, wanted: string): AcceptorStanding {
  if (found === undefined) return 'wiped';
  const kinOf = (self: string): string => self.slice(0, self.lastIndexOf('/'));
  return kinOf(found) === kinOf(wanted) ? 'other-incarnation' : 'foreign';
}

/** See the head of the file. */
export class HostPort implements AcceptorPort {
  readonly zone: string;
  readonly #options: HostPortOptions;
  readonly #address: Address;
  #run: number | undefined;
  #standing: AcceptorStanding = 'connecting';
  #comparing: Promise<void> | undefined;

  constructor(options: HostPortOptions) {
    this.zone = options.zone;
    this.#options = options;
    this.#address = { self: options.self, peers: options.sequences.all() };
  }

  standing(): { readonly standing: AcceptorStanding; readonly reason: string } {
    return { standing: this.#standing, reason: this.#standing === 'voter' ? '' : 'see standing' };
  }

  async read(
    ids: readonly RegisterId[],
    stamp: Stamp,
    timeoutMs: number,
  ): Promise<readonly ReadReply[]> {
    const reply = await this.#call(
      (host) => host.rules.read(host.state, this.#address, ids, stamp),
      timeoutMs,
    );
    return 'kind' in reply ? ids.map(() => reply) : reply;
  }

  prepare(request: PrepareRequest, timeoutMs: number): Promise<PrepareReply> {
    return this.#call(
      (host) => host.decide(host.rules.prepare(host.state, this.#address, request)),
      timeoutMs,
    );
  }

  accept(request: AcceptRequest, timeoutMs: number): Promise<AcceptReply> {
    return this.#call(
      (host) => host.decide(host.rules.accept(host.state, this.#address, request)),
      timeoutMs,
    );
  }

  list(request: ListRequest, timeoutMs: number): Promise<ListReply> {
    return this.#call((host) => host.rules.list(host.state, this.#address, request), timeoutMs);
  }

  scan(namePrefix: string, stamp: Stamp, timeoutMs: number): Promise<ScanReply> {
    return this.#call(
      (host) => host.rules.scan(host.state, this.#address, namePrefix, stamp),
      timeoutMs,
    );
  }

  install(
    expected: Stamp,
    next: StampedConfiguration,
    timeoutMs: number,
  ): Promise<InstallReply | UnreachableReply> {
    const { self } = this.#options;
    return this.#call(
      (host) => host.decide(host.rules.installConfiguration(host.state, self, expected, next)),
      timeoutMs,
    );
  }

  async close(): Promise<void> {
    this.#standing = 'unreachable';
  }

  async #call<Reply>(
    operation: (host: AcceptorHost) => Reply,
    timeoutMs: number,
  ): Promise<Reply | RefusedReply | UnreachableReply> {
    if (this.#standing !== 'voter') {
      this.#comparing ??= this.#compare();
      await this.#comparing;
    }
    const standing = this.#standing;
    if (standing === 'unreachable')
      return { kind: 'unreachable', wasSent: false, reason: 'no connection' };
    if (standing !== 'voter') return { kind: 'refused', standing, reason: standing };
    const run = this.#run;
    const answer = await this.#options.transport.call<Answer<Reply>>(
      this.#options.place,
      (host) => {
        if (host.run !== run) return 'other-run';
        if (host.isUnsafe) return 'unsafe';
        const reply = operation(host);
        return { reply, seq: host.state.header?.seq ?? 0 };
      },
      timeoutMs,
    );
    if (answer === undefined) return unreachable;
    if (answer === 'other-run' || answer === 'unsafe') {
      if (this.#run === run) {
        this.#standing = answer === 'unsafe' ? 'unsafe-settings' : 'comparing';
      }
      return unreachable;
    }
    this.#options.sequences.observe(this.#options.recordName, answer.seq);
    return answer.reply;
  }

  /** Binds to the present run: asks the server for its sequence and the peers for their records of it. */
  async #compare(): Promise<void> {
    const { transport, place, recordName, self, sequences, shown } = this.#options;
    // As a new connection does: all that follows is about this run of the server, or void.
    const connectedTo = await transport.call(place, ({ run }) => run, compareTimeoutMs);
    // Memory and peers first: what they have on record happened before the sequence that is read after them.
    const rememberedSeq = sequences.of(recordName);
    const peers = this.#options.peers();
    const records = await Promise.all(
      peers.map((peer) =>
        transport.call(
          peer.place,
          ({ state: { header } }) =>
            header?.self === peer.self ? (header.peers[recordName] ?? 0) : undefined,
          compareTimeoutMs,
        ),
      ),
    );
    const found = await transport.call(
      place,
      ({ run, isUnsafe, state: { header } }) => ({ run, isUnsafe, header }),
      compareTimeoutMs,
    );
    this.#comparing = undefined;
    if (found === undefined || found.run !== connectedTo) {
      this.#standing = 'unreachable';
      return;
    }
    const { header, run, isUnsafe } = found;
    if (isUnsafe) {
      this.#standing = 'unsafe-settings';
      return;
    }
    if (header !== null && header.stamp !== blankStamp) shown?.(header.configuration);
    if (header?.self !== self) {
      this.#standing = standingOfStranger(header?.self, self);
    } else {
      this.#run = run;
      this.#standing = (this.#options.standingOf ?? sequenceStanding)({
        ownSeq: header.seq,
        rememberedSeq,
        peerRecords: records.filter((record) => record !== undefined),
        peerCount: peers.length,
        // Whoever could answer has had `compareTimeoutMs`.
        isWaitOver: true,
      });
    }
  }
}
