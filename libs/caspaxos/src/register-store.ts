// What the rest of the house sees of replication: linearizable registers, changed by pure functions.
import type { Deadline } from '@zonehold/primitives';
import type { Configuration, Stamp } from './acceptor-port.ts';
import type { ListMark, ListNews } from './list-news.ts';
import type { CurrentConfiguration } from './membership.ts';
import type { Resealed } from './reseal.ts';

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
 * `summary` goes to the scope's list: a short JSON string, never empty; null to have no entry. `result` is handed back to the caller.
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

/** What a scope's list holds of one register: what its last committed write said. */
export interface ListLine {
  readonly ballot: string;
  readonly summary: string;
  /** The caller's own: what it made of `summary`, kept for as long as the line stands. Undefined at first. */
  memo: unknown;
}

/**
 * A scope's list as a quorum of voters of one epoch showed it after the call began. It lives: what other calls learn shows
 * in it too, so each entry is as of the call's begin or later (docs/listing.md).
 */
export interface ListView {
  /**
   * The names that follow `after` in the order of their code units, some hundred at once ('' for the first); undefined when
   * there are none. Going on after each `lastName`, a walk meets no name twice, and every name that is in the list during
   * the whole walk.
   */
  next(after: string): ListStretch | undefined;
}

/** A part of a list, of one moment: to be looked at before anything is awaited. */
export interface ListStretch {
  readonly lastName: string;
  /**
   * A place for what the caller makes of the whole stretch. It comes again with what was put there for as long as nothing in
   * the stretch has changed. Undefined where voters differ.
   */
  readonly kept: { memo: unknown } | undefined;
  /**
   * `line` is undefined where voters differ: whether there is such an entry, and what it says, only a read of its register
   * can tell.
   */
  visit(visitor: (name: string, line: ListLine | undefined) => void): void;
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
   * The list of a scope. The first call reads all of it from the zones, later ones what has changed since; the answer is
   * never from memory alone.
   */
  list(scope: string, deadline: Deadline): Promise<ListView>;

  /** Names of all registers of all scopes whose name starts with `namePrefix` (tombstones included). Administration only: scans. */
  scan(namePrefix: string, deadline: Deadline): Promise<readonly RegisterId[]>;

  /**
   * A round that keeps the value, and says who holds it now: for sealing a zone that is rebuilt, and for erasure. Fails as
   * `change` does.
   */
  reseal(id: RegisterId, deadline: Deadline): Promise<Resealed>;

  /** What this process knows of each zone's acceptor, for health and `zonehold status`. */
  zones(): readonly ZoneState[];

  close(): Promise<void>;
}

/** What one voter says of lists, for who looks for work. */
export interface ListNewsSource {
  /**
   * The next page of what is new in the list of `scope` since a mark, by the word of the voter of `zone`: possibly old, never
   * proof of anything. Fails with UNAVAILABLE when it does not answer.
   */
  news(scope: string, zone: string, since?: ListMark): Promise<ListNews>;
}

/** What the rebuild of zones and the looking for work need besides. Fails as RegisterStore does. */
export interface ReconfigurableStore extends RegisterStore, ListNewsSource {
  /** The configuration that this process works under. */
  configuration(): CurrentConfiguration;

  /**
   * Decides `next` as the successor of the configuration with the stamp `from`, in the configuration register under it.
   * Resolves with what was decided: `next`, or what a rival was faster with, or the present one when `from` is history.
   * Adopted here, and not installed on any acceptor yet.
   */
  reconfigure(from: Stamp, next: Configuration, deadline: Deadline): Promise<CurrentConfiguration>;

  /** Reads what was decided last and adopts it: a process that decided may have died before it installed. */
  learnDecided(deadline: Deadline): Promise<CurrentConfiguration>;

  /** Installs the current configuration on its members; resolves with the zones that do not hold it yet. */
  install(deadline: Deadline): Promise<readonly string[]>;

  /** Every register that the learner of the present configuration holds. */
  scanLearner(deadline: Deadline): Promise<readonly RegisterId[]>;
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
  | 'other-incarnation'
  | 'unsafe-settings'
  | 'stale-epoch'
  | 'learner'
  | 'not-a-voter';

export interface ZoneState {
  readonly zone: string;
  readonly standing: AcceptorStanding;
  /** A sentence for people; empty for a voter. */
  readonly reason: string;
}
