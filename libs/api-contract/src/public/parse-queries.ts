// Query parameters of the operations that have any (reference §6.1, §6.3, §6.7, §6.10, §12). Unknown parameters are ignored.
// The grammars of search and filter are parse-search.ts and parse-filter.ts.
import {
  keyRingPageLimitDefault,
  pageLimitDefault,
  pageLimitMax,
  sortProperties,
  type SortClause,
  type SortProperty,
} from '@zonehold/key-domain';
import type {
  ForceQuery,
  KeyCountQuery,
  ListKeyRingsQuery,
  ListKeysQuery,
  ListVersionsQuery,
} from './canonical.ts';
import { invalidQuery } from './errors.ts';
import { parseFilter } from './parse-filter.ts';
import { parseSearch } from './parse-search.ts';
import { parsed, refused, type Parsed } from './parsed.ts';

/** Query parameters as the gateway decoded them: one text per name. */
export type RawQuery = Readonly<Record<string, string>>;

/** Offsets beyond this are no offsets; Go clients count in signed 32 bits. */
const offsetMax = 2 ** 31 - 1;

/** HEAD /keys. It takes no search. */
export function parseKeyCount(query: RawQuery): Parsed<KeyCountQuery> {
  const states = readStates(query);
  if (!states.ok) return states;
  const isExtractable = readBoolean(query, 'extractable');
  if (!isExtractable.ok) return isExtractable;
  const filter = parseFilter(query['filter'] ?? '');
  if (!filter.ok) return filter;
  const twice = [
    ...(states.value !== undefined && filter.value.hasState ? ['state'] : []),
    ...(isExtractable.value !== undefined && filter.value.hasExtractable ? ['extractable'] : []),
  ];
  if (twice.length > 0) {
    const rule = `without ${twice.join(' and ')}, which is a query_param of this request too`;
    return refused(invalidQuery('filter', rule));
  }
  return parsed({
    ...(states.value === undefined ? {} : { states: states.value }),
    ...(isExtractable.value === undefined ? {} : { isExtractable: isExtractable.value }),
    ...filter.value.selection,
  });
}

/** GET /keys. */
export function parseListKeys(query: RawQuery): Parsed<ListKeysQuery> {
  const page = readPage(query);
  if (!page.ok) return page;
  const selection = parseKeyCount(query);
  if (!selection.ok) return selection;
  const search = parseSearch(query['search'] ?? '');
  if (!search.ok) return search;
  const sort = readSort(query);
  if (!sort.ok) return sort;
  return parsed({
    ...page.value,
    ...selection.value,
    sort: sort.value,
    ...(search.value === undefined ? {} : { search: search.value }),
    isFiltered: (query['filter'] ?? '').trim() !== '',
  });
}

/** GET /keys/id/versions. */
export function parseListVersions(query: RawQuery): Parsed<ListVersionsQuery> {
  const page = readPage(query);
  if (!page.ok) return page;
  const isAnyStateAllowed = readBoolean(query, 'allKeyStates');
  if (!isAnyStateAllowed.ok) return isAnyStateAllowed;
  return parsed({ ...page.value, isAnyStateAllowed: isAnyStateAllowed.value ?? false });
}

/** GET /key_rings. */
export function parseListKeyRings(query: RawQuery): Parsed<ListKeyRingsQuery> {
  return readPage(query, keyRingPageLimitDefault);
}

/** DELETE /keys/id and /key_rings/id. */
export function parseForce(query: RawQuery): Parsed<ForceQuery> {
  const isForced = readBoolean(query, 'force');
  return isForced.ok ? parsed({ isForced: isForced.value ?? false }) : isForced;
}

type Page = Pick<ListVersionsQuery, 'limit' | 'offset' | 'isTotalWanted'>;

function readPage(query: RawQuery, limitDefault = pageLimitDefault): Parsed<Page> {
  const limit = readInteger(query, 'limit', 1, pageLimitMax, limitDefault);
  if (!limit.ok) return limit;
  const offset = readInteger(query, 'offset', 0, offsetMax, 0);
  if (!offset.ok) return offset;
  const isTotalWanted = readBoolean(query, 'totalCount');
  if (!isTotalWanted.ok) return isTotalWanted;
  return parsed({
    limit: limit.value,
    offset: offset.value,
    isTotalWanted: isTotalWanted.value ?? false,
  });
}

/** A parameter without a value says nothing: IBM's Python client sends `state=` when it was given no state. */
function given(query: RawQuery, name: string): string | undefined {
  const text = query[name];
  return text === '' ? undefined : text;
}

function readInteger(
  query: RawQuery,
  name: string,
  min: number,
  max: number,
  absent: number,
): Parsed<number> {
  const text = given(query, name);
  if (text === undefined) return parsed(absent);
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max
    ? parsed(value)
    : refused(invalidQuery(name, `an integer between ${min} and ${max}`));
}

function readBoolean(query: RawQuery, name: string): Parsed<boolean | undefined> {
  const text = given(query, name);
  if (text === undefined) return parsed(undefined);
  if (text === 'true' || text === 'false') return parsed(text === 'true');
  return refused(invalidQuery(name, 'true or false'));
}

/** 0 and 4 are accepted and match no key (reference §15.1, §27.1 #19). */
function readStates(query: RawQuery): Parsed<readonly number[] | undefined> {
  const text = given(query, 'state');
  if (text === undefined) return parsed(undefined);
  return /^[0-5](?:,[0-5]){0,20}$/.test(text)
    ? parsed(text.split(',').map(Number))
    : refused(invalidQuery('state', 'a comma-separated list of 0, 1, 2, 3 and 5 without spaces'));
}

function readSort(query: RawQuery): Parsed<readonly SortClause[]> {
  const text = given(query, 'sort');
  if (text === undefined) return parsed([]);
  const clauses: SortClause[] = [];
  for (const part of text.split(',')) {
    const isDescending = part.startsWith('-');
    const property = isDescending ? part.slice(1) : part;
    const isRepeated = clauses.some((clause) => clause.property === property);
    if (!isSortProperty(property) || isRepeated) {
      const rule = `different ones of ${sortProperties.join(', ')}, separated by commas, each with - in front to descend`;
      return refused(invalidQuery('sort', rule));
    }
    clauses.push({ property, isDescending });
  }
  return parsed(clauses);
}

function isSortProperty(text: string): text is SortProperty {
  return (sortProperties as readonly string[]).includes(text);
}
