// A page of keys in its envelope (reference §1.6, §6.3).
import type { KeySearch } from '@zonehold/key-domain';
import type { ListKeysQuery } from './canonical.ts';
import type { FullKeyBody, KeyPageBody, SearchQueryBody } from './reply-bodies.ts';
import { keyCollection } from './to-wire.ts';

/** What was found on the way to the page. */
export interface KeyPageFindings {
  /** Before limit and offset. */
  readonly total: number;
  readonly isSearchIncomplete: boolean;
}

/**
 * `keys` as the answer to `query`. Documented empty lists have no `resources`, but the vendor's own test of a filter that keeps
 * nothing wants an empty list (reference §27.1 #6): both get theirs.
 */
export function keyPage(
  keys: readonly FullKeyBody[],
  query: ListKeysQuery,
  findings: KeyPageFindings,
): KeyPageBody {
  const { search } = query;
  const { metadata, resources } = keyCollection(
    keys,
    query.isTotalWanted ? findings.total : undefined,
  );
  const shown = resources ?? (query.isFiltered ? [] : undefined);
  return {
    metadata: {
      ...metadata,
      ...(search === undefined ? {} : { searchQuery: searchQueryBody(search) }),
      ...(findings.isSearchIncomplete ? { incompleteSearch: true } : {}),
    },
    ...(shown === undefined ? {} : { resources: shown }),
  };
}

function searchQueryBody({ term, scopes, isInverted, isExact }: KeySearch): SearchQueryBody {
  return {
    query: term,
    scopes,
    ...(isInverted ? { not: true } : {}),
    ...(isExact ? { exact: true } : {}),
  };
}
