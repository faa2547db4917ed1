// What a list's filter says about a key's dates (reference §6.3). Its other properties are states and kinds, which a selection
// has anyway. Reading the grammar is api-contract's.
import type { KeySummary } from './summary.ts';

/** The dates a filter may ask for: the contract's names. */
export const dateProperties = [
  'creationDate',
  'lastUpdateDate',
  'lastRotateDate',
  'deletionDate',
  'expirationDate',
] as const;

export type DateProperty = (typeof dateProperties)[number];

/** From `fromMs` on and before `beforeMs`, or no such date at all. A key without the date is in no range. */
export type DateClause =
  | { readonly property: DateProperty; readonly isNone: true }
  | { readonly property: DateProperty; readonly fromMs?: number; readonly beforeMs?: number };

export type DateComparison = 'lt' | 'lte' | 'eq' | 'gte' | 'gt';

/** A written date: as long as the unit it was written in. */
export interface WrittenDate {
  readonly fromMs: number;
  readonly beforeMs: number;
}

const rangeOf: Readonly<
  Record<
    DateComparison,
    (date: WrittenDate) => { readonly fromMs?: number; readonly beforeMs?: number }
  >
> = {
  lt: ({ fromMs }) => ({ beforeMs: fromMs }),
  lte: ({ beforeMs }) => ({ beforeMs }),
  eq: ({ fromMs, beforeMs }) => ({ fromMs, beforeMs }),
  gte: ({ fromMs }) => ({ fromMs }),
  gt: ({ beforeMs }) => ({ fromMs: beforeMs }),
};

/** The clause "`property` `comparison` `date`". */
export function dateClause(
  property: DateProperty,
  comparison: DateComparison,
  date: WrittenDate,
): DateClause {
  return { property, ...rangeOf[comparison](date) };
}

const dateOf: Readonly<Record<DateProperty, (summary: KeySummary) => number | undefined>> = {
  creationDate: ({ createdAtMs }) => createdAtMs,
  lastUpdateDate: ({ updatedAtMs }) => updatedAtMs,
  lastRotateDate: ({ lastRotatedAtMs }) => lastRotatedAtMs,
  deletionDate: ({ deletedAtMs }) => deletedAtMs,
  expirationDate: ({ expiresAtMs }) => expiresAtMs,
};

/** True when every clause holds. A loop, as it runs for each key of a list. */
export function areDatesWithin(summary: KeySummary, clauses: readonly DateClause[]): boolean {
  for (const clause of clauses)
    if (!isDateWithin(dateOf[clause.property](summary), clause)) return false;
  return true;
}

function isDateWithin(atMs: number | undefined, clause: DateClause): boolean {
  if ('isNone' in clause) return atMs === undefined;
  if (atMs === undefined) return false;
  const { fromMs, beforeMs } = clause;
  return (fromMs === undefined || atMs >= fromMs) && (beforeMs === undefined || atMs < beforeMs);
}
