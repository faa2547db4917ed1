// Which keys a list or a count shows, in which order, and which page of them (reference §6.1, §6.3).
// What a search finds is key-search.ts; rights are not here. How 100,000 keys are gone through is sort-in-steps.ts.
import { areDatesWithin, type DateClause } from './date-filter.ts';
import { keyRingOf, type KeyRings } from './key-rings.ts';
import type { KeySummary } from './summary.ts';
import { stateAt } from './time-rules.ts';

/** What a list may be sorted by: the contract's names. */
export const sortProperties = [
  'id',
  'state',
  'extractable',
  'imported',
  'creationDate',
  'lastUpdateDate',
  'lastRotateDate',
  'deletionDate',
  'expirationDate',
] as const;

export type SortProperty = (typeof sortProperties)[number];

export interface SortClause {
  readonly property: SortProperty;
  readonly isDescending: boolean;
}

/** Deleted keys are listed only on request (reference §6.3, trap 17). */
export const defaultListStates: readonly number[] = [0, 1, 2, 3];
/** Page sizes of keys and versions (reference §6.3, §6.10). */
export const pageLimitDefault = 200;
export const pageLimitMax = 5_000;
/** Of key rings (reference §27.1 #3). */
export const keyRingPageLimitDefault = 100;

/** One key of an instance's list. */
export interface ListedKey {
  readonly id: string;
  readonly summary: KeySummary;
}

/** What restricts a list or a count; absent members restrict nothing, except `states`: all but deleted. */
export interface KeySelection {
  readonly states?: readonly number[];
  readonly isExtractable?: boolean;
  readonly dates?: readonly DateClause[];
  readonly ring?: RingSelection;
}

/** The keys of one ring; `rings` says which ring each key is in. */
export interface RingSelection {
  readonly id: string;
  readonly rings: KeyRings;
}

export interface KeyPage {
  readonly limit: number;
  readonly offset: number;
  /** Empty: by id. */
  readonly sort: readonly SortClause[];
}

type Comparable = string | number;
/** An absent date sorts after every date, as in the vendor's database. */
const absent = Number.POSITIVE_INFINITY;

const sortValue: Readonly<Record<SortProperty, (key: ListedKey, nowMs: number) => Comparable>> = {
  id: (key) => key.id,
  state: (key, nowMs) => listedState(key, nowMs),
  extractable: (key) => Number(key.summary.isExtractable),
  imported: (key) => Number(key.summary.isImported),
  creationDate: (key) => key.summary.createdAtMs,
  lastUpdateDate: (key) => key.summary.updatedAtMs,
  lastRotateDate: (key) => key.summary.lastRotatedAtMs ?? absent,
  deletionDate: (key) => key.summary.deletedAtMs ?? absent,
  expirationDate: (key) => key.summary.expiresAtMs ?? absent,
};

function listedState(key: ListedKey, nowMs: number): number {
  return stateAt(key.summary.state, key.summary.expiresAtMs, nowMs);
}

/** True for a key that `selection` keeps. State 3 is derived from `nowMs`. */
export function isSelected(key: ListedKey, selection: KeySelection, nowMs: number): boolean {
  const states = selection.states ?? defaultListStates;
  return (
    states.includes(listedState(key, nowMs)) &&
    (selection.isExtractable === undefined ||
      key.summary.isExtractable === selection.isExtractable) &&
    (selection.dates === undefined || areDatesWithin(key.summary, selection.dates)) &&
    (selection.ring === undefined ||
      keyRingOf(key.summary, selection.ring.rings) === selection.ring.id)
  );
}

/** True when the order asked for is the list's own, so that nothing has to be sorted. */
export function isIdOrder([first]: readonly SortClause[]): boolean {
  return first === undefined || (first.property === 'id' && !first.isDescending);
}

/** The order of `sort`; ties are settled by id, so that pages never overlap. */
export function keyOrder(
  sort: readonly SortClause[],
  nowMs: number,
): (left: ListedKey, right: ListedKey) => number {
  const clauses: readonly SortClause[] = [...sort, { property: 'id', isDescending: false }];
  return (left, right) => {
    for (const { property, isDescending } of clauses) {
      const order = compare(sortValue[property](left, nowMs), sortValue[property](right, nowMs));
      if (order !== 0) return isDescending ? -order : order;
    }
    return 0;
  };
}

function compare(left: Comparable, right: Comparable): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
