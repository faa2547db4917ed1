// What is on record of one erasure, and what it still needs. Pure. Written before the key's own change commits, so that no crash
// can lose it; closed when nothing holds the material any more, or when the change turns out never to have happened.
import type { Key } from '@zonehold/key-domain';

/** `deleted`: the material of a deleted key, once its restore window has closed; `instance`: the key of a deleted instance. */
export const erasureKinds = ['purge', 'deleted', 'instance'] as const;
export type ErasureKind = (typeof erasureKinds)[number];

/** In place of a key's id where the instance's own key is meant. */
export const instanceItself = 'instance';

/** Whose caches are asked, in every zone. */
export const cacheServices = ['crypto-worker', 'key-manager'] as const;
export type CacheService = (typeof cacheServices)[number];

export type Closed = 'done' | 'withdrawn' | 'called-up';

/** The value of a register in scope `erasure`. JSON-safe. */
export interface ErasureRecord {
  readonly instanceId: string;
  /** `instanceItself` for an instance. */
  readonly keyId: string;
  readonly kind: ErasureKind;
  readonly requestedAtMs: number;
  readonly dueAtMs: number;
  /** The purged key without its material, so that a repeat of the purge is answered as the first time. */
  readonly asItWas?: Key;
  /**
   * Step 1 is done: no acceptor's memory holds the material. A zone's rewrite counts for this erasure when its round is later
   * than `after[zone]`, the newest round that was claimed by then.
   */
  readonly spread?: { readonly atMs: number; readonly after: Readonly<Record<string, number>> };
  /** Step 3, by `<service>/<zone>`: when that process answered that it keeps nothing. */
  readonly forgotten?: Readonly<Record<string, number>>;
  readonly doneAtMs?: number;
  /**
   * Nothing more will happen: done and audited; withdrawn, since the key was never purged or is not deleted any more; or, for an
   * entry of the calendar, called up: its erasure has begun.
   */
  readonly closed?: Closed;
}

/** What the list of scope `erasure` holds of one that is not closed. */
export interface ErasureSummary {
  readonly kind: ErasureKind;
  readonly requestedAtMs: number;
  readonly dueAtMs: number;
  /** Step 1 is done. */
  readonly isSpread: boolean;
}

/** The register's line in the list: it is the index of pending work, so a closed erasure has none. */
export function summaryTextOf(record: ErasureRecord): string | null {
  if (record.closed !== undefined) return null;
  const { kind, requestedAtMs, dueAtMs, spread } = record;
  return JSON.stringify({ k: kind, r: requestedAtMs, d: dueAtMs, s: spread === undefined ? 0 : 1 });
}

/** Reads what `summaryTextOf` wrote; undefined for anything else (lists are not authenticated as records are). */
export function readSummary(text: string): ErasureSummary | undefined {
  try {
    const { k, r, d, s } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const kind = erasureKinds.find((known) => known === k);
    if (kind === undefined || typeof r !== 'number' || typeof d !== 'number') return undefined;
    return { kind, requestedAtMs: r, dueAtMs: d, isSpread: s === 1 };
  } catch {
    return undefined;
  }
}

/** The finished rewrite rounds of each zone. */
export type FinishedRounds = Readonly<Record<string, number>>;

/** Zones whose files may still hold the material. None can be named before step 1: then it is all of them. */
export function zonesToRewrite(
  record: ErasureRecord,
  zones: readonly string[],
  finished: FinishedRounds,
): readonly string[] {
  const { spread } = record;
  if (spread === undefined) return zones;
  return zones.filter((zone) => (finished[zone] ?? 0) <= (spread.after[zone] ?? 0));
}

/** Processes that have not yet said that they keep nothing, as `[service, zone]`. */
export function cachesToAsk(
  record: ErasureRecord,
  zones: readonly string[],
): readonly (readonly [CacheService, string])[] {
  return zones.flatMap((zone) =>
    cacheServices
      .filter((service) => record.forgotten?.[cacheName(service, zone)] === undefined)
      .map((service) => [service, zone] as const),
  );
}

export function cacheName(service: CacheService, zone: string): string {
  return `${service}/${zone}`;
}

/** Every step is done; only the audit event and the closing are left. */
export function isComplete(
  record: ErasureRecord,
  zones: readonly string[],
  finished: FinishedRounds,
): boolean {
  return (
    record.spread !== undefined &&
    zonesToRewrite(record, zones, finished).length === 0 &&
    cachesToAsk(record, zones).length === 0
  );
}

/** What stays on record for ever: ids, kind and times. */
export function closedRecord(record: ErasureRecord, closed: Closed): ErasureRecord {
  const { instanceId, keyId, kind, requestedAtMs, dueAtMs, doneAtMs } = record;
  return {
    ...{ instanceId, keyId, kind, requestedAtMs, dueAtMs, closed },
    ...(doneAtMs === undefined ? {} : { doneAtMs }),
  };
}
