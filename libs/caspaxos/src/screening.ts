// The door between acceptors and the protocol: what a lying or damaged Redis sends is turned into a refusal and an alarm
// before any reducer sees it (P9). Checks MACs through the Authenticator; decides nothing else.
import { KmsError } from '@zonehold/primitives';
import {
  zeroBallot,
  type Accepted,
  type AcceptReply,
  type Authenticator,
  type Ballot,
  type PrepareReply,
  type RefusedReply,
} from './acceptor-port.ts';
import { rowKey } from './acceptor.ts';
import { isBallot, isPlausible, laterBallot, parseBallot } from './ballot.ts';
import type { StoreObserver } from './observer.ts';
import type { RegisterId, RegisterState } from './register-store.ts';
import { decodeEnvelope } from './value-envelope.ts';
import { VerifiedCache } from './verified-cache.ts';

const neverWritten: RegisterState = { ballot: zeroBallot, value: null };

const distrusted: RefusedReply = {
  kind: 'refused',
  standing: 'foreign',
  reason: 'the acceptor sent what it cannot have been told',
};

/** Screens replies for one store. */
export class Screen {
  readonly #authenticator: Authenticator;
  readonly #observer: StoreObserver;
  readonly #cache: VerifiedCache;
  #highest: Ballot = zeroBallot;

  constructor(authenticator: Authenticator, observer: StoreObserver, cacheEntriesMax: number) {
    this.#authenticator = authenticator;
    this.#observer = observer;
    this.#cache = new VerifiedCache(cacheEntriesMax);
  }

  /** The highest ballot in genuine values: where counting starts for a new process. */
  highest(): Ballot {
    return this.#highest;
  }

  /** The state that `accepted` stands for; undefined, with an alarm, when it is forged. `key` is `rowKey(id)`. */
  admit(key: string, id: RegisterId, accepted: Accepted, zone: string): RegisterState | undefined {
    if (accepted.ballot === zeroBallot && accepted.payload === '') return neverWritten;
    const known = this.#cache.find(key, accepted);
    if (known !== undefined) return known;
    const envelope =
      isBallot(accepted.ballot) &&
      accepted.ballot > zeroBallot &&
      this.#authenticator.verify(id, accepted)
        ? decodeEnvelope(accepted.payload)
        : undefined;
    if (envelope === undefined) {
      this.#observer.alarm('forged', zone);
      return undefined;
    }
    this.#highest = laterBallot(this.#highest, accepted.ballot);
    const state: RegisterState = { ballot: accepted.ballot, value: envelope.value };
    this.#cache.remember(key, accepted, state);
    return state;
  }

  /** As `admit`, for bytes that were admitted a moment ago. */
  stateOf(key: string, id: RegisterId, accepted: Accepted): RegisterState {
    const state = this.admit(key, id, accepted, '-');
    if (state === undefined) throw new KmsError('INTEGRITY', 'a register failed authentication');
    return state;
  }

  /** A promise must show a genuine value below the ballot it was asked for. */
  prepareReply(id: RegisterId, ballot: Ballot, reply: PrepareReply, zone: string): PrepareReply {
    if (reply.kind === 'conflict') return this.#conflict(ballot, reply, zone);
    if (reply.kind !== 'promised') return reply;
    if (this.admit(rowKey(id), id, reply.accepted, zone) === undefined) return distrusted;
    if (reply.accepted.ballot < ballot) return reply;
    this.#observer.alarm('implausible-ballot', zone);
    return distrusted;
  }

  acceptReply(ballot: Ballot, reply: AcceptReply, zone: string): AcceptReply {
    if (reply.kind === 'clash') this.#observer.alarm('clash', zone);
    return reply.kind === 'conflict' ? this.#conflict(ballot, reply, zone) : reply;
  }

  /** Conflicts carry no MAC, so they may push our counter only a plausible distance past what is known to be real. */
  #conflict<Reply extends { readonly promise: Ballot; readonly accepted: Ballot }>(
    ballot: Ballot,
    reply: Reply,
    zone: string,
  ): Reply | RefusedReply {
    const own = parseBallot(ballot).counter;
    if (isPlausible(reply.promise, own) && isPlausible(reply.accepted, own)) return reply;
    this.#observer.alarm('implausible-ballot', zone);
    return distrusted;
  }
}
