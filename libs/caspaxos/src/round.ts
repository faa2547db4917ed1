// One change round as data: prepare → choose → accept, one ballot, one stamp, one payload. Reducers only: replies in, the
// next state out. Nothing here sends, waits, retries or checks MACs (replies come screened: screening.ts).
import { assert } from '@zonehold/primitives';
import {
  zeroBallot,
  type Accepted,
  type AcceptReply,
  type Ballot,
  type PrepareReply,
} from './acceptor-port.ts';
import { laterBallot } from './ballot.ts';
import { count, openTally, verdictOf, type Tally } from './quorum.ts';

/** What stood in the way, over both phases. `seen` is the highest ballot in a conflict: the next counter goes past it. */
export interface Resistance {
  readonly seen: Ballot;
  readonly conflicts: number;
}

/** Phase 1 under way. `highest` is the latest accepted among the promises so far. */
export interface Preparing extends Resistance {
  readonly kind: 'preparing';
  readonly ballot: Ballot;
  readonly tally: Tally;
  readonly highest: Accepted;
}

/** A quorum promised: `highest` is what the change function must run on. */
export interface Promised extends Resistance {
  readonly kind: 'promised';
  readonly ballot: Ballot;
  readonly tally: Tally;
  readonly highest: Accepted;
}

/** Phase 2 under way: the ballot is consumed. */
export interface Accepting extends Resistance {
  readonly kind: 'accepting';
  readonly ballot: Ballot;
  readonly payload: string;
  readonly tally: Tally;
}

export interface Committed {
  readonly kind: 'committed';
  readonly ballot: Ballot;
  readonly payload: string;
}

/**
 * Lost in `prepare`: nothing was stored. Lost in `accept`: outcome unknown. With three voters the second refusal ends the
 * phase while the third has stored the value or is still silent, so refusals never prove that it is nowhere.
 */
export interface Lost extends Resistance {
  readonly kind: 'lost';
  readonly phase: 'prepare' | 'accept';
  readonly ballot: Ballot;
}

const nothingAccepted: Accepted = { ballot: zeroBallot, payload: '', mac: '' };

/** Opens phase 1. */
export function openRound(ballot: Ballot, voters: number, quorum: number): Preparing {
  assert(ballot > zeroBallot, 'a round needs a ballot');
  return {
    kind: 'preparing',
    ballot,
    tally: openTally(voters, quorum),
    highest: nothingAccepted,
    seen: zeroBallot,
    conflicts: 0,
  };
}

function resist({ seen, conflicts }: Resistance, reply: PrepareReply | AcceptReply): Resistance {
  if (reply.kind !== 'conflict') return { seen, conflicts };
  return {
    seen: laterBallot(seen, laterBallot(reply.promise, reply.accepted)),
    conflicts: conflicts + 1,
  };
}

/** Counts one voter's answer to prepare. */
export function onPrepareReply(round: Preparing, reply: PrepareReply): Preparing | Promised | Lost {
  const isPromise = reply.kind === 'promised';
  const tally = count(round.tally, isPromise);
  const highest =
    isPromise && reply.accepted.ballot > round.highest.ballot ? reply.accepted : round.highest;
  const resistance = resist(round, reply);
  const { ballot } = round;
  switch (verdictOf(tally)) {
    case 'won':
      return { kind: 'promised', ballot, tally, highest, ...resistance };
    case 'lost':
      return { kind: 'lost', phase: 'prepare', ballot, ...resistance };
    case 'pending':
      return { kind: 'preparing', ballot, tally, highest, ...resistance };
  }
}

/** Fixes the payload of the ballot, once and for ever: the first accept leaves with it. */
export function choose(round: Promised, payload: string): Accepting {
  assert(payload !== '', 'a payload is never empty');
  const { ballot, seen, conflicts } = round;
  const tally = openTally(round.tally.voters, round.tally.needed);
  return { kind: 'accepting', ballot, payload, tally, seen, conflicts };
}

/** Counts one voter's answer to accept. */
export function onAcceptReply(round: Accepting, reply: AcceptReply): Accepting | Committed | Lost {
  const { ballot, payload } = round;
  const tally = count(round.tally, reply.kind === 'accepted');
  const resistance = resist(round, reply);
  switch (verdictOf(tally)) {
    case 'won':
      return { kind: 'committed', ballot, payload };
    case 'lost':
      return { kind: 'lost', phase: 'accept', ballot, ...resistance };
    case 'pending':
      return { kind: 'accepting', ballot, payload, tally, ...resistance };
  }
}
