// Everyone who runs rounds: the two proposers with their operations, and the rebuild controllers with their seals. Rounds
// and reads are production's reducers; here is only what goes around them: which round may begin, and what it carries.
//
// Where the real one has a clock or a memory, this one may do anything the clock or memory could make it do:
// - a round or an operation may be given up at any moment, so refusals and conflicts need not be remembered;
// - a round takes any counter above its proposer's last, and any configuration that an acceptor shows;
// - prepares of a round that is over are never delivered: they could only raise a promise, which helps nobody to a reply.
import {
  decodeEnvelope,
  encodeEnvelope,
  formatBallot,
  nothing,
  type AcceptReply,
  type Ballot,
  type PrepareReply,
  type ReadReply,
} from '@zonehold/caspaxos';
import {
  choose,
  decideRead,
  onAcceptReply,
  onPrepareReply,
  openRound,
  type Accepting,
  type Committed,
  type Preparing,
  type Promised,
} from '@zonehold/caspaxos/internal';
import { zeroBallot } from '@zonehold/caspaxos';
import { zoneC, type Configurations, type DecidedConfiguration } from './configurations.ts';
import { Interner } from './interner.ts';
import type { Mistakes, OperationKind } from './options.ts';

/** Per zone what it answered to a fast read. */
type ReadReplies = readonly (ReadReply | null)[];

/** What a client is in the middle of. `configuration` is the one of the whole round. */
export type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'reading'; readonly configuration: number; readonly replies: ReadReplies }
  | {
      readonly kind: 'preparing';
      readonly configuration: number;
      /** Bit per zone that promised. */
      readonly promisedBy: number;
      readonly round: Preparing;
    }
  | {
      readonly kind: 'accepting';
      readonly configuration: number;
      readonly round: Accepting | Committed;
      readonly isLearnerDone: boolean;
    };

/** One client between two messages. */
export interface Client {
  /** 0 and 1: proposers. 2 and 3: controllers. */
  readonly actor: number;
  /** Which operation of its program: the next when idle, else the one under way. */
  readonly operation: number;
  readonly rounds: number;
  /** Last counter used. */
  readonly counter: number;
  /** How long the longest acknowledged value was when the operation began: what it must at least see. */
  readonly floor: number;
  readonly phase: Phase;
}

/** An accept that a client sends. */
export interface AcceptMessage {
  readonly actor: number;
  readonly zone: number;
  readonly configuration: number;
  readonly incarnation: string;
  readonly ballot: Ballot;
  readonly payload: string;
}

/** What one reply makes a client do. */
export interface ClientStep {
  readonly next: number;
  readonly sends: readonly AcceptMessage[];
  /** The operation is acknowledged with this value. */
  readonly acknowledged?: string;
  readonly letter?: string;
  readonly floor?: number;
  /** The configuration whose seal is complete. */
  readonly sealed?: number;
}

/** A round or fast read that may begin now. */
export interface Start {
  readonly isNew: boolean;
  readonly kind: 'round' | 'read';
  readonly counter: number;
}

/** Ties of one counter go to the proposers, and to the first of them: the order that reference A4's straddle needs. */
const proposerIds = ['f', 'e', 'a', 'b'].map((digit) => digit.repeat(16));
const silent: ReadReplies = [null, null, null];

/** The ballot of a counter and an actor. */
export function ballotOf(counter: number, actor: number): Ballot {
  return formatBallot(BigInt(counter), proposerIds[actor]!);
}

/** The letter that a write appends: a different one for every write. */
export function letterOf(actor: number, operation: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + actor * 13 + operation);
}

/** The value in a payload; nothing is the empty one. */
export function valueIn(payload: string): string {
  return decodeEnvelope(payload)?.value ?? '';
}

/** See the head of the file. */
export class Clients {
  readonly records = new Interner<Client>();
  readonly #programs: readonly (readonly OperationKind[])[];
  readonly #configurations: Configurations;
  readonly #roundsMax: number;
  readonly #countersMax: number;
  readonly #mistakes: Mistakes;

  constructor(
    programs: readonly (readonly OperationKind[])[],
    configurations: Configurations,
    bounds: { readonly roundsMax: number; readonly countersMax: number },
    mistakes: Mistakes,
  ) {
    this.#programs = programs;
    this.#configurations = configurations;
    this.#roundsMax = bounds.roundsMax;
    this.#countersMax = bounds.countersMax;
    this.#mistakes = mistakes;
  }

  newcomer(actor: number): number {
    const phase: Phase = { kind: 'idle' };
    return this.records.idOf({ actor, operation: 0, rounds: 0, counter: 0, floor: 0, phase });
  }

