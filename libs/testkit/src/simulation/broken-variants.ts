// Negative controls: known mistakes, each of which the checkers must catch, or they have stopped checking. They enter
// through seams that production has not: an acceptor's rules, a proposer's rules, wrapped ports.
import {
  accept,
  laterBallot,
  prepare,
  quorumSize,
  rowKey,
  zeroBallot,
  type Accepted,
  type AcceptorPort,
  type Authenticator,
  type Ballot,
} from '@zonehold/caspaxos';
import { decideRead, type ProposerRules } from '@zonehold/caspaxos/internal';
import { realRules, type AcceptorRules } from './acceptor-host.ts';
import type { HostPortOptions } from './host-port.ts';
import type { WrapPort } from './host-ports.ts';
import type { ProcessSeams } from './simulated-process.ts';

/** What a simulation runs instead of the real thing. Nothing given: the real thing. */
export interface Variant extends ProcessSeams {
  readonly acceptorRules?: AcceptorRules;
  readonly proposerRules?: ProposerRules;
  readonly standingOf?: HostPortOptions['standingOf'];
  /** Made once per process. */
  readonly wrapPorts?: (authenticator: Authenticator) => WrapPort;
  /** What processes check MACs with; acceptors hold no key. */
  readonly wrapAuthenticator?: (authenticator: Authenticator) => Authenticator;
  readonly readmitsWiped?: boolean;
  /** The share of callers that give up early; 0.25 or 0.9, by the seed, unless given. */
  readonly hastyChance?: number;
}

/** Takes the highest ballot of a quorum for the value: it may belong to a write that nobody committed. */
const maxOfQuorum: typeof decideRead = (repliesByVoter, index, quorum) => {
  let best: Accepted | undefined;
  let states = 0;
  for (const replies of repliesByVoter) {
    const reply = replies?.[index];
    if (reply?.kind !== 'state') continue;
    states += 1;
    if (best === undefined || reply.accepted.ballot > best.ballot) best = reply.accepted;
  }
  return states >= quorum && best !== undefined ? best : decideRead(repliesByVoter, index, quorum);
};

/** Erases the promise with the accept, as the paper's prose has it, and compares with the promise only. */
const forgetfulRules: AcceptorRules = {
  ...realRules,
  prepare: (state, to, request) => {
    const row = state.registers.get(rowKey(request.id));
    const blind =
      row === undefined
        ? state
        : withRow(state, { ...row, accepted: { ...row.accepted, ballot: zeroBallot } });
    const decided = prepare(blind, to, request);
    if (row === undefined || decided.reply.kind !== 'promised' || decided.writes?.row === undefined)
      return decided;
    const { accepted } = row;
    return {
      reply: { kind: 'promised', accepted },
      writes: { ...decided.writes, row: { ...decided.writes.row, accepted } },
    };
  },
  accept: (state, to, request) => {
    const row = state.registers.get(rowKey(request.id));
    const blind =
      row === undefined
        ? state
        : withRow(state, { ...row, accepted: { ...row.accepted, ballot: zeroBallot } });
    const decided = accept(blind, to, request);
    if (decided.writes?.row === undefined) return decided;
    return {
      ...decided,
      writes: { ...decided.writes, row: { ...decided.writes.row, promise: zeroBallot } },
    };
  },
};

function withRow<
  State extends { readonly registers: ReadonlyMap<string, Row> },
  Row extends { readonly id: { scope: string; name: string } },
>(state: State, row: Row): State {
  return { ...state, registers: new Map(state.registers).set(rowKey(row.id), row) };
}

interface KeptPromise {
  readonly ballot: Ballot;
  readonly accepted: Accepted;
}

/**
 * gryadka's mistake (reference A1, bug 1): after an accept that failed without a conflict, the kept promise serves the next
 * round too, so one ballot carries two values.
 */
function reuseBallots(authenticator: Authenticator): WrapPort {
  const kept = new Map<string, KeptPromise>();
  const standsFor = new Map<Ballot, KeptPromise>();
  const highest = new Map<Ballot, Accepted>();
  const refusals = new Map<Ballot, number>();
  return (port: AcceptorPort): AcceptorPort => ({
    zone: port.zone,
    read: (...call) => port.read(...call),
    list: (...call) => port.list(...call),
    scan: (...call) => port.scan(...call),
    install: (...call) => port.install(...call),
    standing: () => port.standing(),
    close: () => port.close(),
    prepare: async (request, timeoutMs) => {
      const key = rowKey(request.id);
      const promise = kept.get(key);
      if (promise !== undefined) standsFor.set(request.ballot, promise);
      kept.delete(key);
      const stand = standsFor.get(request.ballot);
      if (stand !== undefined) return { kind: 'promised', accepted: stand.accepted };
      const reply = await port.prepare(request, timeoutMs);
      if (reply.kind === 'promised') {
        const known = highest.get(request.ballot);
        const isLater =
          laterBallot(known?.ballot ?? zeroBallot, reply.accepted.ballot) === reply.accepted.ballot;
        if (known === undefined || isLater) highest.set(request.ballot, reply.accepted);
      }
      return reply;
    },
    accept: async (request, timeoutMs) => {
      const ballot = standsFor.get(request.ballot)?.ballot ?? request.ballot;
      const accepted = standsFor.get(request.ballot)?.accepted ?? highest.get(request.ballot);
      const mac = authenticator.sign(request.id, ballot, request.payload);
      const reply = await port.accept({ ...request, ballot, mac }, timeoutMs);
      if (reply.kind === 'unreachable') {
        const count = (refusals.get(request.ballot) ?? 0) + 1;
        refusals.set(request.ballot, count);
        if (count === 2 && accepted !== undefined)
          kept.set(rowKey(request.id), { ballot, accepted });
      } else if (reply.kind !== 'accepted') {
        refusals.set(request.ballot, Number.NaN);
      }
      return reply;
    },
  });
}

/** Each must be caught within 300 seeds. */
export const brokenVariants: Readonly<Record<string, Variant>> = {
  // Our store would carry its own half-made write through; gryadka's caller comes back with another value.
  'a ballot is used again after a failed accept': { wrapPorts: reuseBallots, hastyChance: 0.9 },
  'a read takes the highest ballot of a quorum': {
    proposerRules: { decideRead: maxOfQuorum, quorumSize },
  },
  'an acceptor forgets its promise with the accept': { acceptorRules: forgetfulRules },
  'quorums need not intersect': { proposerRules: { decideRead, quorumSize: () => 1 } },
  'a wiped acceptor is readmitted under its old identity': {
    readmitsWiped: true,
    standingOf: () => 'voter',
  },
  'an acceptor on an old disk is not compared with its peers': { standingOf: () => 'voter' },
};
