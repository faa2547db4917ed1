// What a proposer can ask of one zone's acceptor, and everything it may answer. The port: implemented by the Redis
// adapter, by the pure acceptor in the simulator, and by nothing else. Answers are data; a port never throws.
import type { AcceptorStanding, RegisterId } from './register-store.ts';

/** 16 hex digits of counter, 16 of proposer id, lower case: compares as a string. */
export type Ballot = string;

/** Before every real ballot: "nothing promised, nothing accepted". */
export const zeroBallot: Ballot = '0'.repeat(32);

/** `<16 hex epoch>:<32 hex digest>`: the configuration a message was made under. */
export type Stamp = string;

/**
 * What an acceptor has accepted last. At `zeroBallot` both texts are empty. `payload` is the envelope of value and summary
 * (value-envelope.ts); `mac` authenticates (cluster, register, ballot, payload).
 */
export interface Accepted {
  readonly ballot: Ballot;
  readonly payload: string;
  readonly mac: string;
}

export interface PrepareRequest {
  readonly id: RegisterId;
  readonly stamp: Stamp;
  readonly ballot: Ballot;
}

export interface AcceptRequest extends PrepareRequest {
  readonly payload: string;
  readonly mac: string;
  /** For the scope's list, the same as inside `payload`; null: no entry. Never empty. */
  readonly summary: string | null;
}

/**
 * Why an acceptor that was reached takes no part: it is not the acceptor we mean (wiped, foreign, another incarnation),
 * it is in another epoch (it then shows its configuration), or its guard or seq comparison keeps it from voting.
 */
export interface RefusedReply {
  readonly kind: 'refused';
  readonly standing: AcceptorStanding;
  readonly reason: string;
  readonly configuration?: SignedConfiguration;
}

/** No answer. `wasSent` false means the request cannot have had an effect. */
export interface UnreachableReply {
  readonly kind: 'unreachable';
  readonly wasSent: boolean;
  readonly reason: string;
}

export interface ConflictReply {
  readonly kind: 'conflict';
  readonly promise: Ballot;
  readonly accepted: Ballot;
}

export type ReadReply =
  { readonly kind: 'state'; readonly accepted: Accepted } | RefusedReply | UnreachableReply;

export type PrepareReply =
  | { readonly kind: 'promised'; readonly accepted: Accepted }
  | ConflictReply
  | RefusedReply
  | UnreachableReply;

/** `clash`: the acceptor holds another payload at this very ballot. Never overwritten; a safety alarm. */
export type AcceptReply =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'clash' }
  | ConflictReply
  | RefusedReply
  | UnreachableReply;

/** Asks what changed in a scope's list on one acceptor since a point of that acceptor's own sequence (0: everything). */
export interface ListRequest {
  readonly scope: string;
  readonly stamp: Stamp;
  readonly sinceSeq: number;
  /** Names in one answer. */
  readonly changesMax: number;
}

/**
 * What a scope's list says of one name. `summary` null: the register has no entry, by its write at `ballot`. That ballot
 * matters: a half-made removal must not look like "never heard of it" beside an acceptor that missed the writes before.
 */
export interface ListChange {
  readonly name: string;
  readonly ballot: Ballot;
  readonly summary: string | null;
}

/**
 * `changes`: every name whose line was touched after `sinceSeq` and up to `throughSeq`, each as it was then or
 * later. `isComplete`: `throughSeq` is the acceptor's sequence at a moment after the request had come; else there is more.
 */
export type ListReply =
  | {
      readonly kind: 'list';
      readonly changes: readonly ListChange[];
      readonly throughSeq: number;
      readonly isComplete: boolean;
    }
  | RefusedReply
  | UnreachableReply;

export type ScanReply =
  { readonly kind: 'ids'; readonly ids: readonly RegisterId[] } | RefusedReply | UnreachableReply;

export type InstallReply = { readonly kind: 'installed' } | RefusedReply;

/** A configuration that was decided, with the stamp under which its members answer. */
export interface StampedConfiguration {
  readonly configuration: SignedConfiguration;
  readonly stamp: Stamp;
}

/** One zone's acceptor. `timeoutMs` bounds the wait; a late answer is dropped by the port. */
export interface AcceptorPort {
  readonly zone: string;
  /** Replies in the order of `ids`, or one refusal for all. Calls of one event-loop turn may travel together. */
  read(ids: readonly RegisterId[], stamp: Stamp, timeoutMs: number): Promise<readonly ReadReply[]>;
  prepare(request: PrepareRequest, timeoutMs: number): Promise<PrepareReply>;
  accept(request: AcceptRequest, timeoutMs: number): Promise<AcceptReply>;
  list(request: ListRequest, timeoutMs: number): Promise<ListReply>;
  scan(namePrefix: string, stamp: Stamp, timeoutMs: number): Promise<ScanReply>;
  /** Installs `next` over exactly `expected`, or confirms the identical one. */
  install(
    expected: Stamp,
    next: StampedConfiguration,
    timeoutMs: number,
  ): Promise<InstallReply | UnreachableReply>;
  standing(): { readonly standing: AcceptorStanding; readonly reason: string };
  close(): Promise<void>;
}

/** Who votes. Decided in a register under the old epoch; carried by every acceptor with its MAC. */
export interface Configuration {
  readonly epoch: number;
  readonly voters: readonly ConfiguredAcceptor[];
  readonly learner: ConfiguredAcceptor | null;
}
export interface ConfiguredAcceptor {
  readonly zone: string;
  readonly acceptorId: string;
  /** New with every disk: what an acceptor that lost its memory cannot have. */
  readonly incarnation: string;
  /** Where it is, when that is not where the region was formed with it. */
  readonly address?: AcceptorAddress;
}
export interface AcceptorAddress {
  readonly host: string;
  readonly port: number;
}
/** `text` is the canonical JSON whose digest is in the stamp. */
export interface SignedConfiguration {
  readonly text: string;
  readonly mac: string;
}

/** HMAC-SHA-256 under the region's integrity key, given by the shell: pure code holds no key. */
export interface Authenticator {
  sign(id: RegisterId, ballot: Ballot, payload: string): string;
  verify(id: RegisterId, accepted: Accepted): boolean;
  signConfiguration(text: string): string;
  verifyConfiguration(configuration: SignedConfiguration): boolean;
  /** 32 hex digits of SHA-256 over the canonical text. */
  digest(text: string): string;
}

/** The shell's timers, so that simulated time can stand in. */
export interface Timers {
  /** Runs `task` once after `delayMs`; the result cancels it. */
  schedule(delayMs: number, task: () => void): () => void;
}
