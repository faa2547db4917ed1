// What the replies of a one-round-trip read say about one register. Pure: no waiting, no write-back, no MACs.
import type { Accepted, ReadReply } from './acceptor-port.ts';

/**
 * - an `Accepted`: a quorum holds this very ballot, so it is chosen, and nothing committed before the read began is later
 * - `pending`: too few answers yet
 * - `differ`: a quorum answered without agreeing, and a voter is still silent: worth a short wait
 * - `write-back`: all answered without agreeing: only a round can tell
 * - `lost`: too few voters can answer
 */
export type ReadDecision = Accepted | 'pending' | 'differ' | 'write-back' | 'lost';

/**
 * Decides register `index` from one reply list per voter (undefined while silent). Equal ballots decide, never the
 * highest: the highest of a quorum may belong to a write that nobody committed (reference A1: 169 of 300 seeds wrong).
 */
export function decideRead(
  repliesByVoter: readonly (readonly ReadReply[] | undefined)[],
  index: number,
  quorum: number,
): ReadDecision {
  let states = 0;
  let silent = 0;
  for (let voter = 0; voter < repliesByVoter.length; voter += 1) {
    const replies = repliesByVoter[voter];
    if (replies === undefined) {
      silent += 1;
      continue;
    }
    const reply = replies[index];
    if (reply?.kind !== 'state') continue;
    states += 1;
    if (states < quorum) continue;
    if (holdersOf(reply.accepted, repliesByVoter, voter, index) >= quorum) return reply.accepted;
  }
  if (states + silent < quorum) return 'lost';
  if (states < quorum) return 'pending';
  return silent > 0 ? 'differ' : 'write-back';
}

/** How many voters up to `last` hold exactly this. Another payload at the same ballot is no agreement. */
function holdersOf(
  accepted: Accepted,
  repliesByVoter: readonly (readonly ReadReply[] | undefined)[],
  last: number,
  index: number,
): number {
  let holders = 0;
  for (let voter = 0; voter <= last; voter += 1) {
    const reply = repliesByVoter[voter]?.[index];
    if (reply?.kind !== 'state') continue;
    if (reply.accepted.ballot === accepted.ballot && reply.accepted.payload === accepted.payload) {
      holders += 1;
    }
  }
  return holders;
}
