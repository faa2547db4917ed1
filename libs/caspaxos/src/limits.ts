// Every bound of a store in one place, with where the number comes from.

export interface StoreLimits {
  /** One phase waits at most this long for its voters. Two fsyncs and a zone round trip are 3-6 ms; a GC pause is 100. */
  readonly phaseTimeoutMs: number;
  /** How long a read whose first answers differ waits for the silent voter before it writes back. */
  readonly differWaitMs: number;
  /** A write-back is shared by readers of different deadlines, so it has its own. */
  readonly writeBackTimeoutMs: number;
  /** Attempts that found no quorum and sent nothing that could take effect, before UNAVAILABLE: another zone may do better. */
  readonly noQuorumAttemptsMax: number;
  /** Back-off before attempt n is random in [0, min(max, base · 2^n)): a round takes about one base. */
  readonly backOffBaseMs: number;
  readonly backOffMaxMs: number;
  /** Changes of one register waiting in this process. */
  readonly queueMax: number;
  /** Changes in this process, all registers. */
  readonly changesMax: number;
  /** Registers whose last verified bytes are remembered (a few KiB each). */
  readonly verifiedCacheMax: number;
  /** Names in one answer about a list: about 50 KB, less than a millisecond of this process. */
  readonly listChangesMax: number;
  /** Names in the mirrors of all lists, and in that of one list on one voter. See docs/listing.md for their memory. */
  readonly listNamesMax: number;
  /** Names of a list that are gone through at once: about a millisecond when each must be parsed, else microseconds. */
  readonly listStretchMax: number;
  /** Lists that are mirrored, empty ones too. */
  readonly listScopesMax: number;
}

export const defaultLimits: StoreLimits = {
  phaseTimeoutMs: 400,
  differWaitMs: 20,
  writeBackTimeoutMs: 1_000,
  noQuorumAttemptsMax: 3,
  backOffBaseMs: 5,
  backOffMaxMs: 100,
  queueMax: 64,
  changesMax: 4_096,
  verifiedCacheMax: 20_000,
  listChangesMax: 250,
  listNamesMax: 1_000_000,
  listStretchMax: 512,
  listScopesMax: 10_000,
};
