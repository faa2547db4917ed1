// The acceptors of the explored region: states and requests as numbers, and a table of what the production acceptor
// answers, filled as it is asked. No rule of its own; the one switch is the fence, which is taken away by lying to the
// acceptor about the stamp of a message.
//
// A message goes to one acceptor, so the zone's name inside an identity never decides anything; it is left out here, which
// makes A and B interchangeable. Sequences are left out as well: the ports compare them, the acceptor's rules do not.
import {
  accept,
  applyWrites,
  blankConfiguration,
  blankStamp,
  copyAcceptor,
  emptyAcceptor,
  epochOf,
  format,
  installConfiguration,
  prepare,
  read,
  reincarnate,
  selfOf,
  type AcceptorState,
  type AcceptReply,
  type AcceptorWrites,
  type Address,
  type Ballot,
  type InstallReply,
  type PrepareReply,
  type ReadReply,
  type RegisterId,
  type Stamp,
  type StampedConfiguration,
} from '@zonehold/caspaxos';
import { Interner, memoise } from './interner.ts';

/** What travels to one acceptor. `incarnation` is the acceptor that is meant. */
export type Request = { readonly incarnation: string } & (
  | { readonly kind: 'prepare'; readonly stamp: Stamp; readonly ballot: Ballot }
  | {
      readonly kind: 'accept';
      readonly stamp: Stamp;
      readonly ballot: Ballot;
      readonly payload: string;
    }
  | { readonly kind: 'read'; readonly stamp: Stamp }
  | { readonly kind: 'install'; readonly expected: Stamp; readonly next: StampedConfiguration }
  | { readonly kind: 'format' }
  | { readonly kind: 'reincarnate'; readonly nextIncarnation: string }
);

export type Reply = PrepareReply | AcceptReply | ReadReply | InstallReply;

/** What a delivery does. */
export interface Outcome {
  /** The acceptor's state afterwards; the same number when nothing was written. */
  readonly next: number;
  readonly reply: Reply;
  readonly replyId: number;
  /** Never any effect on this acceptor again, whatever happens to it in between. */
  readonly isDead: boolean;
}

const register: RegisterId = { scope: 'explored', name: 'register' };
const rowName = `${register.scope}/${register.name}`;
const negative = new Set(['refused', 'conflict', 'clash', 'unreachable']);
/** Wide enough for every request of one space; `deliver` checks it. */
const requestsMax = 65_536;

/** The identity of an acceptor, without its zone. */
export function selfFor(incarnation: string): string {
  const [clusterId, region, zone, acceptorId] = ['cluster', 'region', 'zone', 'acceptor'];
  return selfOf({ clusterId, region, zone, acceptorId, incarnation });
}

/** True when the acceptor did not do what was asked. */
export function isNegative(reply: Reply): boolean {
  return negative.has(reply.kind);
}

/** See the head of the file. */
export class Acceptors {
  readonly states: Interner<AcceptorState>;
  readonly requests = new Interner<Request>();
  readonly replies = new Interner<Reply>();
  readonly empty: number;
  readonly #ignoresStamps: boolean;
  readonly #canReturn: boolean;
  readonly #outcome: (key: number) => Outcome;

  /** `canReturn`: an incarnation may come back without its memory, so that a refusal is not for ever. */
  constructor(ignoresStamps: boolean, canReturn: boolean) {
    this.#ignoresStamps = ignoresStamps;
    this.#canReturn = canReturn;
    this.states = new Interner<AcceptorState>(keyOf);
    this.empty = this.states.idOf(emptyAcceptor());
    this.#outcome = memoise((key) => {
      const request = this.requests.at(key % requestsMax);
      return this.#compute(Math.floor(key / requestsMax), request);
    });
  }

  /** A formatted acceptor under `first`. */
  formatted(incarnation: string, first: StampedConfiguration): number {
    const state = emptyAcceptor();
    applyWrites(
      state,
      format(state, selfFor(incarnation), first.configuration, first.stamp).writes,
    );
    return this.states.idOf(normalised(state));
  }

  deliver(stateId: number, requestId: number): Outcome {
    if (requestId >= requestsMax) throw new Error('too many requests for one space');
    return this.#outcome(stateId * requestsMax + requestId);
  }

  #compute(stateId: number, request: Request): Outcome {
    const state = this.states.at(stateId);
    const { reply, writes } = this.#decide(state, request);
    let next = stateId;
    if (writes !== undefined) {
      const written = copyAcceptor(state);
      applyWrites(written, writes);
      next = this.states.idOf(normalised(written));
    }
    const isDead = next === stateId && this.#isForEver(state, request, reply);
    return { next, reply, replyId: this.replies.idOf(reply), isDead };
  }

  #decide(state: AcceptorState, request: Request): { reply: Reply; writes?: AcceptorWrites } {
    const to: Address = { self: selfFor(request.incarnation), peers: {} };
    const stampOf = (stamp: Stamp): Stamp =>
      this.#ignoresStamps ? (state.header?.stamp ?? stamp) : stamp;
    switch (request.kind) {
      case 'prepare': {
        const { ballot } = request;
        return prepare(state, to, { id: register, stamp: stampOf(request.stamp), ballot });
      }
      case 'accept': {
        const { ballot, payload } = request;
        const stamp = stampOf(request.stamp);
        return accept(state, to, { id: register, stamp, ballot, payload, mac: 'm', summary: null });
      }
      case 'read':
        return { reply: read(state, to, [register], stampOf(request.stamp))[0]! };
      case 'install':
        return installConfiguration(state, to.self, request.expected, request.next);
      case 'format':
        return format(state, to.self, blankConfiguration, blankStamp);
      case 'reincarnate':
        // Looked at and sent in one step: the stamp that was seen is the one that is there.
        return reincarnate(
          state,
          { self: to.self, stamp: state.header?.stamp ?? blankStamp },
          selfFor(request.nextIncarnation),
        );
    }
  }

  /** Promises, epochs and ballots of one incarnation only rise, and an incarnation that is gone stays away. */
  #isForEver(state: AcceptorState, request: Request, reply: Reply): boolean {
    if (!isNegative(reply) || this.#canReturn || state.header === null) {
      return state.header === null && !this.#canReturn && request.incarnation === 'first';
    }
    if (state.header.self !== selfFor(request.incarnation)) return true;
    if (reply.kind === 'conflict' || reply.kind === 'clash') return true;
    if (request.kind !== 'accept' && request.kind !== 'prepare') return false;
    return (epochOf(request.stamp) ?? 0) < (epochOf(state.header.stamp) ?? 0);
  }
}

function normalised(state: AcceptorState): AcceptorState {
  const { header } = state;
  if (header !== null) state.header = { ...header, seq: 0, peers: {} };
  return state;
}

function keyOf({ header, registers }: AcceptorState): string {
  const row = registers.get(rowName);
  const { ballot, payload } = row?.accepted ?? { ballot: '', payload: '' };
  return [header?.self, header?.stamp, row?.promise, ballot, payload].join('|');
}

/** The one register of a state, if it was ever touched. */
export function rowOf(state: AcceptorState): ReturnType<AcceptorState['registers']['get']> {
  return state.registers.get(rowName);
}
