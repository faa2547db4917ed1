// The register in which a rebuild keeps its state: what is being rebuilt and why, how far it is, and who works on it. Any
// key-manager goes on from here after another died. The lease saves work; safety never depends on it.
import type { AcceptorAddress, Stamp } from '../acceptor-port.ts';
import type { RegisterId } from '../register-store.ts';

export const rebuildRegister: RegisterId = { scope: 'region', name: 'rebuild' };

/** Why a zone's acceptor is rebuilt. `replaced`: an operator moves the zone to another Redis. */
export type RebuildCause = 'wiped' | 'rolled-back' | 'old-incarnation' | 'replaced';

/** How far the seal is. Counts are records; `cursor` is the last row key before which everything is sealed. */
export interface SealProgress {
  /** The configuration under which it was done: progress under another is void. */
  readonly stamp: Stamp;
  readonly cursor: string;
  readonly done: number;
  readonly total: number;
  readonly startedAtMs: number;
  readonly isComplete: boolean;
}

/** A rebuild that is not finished. */
export interface OpenRebuild {
  readonly zone: string;
  readonly cause: RebuildCause;
  /** Of the acceptor that gives way; empty when it had no vote any more. The rebuild is over when another one votes. */
  readonly incarnation: string;
  /** Where the zone's Redis is (to be), when that is not where the region was formed with it. */
  readonly address?: AcceptorAddress;
  /** Where the Redis is that gives way to another, when that is not where the region was formed with it. */
  readonly formerAddress?: AcceptorAddress;
  readonly openedAtMs: number;
  readonly seal?: SealProgress;
  /** Why it does not go on just now; a sentence. */
  readonly waitsFor?: string;
}

export interface FinishedRebuild {
  readonly zone: string;
  readonly cause: RebuildCause;
  readonly openedAtMs: number;
  readonly finishedAtMs: number;
  readonly records: number;
}

export interface Lease {
  readonly holder: string;
  readonly untilMs: number;
}

/** The value of the register. */
export interface RebuildRecord {
  readonly open: OpenRebuild | null;
  readonly last: FinishedRebuild | null;
  readonly lease: Lease | null;
}

export const noRebuild: RebuildRecord = { open: null, last: null, lease: null };

export function decodeRebuild(text: string | null): RebuildRecord {
  return text === null ? noRebuild : (JSON.parse(text) as RebuildRecord);
}

export function encodeRebuild(record: RebuildRecord): string {
  return JSON.stringify(record);
}

/** What people see of a rebuild under way. */
export interface RebuildProgress {
  readonly zone: string;
  readonly cause: RebuildCause;
  readonly done: number;
  readonly total: number;
  readonly recordsPerSecond: number;
  /** Undefined while it cannot be said. */
  readonly leftMs: number | undefined;
  readonly openedAtMs: number;
  readonly waitsFor: string;
}

/** Rate and time left from what is recorded. Times are wall clock. */
export function progressOf(open: OpenRebuild, nowMs: number): RebuildProgress {
  const { zone, cause, openedAtMs, seal, waitsFor = '' } = open;
  const done = seal?.done ?? 0;
  const total = seal?.total ?? 0;
  const seconds = seal === undefined ? 0 : Math.max(0, nowMs - seal.startedAtMs) / 1_000;
  const recordsPerSecond = seconds > 0 ? done / seconds : 0;
  const leftMs = recordsPerSecond > 0 ? ((total - done) / recordsPerSecond) * 1_000 : undefined;
  return { zone, cause, done, total, recordsPerSecond, leftMs, openedAtMs, waitsFor };
}
