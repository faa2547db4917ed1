// Ballots: totally ordered round numbers, unique per proposer. Text of fixed width, so that every comparison, here and
// in Redis, is a plain string comparison. Not a generator with state: proposer.ts owns the counter.
import { assert } from '@zonehold/primitives';
import { zeroBallot, type Ballot } from './acceptor-port.ts';

const ballotPattern = /^[0-9a-f]{32}$/;
const proposerPattern = /^[0-9a-f]{16}$/;
const counterMax = 2n ** 64n - 1n;

/**
 * How far a counter may be ahead of ours before we call it forged. A million failed rounds a second would need twelve
 * days to get there, while an attacker who could move us at will would exhaust 64 bits in a single reply.
 */
export const counterLeapMax = 2n ** 40n;

/** True for 32 lower-case hex digits. Everything an acceptor sends must pass this before it is compared. */
export function isBallot(text: string): boolean {
  return ballotPattern.test(text);
}

/** True for 16 lower-case hex digits. */
export function isProposerId(text: string): boolean {
  return proposerPattern.test(text);
}

/** `<16 hex counter><16 hex proposer>`. The counter is in [1, 2^64). */
export function formatBallot(counter: bigint, proposerId: string): Ballot {
  assert(counter > 0n && counter <= counterMax, 'ballot counter out of range');
  assert(isProposerId(proposerId), 'proposer id is not 16 hex digits');
  return counter.toString(16).padStart(16, '0') + proposerId;
}

/** The parts of a well-formed ballot. */
export function parseBallot(ballot: Ballot): {
  readonly counter: bigint;
  readonly proposerId: string;
} {
  assert(isBallot(ballot), 'malformed ballot');
  return { counter: BigInt(`0x${ballot.slice(0, 16)}`), proposerId: ballot.slice(16) };
}

/** Negative, zero or positive, as for sort: counter first, then proposer. */
export function compareBallots(left: Ballot, right: Ballot): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The later of the two. */
export function laterBallot(left: Ballot, right: Ballot): Ballot {
  return left < right ? right : left;
}

/** The counter to use after having seen `seen`: above our own and above it. */
export function nextCounter(own: bigint, seen: Ballot = zeroBallot): bigint {
  const other = parseBallot(seen).counter;
  return (other > own ? other : own) + 1n;
}

/** False when `ballot` is malformed or more than `counterLeapMax` ahead of `own`: refuse it, raise an alarm, never follow it. */
export function isPlausible(ballot: string, own: bigint): boolean {
  return isBallot(ballot) && parseBallot(ballot).counter <= own + counterLeapMax;
}
