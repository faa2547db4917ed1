// What the rest of the house sees of replication: linearizable registers, changed by pure functions.
import type { Deadline } from '@zonehold/primitives';

/**
 * Names one register. `scope` decides the shard and the list the register may appear in (for keys: the instance id);
 * `name` is unique within it. Both are 1 to 100
 * letters, digits and `. _ : -`; a name may also hold '/'.
 */
export interface RegisterId {
  readonly scope: string;
  readonly name: string;
}

/** A register as a majority holds it. `value` is null while nothing was ever written (or only the identity of nothing). */
export interface RegisterState {
  /** Accepted ballot; one ballot carries one value for ever, so equal ballots mean equal values. */
  readonly ballot: string;
  readonly value: string | null;
}

/**
 * What a change function wants. `write` replaces the value; `keep` leaves it (a refusal, or "already done").
 * `summary` goes to the scope's list: a short JSON string, null to have no entry. `result` is handed back to the caller.
 */
export type Decision<Result> =
  | {
      readonly kind: 'write';
      readonly value: string;
      readonly summary: string | null;
      readonly result: Result;
    }
  | { readonly kind: 'keep'; readonly result: Result };

/**
 * Pure, and may run several times, on values other than the one last read: whatever was accepted last counts, also a
 * write whose caller was told "unknown". Randomness and time are taken before, once.
 */
export type ChangeFunction<Result> = (current: string | null) => Decision<Result>;

/** One register of a scope's list. `summary` is what the last committed write said; `isSettled` is false where voters differed and a majority read is needed. */
export interface ListEntry {
  readonly id: RegisterId;
  readonly ballot: string;
  readonly summary: string;
  readonly isSettled: boolean;
}

/**
 * Linearizable registers over a majority of zones.
 *
 * All methods fail with a KmsError: `UNAVAILABLE` or `DEADLINE_EXCEEDED` (outcome `not-applied`) when no quorum answered
 * before anything was sent that could take effect; `OUTCOME_UNKNOWN` when a change may have been applied.
 */
export interface RegisterStore {
  /** Reads all of `ids`, each linearizable by itself, in one round trip when the zones agree. Same order as `ids`. */
  read(ids: readonly RegisterId[], deadline: Deadline): Promise<readonly RegisterState[]>;

  /**
   * Applies `change` by one or more Paxos rounds and returns its result once a majority holds it on disk.
   * `keep` is only reported after a majority confirmed the value it was decided on.
   */
  change<Result>(
    id: RegisterId,
    change: ChangeFunction<Result>,
    deadline: Deadline,
  ): Promise<{ readonly result: Result; readonly state: RegisterState }>;

  /**
   * Writes the committed value of `id` once more, under a new ballot, to every acceptor. From then on no older value of it can
   * be accepted anywhere. `isEverywhere`: every acceptor of the region has accepted it, the learner too, and no zone is left out
   * of the configuration; otherwise a majority has. Fails as a change that was not applied.
   */
  reseal(id: RegisterId, deadline: Deadline): Promise<{ readonly isEverywhere: boolean }>;

  /** The list of a scope, merged from two voters of one epoch, in no particular order. */
  list(scope: string, deadline: Deadline): Promise<readonly ListEntry[]>;

  /** Names of all registers of all scopes whose name starts with `namePrefix` (tombstones included). Administration only: scans. */
  scan(namePrefix: string, deadline: Deadline): Promise<readonly RegisterId[]>;

  /** What this process knows of each zone's acceptor, for health and `zonehold status`. */
  zones(): readonly ZoneState[];

  close(): Promise<void>;
}

/** Why a zone's acceptor does or does not take part. */
export type AcceptorStanding =
  | 'voter'
  | 'connecting'
  | 'unreachable'
  | 'comparing'
  | 'wiped'
  | 'foreign'
  | 'rolled-back'
  | 'unsafe-settings'
  | 'stale-epoch'
  | 'not-a-voter';

export interface ZoneState {
  readonly zone: string;
  readonly standing: AcceptorStanding;
  /** A sentence for people; empty for a voter. */
  readonly reason: string;
}