  isFinished(id: number): boolean {
    const { actor, operation } = this.records.at(id);
    return operation >= this.#programs[actor]!.length;
  }

  kindOf({ actor, operation }: Client): OperationKind {
    return this.#programs[actor]![operation]!;
  }

  /** Everything that `id` may begin now, giving up what it does. */
  startsOf(id: number): readonly Start[] {
    const client = this.records.at(id);
    const program = this.#programs[client.actor]!;
    const starts: Start[] = [];
    const addRounds = (isNew: boolean): void => {
      for (let counter = client.counter + 1; counter <= this.#countersMax; counter += 1) {
        starts.push({ isNew, kind: 'round', counter });
      }
    };
    const isIdle = client.phase.kind === 'idle';
    if (!isIdle && client.rounds < this.#roundsMax) addRounds(false);
    const nextKind = program[isIdle ? client.operation : client.operation + 1];
    if (nextKind === undefined) return starts;
    addRounds(true);
    const reads = nextKind === 'read' || (nextKind === 'seal' && this.#mistakes.copiesWhereEqual);
    if (reads) starts.push({ isNew: true, kind: 'read', counter: client.counter });
    return starts;
  }

  /** Begins with the first answer: what nobody has answered yet cannot have mattered yet. */
  begin(
    id: number,
    start: Start,
    configuration: number,
    zone: number,
    reply: PrepareReply | ReadReply,
    floor: number,
  ): ClientStep {
    const client = this.records.at(id);
    const operation =
      start.isNew && client.phase.kind !== 'idle' ? client.operation + 1 : client.operation;
    const begun: Client = start.isNew ? { ...client, operation, rounds: 0, floor } : client;
    if (start.kind === 'read') {
      const phase: Phase = { kind: 'reading', configuration, replies: silent };
      return this.#onRead({ ...begun, phase }, phase, zone, reply as ReadReply);
    }
    const { voterCount, quorum } = this.#configurations.at(configuration);
    const ballot = ballotOf(start.counter, client.actor);
    const round = openRound(ballot, voterCount, quorum);
    const phase: Phase = { kind: 'preparing', configuration, promisedBy: 0, round };
    const preparing = { ...begun, rounds: begun.rounds + 1, counter: start.counter, phase };
    return this.#onPrepare(preparing, phase, zone, reply as PrepareReply);
  }

  /** A later answer to the prepare or read under way. */
  onReply(id: number, zone: number, reply: PrepareReply | ReadReply): ClientStep {
    const client = this.records.at(id);
    const { phase } = client;
    if (phase.kind === 'reading') return this.#onRead(client, phase, zone, reply as ReadReply);
    if (phase.kind === 'preparing')
      return this.#onPrepare(client, phase, zone, reply as PrepareReply);
    throw new Error('no answer is awaited');
  }

  /** An answer to an accept; one of a round that is over changes nothing. */
  onAccepted(id: number, message: AcceptMessage, reply: AcceptReply): ClientStep {
    const client = this.records.at(id);
    const { phase } = client;
    if (phase.kind !== 'accepting' || phase.round.ballot !== message.ballot) {
      return { next: id, sends: [] };
    }
    const configuration = this.#configurations.at(phase.configuration);
    if (configuration.voters[message.zone] === null) {
      const isLearnerDone = isHeld(reply, message.ballot);
      if (!isLearnerDone || this.kindOf(client) !== 'seal') return { next: id, sends: [] };
      return this.#settle(client, { ...phase, isLearnerDone });
    }
    if (phase.round.kind === 'committed') return { next: id, sends: [] };
    const round = onAcceptReply(phase.round, reply);
    if (round.kind === 'lost') return { next: id, sends: [] };
    return this.#settle(client, { ...phase, round: forgiving(round) });
  }

  /** The same client when zones A and B change names. */
  mirrored(id: number): number {
    const client = this.records.at(id);
    const { phase } = client;
    if (phase.kind === 'reading') {
      const [left, right, third] = phase.replies;
      const replies = [right!, left!, third!];
      return this.records.idOf({ ...client, phase: { ...phase, replies } });
    }
    if (phase.kind !== 'preparing') return id;
    const bits = phase.promisedBy;
    const promisedBy = (bits & 4) | ((bits & 1) << 1) | ((bits & 2) >> 1);
    return this.records.idOf({ ...client, phase: { ...phase, promisedBy } });
  }

  #onPrepare(
    client: Client,
    phase: Phase & { kind: 'preparing' },
    zone: number,
    reply: PrepareReply,
  ): ClientStep {
    const round = onPrepareReply(phase.round, reply);
    if (round.kind === 'promised') return this.#propose(client, phase.configuration, round);
    const isCounted = round.kind === 'preparing' && round.tally.yes > phase.round.tally.yes;
    if (!isCounted) return { next: this.records.idOf(client), sends: [] };
    const promisedBy = phase.promisedBy | (1 << zone);
    return this.#stay(client, { ...phase, promisedBy, round: forgiving(round) });
  }

  #propose(client: Client, configuration: number, promised: Promised): ClientStep {
    const found = promised.highest.payload;
    const round = choose(promised, this.#payloadOver(client, found));
    const { voters, learner } = this.#configurations.at(configuration);
    const receivers = [...voters];
    if (learner !== null) receivers[zoneC] = learner;
    const { ballot, payload } = round;
    const sends = receivers.flatMap((incarnation, zone) =>
      incarnation === null
        ? []
        : [{ actor: client.actor, zone, configuration, incarnation, ballot, payload }],
    );
    const phase: Phase = {
      kind: 'accepting',
      configuration,
      round: forgiving(round),
      isLearnerDone: false,
    };
    return { ...this.#stay(client, phase), sends };
  }

  /** A write that finds its own letter carries the value through; else it appends. All others keep what is there. */
  #payloadOver(client: Client, found: string): string {
    const kept = found === '' ? encodeEnvelope(nothing) : found;
    if (this.kindOf(client) !== 'write') return kept;
    const value = valueIn(found);
    const letter = letterOf(client.actor, client.operation);
    return value.includes(letter) ? kept : encodeEnvelope({ value: value + letter, summary: null });
  }

  /** Acknowledges when all that must be acknowledged is. */
  #settle(client: Client, phase: Phase & { kind: 'accepting' }): ClientStep {
    if (phase.round.kind !== 'committed') return this.#stay(client, phase);
    if (this.kindOf(client) !== 'seal') return this.#acknowledge(client, phase.round.payload);
    if (!phase.isLearnerDone) return this.#stay(client, phase);
    return { ...this.#acknowledge(client, ''), sealed: phase.configuration };
  }

  #onRead(
    client: Client,
    phase: Phase & { kind: 'reading' },
    zone: number,
    reply: ReadReply,
  ): ClientStep {
    const replies = phase.replies.map((known, place) => (place === zone ? reply : known));
    const configuration = this.#configurations.at(phase.configuration);
    const byVoter = configuration.voters.flatMap((incarnation, place) =>
      incarnation === null ? [] : [replies[place] == null ? undefined : [replies[place]]],
    );
    const decision = decideRead(byVoter, 0, configuration.quorum);
    if (typeof decision === 'string') return this.#stay(client, { ...phase, replies });
    if (this.kindOf(client) === 'read') return this.#acknowledge(client, decision.payload);
    return this.#copy(client, configuration, decision.ballot, decision.payload);
  }

