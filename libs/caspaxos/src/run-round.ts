// Drives one change round over the ports: sends, feeds screened replies to the reducers, resolves as soon as a phase is
// decided. Silent voters do not delay: a quorum suffices, and late replies change nothing.
import type {
  AcceptorPort,
  AcceptReply,
  AcceptRequest,
  Authenticator,
  Ballot,
  PrepareReply,
  UnreachableReply,
} from './acceptor-port.ts';
import { laterBallot } from './ballot.ts';
import type { Electorate, Membership } from './membership.ts';
import type { StoreObserver } from './observer.ts';
import type { RegisterId } from './register-store.ts';
import {
  choose,
  onAcceptReply,
  onPrepareReply,
  openRound,
  type Accepting,
  type Committed,
  type Lost,
  type Preparing,
  type Promised,
} from './round.ts';
import type { Screen } from './screening.ts';

/** What rounds need from their store; made once per store. */
export interface RoundContext {
  readonly membership: Membership;
  readonly authenticator: Authenticator;
  readonly screen: Screen;
  readonly observer: StoreObserver;
  /** Later rounds of this process go above `ballot`, which an acceptor showed. */
  outrun(ballot: Ballot): void;
}

/** One round's fixed facts: one register, one configuration, one ballot. */
export interface RoundPlan {
  readonly id: RegisterId;
  readonly electorate: Electorate;
  readonly ballot: Ballot;
  readonly timeoutMs: number;
  /** Told of every zone that holds this ballot's payload or a later one, the learner's too, also after the round. */
  readonly held?: ((ballot: Ballot, zone: string) => void) | undefined;
}

const noPort: UnreachableReply = {
  kind: 'unreachable',
  wasSent: false,
  reason: 'no port to this zone',
};

/** Phase 1. */
export function runPrepare(context: RoundContext, plan: RoundPlan): Promise<Promised | Lost> {
  const { id, electorate, ballot, timeoutMs } = plan;
  const { voters, quorum, stamp } = electorate;
  return gather<Preparing, Promised | Lost, PrepareReply>(
    voters,
    openRound(ballot, voters.length, quorum),
    (port) => port.prepare({ id, stamp, ballot }, timeoutMs),
    (round, reply, zone) => {
      if (reply.kind === 'refused') context.membership.learnFrom(reply, zone);
      return onPrepareReply(round, context.screen.prepareReply(id, ballot, reply, zone));
    },
    (round) => (round.kind === 'preparing' ? undefined : round),
  );
}

/** Phase 2: from here on the ballot belongs to `payload`. The learner gets a copy that does not count. */
export function runAccept(
  context: RoundContext,
  plan: RoundPlan,
  promised: Promised,
  payload: string,
  summary: string | null,
): Promise<Committed | Lost> {
  const { id, electorate, ballot, timeoutMs, held } = plan;
  const mac = context.authenticator.sign(id, ballot, payload);
  const request: AcceptRequest = { id, stamp: electorate.stamp, ballot, payload, mac, summary };
  const send =
    held === undefined
      ? (port: AcceptorPort) => port.accept(request, timeoutMs)
      : async (port: AcceptorPort) => {
          const reply = await port.accept(request, timeoutMs);
          if (isHeld(reply, ballot)) held(ballot, port.zone);
          return reply;
        };
  if (electorate.learner !== undefined) void copy(context, plan, electorate.learner, request);
  return gather<Accepting, Committed | Lost, AcceptReply>(
    electorate.voters,
    choose(promised, payload),
    send,
    (round, reply, zone) => {
      if (reply.kind === 'refused') context.membership.learnFrom(reply, zone);
      return onAcceptReply(round, context.screen.acceptReply(ballot, reply, zone));
    },
    (round) => (round.kind === 'accepting' ? undefined : round),
  );
}

/**
 * The learner's copy. It may hold rows and promises of an earlier life, which nothing of ours descends from: it holds this
 * payload only if it says so, and what stands in the way there is outrun by the next attempt.
 */
async function copy(
  context: RoundContext,
  { held, timeoutMs }: RoundPlan,
  learner: AcceptorPort,
  request: AcceptRequest,
): Promise<void> {
  const { ballot } = request;
  const received = await learner.accept(request, timeoutMs);
  const reply = context.screen.acceptReply(ballot, received, learner.zone);
  if (reply.kind === 'accepted') held?.(ballot, learner.zone);
  if (reply.kind === 'conflict') context.outrun(laterBallot(reply.promise, reply.accepted));
}

/** The voter has this ballot, or one that descends from it or overrules it. */
function isHeld(reply: AcceptReply, ballot: Ballot): boolean {
  return reply.kind === 'accepted' || (reply.kind === 'conflict' && reply.accepted > ballot);
}

/** Sends to all voters and folds their replies until `endOf` says that the phase is over. */
function gather<Open, End, Reply>(
  voters: readonly (AcceptorPort | undefined)[],
  start: Open,
  send: (port: AcceptorPort) => Promise<Reply>,
  fold: (round: Open, reply: Reply | UnreachableReply, zone: string) => Open | End,
  endOf: (round: Open | End) => End | undefined,
): Promise<End> {
  return new Promise((resolve) => {
    let round: Open = start;
    let isOver = false;
    const receive = (reply: Reply | UnreachableReply, zone: string): void => {
      if (isOver) return;
      const next = fold(round, reply, zone);
      const end = endOf(next);
      if (end === undefined) {
        round = next as Open;
      } else {
        isOver = true;
        resolve(end);
      }
    };
    for (const port of voters) {
      if (port === undefined) receive(noPort, '-');
      else void send(port).then((reply) => receive(reply, port.zone));
    }
  });
}