  /** Only by mistake: what both voters show goes to the learner as it is. */
  #copy(
    client: Client,
    { id, learner }: DecidedConfiguration,
    ballot: Ballot,
    payload: string,
  ): ClientStep {
    if (ballot === zeroBallot) return { ...this.#acknowledge(client, ''), sealed: id };
    const round: Committed = { kind: 'committed', ballot, payload };
    const { actor } = client;
    const phase: Phase = { kind: 'accepting', configuration: id, round, isLearnerDone: false };
    const incarnation = learner!;
    const sends = [{ actor, zone: zoneC, configuration: id, incarnation, ballot, payload }];
    return { ...this.#stay(client, phase), sends };
  }

  #stay(client: Client, phase: Phase): ClientStep {
    return { next: this.records.idOf({ ...client, phase }), sends: [] };
  }

  #acknowledge(client: Client, payload: string): ClientStep {
    const { actor, operation, counter, floor } = client;
    const idle: Phase = { kind: 'idle' };
    const done = { actor, operation: operation + 1, rounds: 0, counter, floor: 0, phase: idle };
    const next = this.records.idOf(done);
    const kind = this.kindOf(client);
    if (kind === 'seal') return { next, sends: [] };
    const acknowledged = valueIn(payload);
    const letter = kind === 'write' ? { letter: letterOf(actor, operation) } : {};
    return { next, sends: [], acknowledged, floor, ...letter };
  }
}

/** As the store's own books have it: this ballot, or a later one that overrules it. */
function isHeld(reply: AcceptReply, ballot: Ballot): boolean {
  return reply.kind === 'accepted' || (reply.kind === 'conflict' && reply.accepted > ballot);
}

/** Refusals are forgotten: see the head of the file. */
function forgiving<Round extends Preparing | Accepting | Committed>(round: Round): Round {
  if (round.kind === 'committed') return round;
  return { ...round, tally: { ...round.tally, no: 0 }, seen: zeroBallot, conflicts: 0 };
}
