// What a list's search finds (reference §6.3), and one page of it. A search looks at every key of its space, which is what
// the selection keeps; in a space that is too large it finds no more than the one key that its term names outright.
import {
  keyOrder,
  isSelected,
  type KeyPage,
  type KeySelection,
  type ListedKey,
} from './selection.ts';
import { countSelected, type KeySlice } from './key-tally.ts';
import { isUuidV4 } from './limits.ts';
import { sortInSteps } from './sort-in-steps.ts';

/** Keys a search may look at. */
export const searchSpaceMax = 5_000;

export const searchScopes = ['name', 'alias'] as const;

/** Where a search looks. */
export type SearchScope = (typeof searchScopes)[number];

export interface KeySearch {
  /** As it was asked for, without its options; never empty. */
  readonly term: string;
  /** Never empty. */
  readonly scopes: readonly SearchScope[];
  /** Finds the keys that it would else not find. */
  readonly isInverted: boolean;
  /** The whole name or alias, not a part of it. */
  readonly isExact: boolean;
  /** The scope of aliases was named by the client: the key with this very alias is looked up besides. */
  readonly isAliasNamed: boolean;
}

const syntaxCharacters = /[$()*+./?[\\\]^{|}]/g;

/** A test for `search`; a pattern costs a third of what lower-casing each text does. Case does not matter, as the contract has it. */
export function searchTest(search: KeySearch): (key: ListedKey) => boolean {
  const literal = search.term.replace(syntaxCharacters, '\\$&');
  const pattern = new RegExp(search.isExact ? `^${literal}$` : literal, 'iu');
  const matches = (text: string): boolean => pattern.test(text);
  const term = search.term.toLowerCase();
  const [isInNames, isInAliases] = searchScopes.map((scope) => search.scopes.includes(scope));
  const isUuid = isUuidV4(term);
  return ({ id, summary: { name, aliases } }) => {
    const isFound =
      (isUuid && id === term) ||
      (isInNames === true && matches(name)) ||
      (isInAliases === true && aliases?.some(matches) === true);
    return isFound !== search.isInverted;
  };
}

/** A test for the one key that the term names: by id, or by an alias where those were asked for. Aliases have a case. */
function directTest(search: KeySearch): ((key: ListedKey) => boolean) | undefined {
  const { term, isInverted, isAliasNamed } = search;
  if (isInverted) return undefined;
  if (isUuidV4(term)) return ({ id }) => id === term.toLowerCase();
  return isAliasNamed ? ({ summary }) => summary.aliases?.includes(term) === true : undefined;
}

export interface KeySearchQuestion {
  readonly search: KeySearch;
  readonly selection: KeySelection;
  readonly page: KeyPage;
  readonly nowMs: number;
}

/**
 * `whole`: everything was looked at. `direct`: the space is too large, and only the key that the term names is given.
 * `too-broad`: nor is there such a key.
 */
export type SearchReach = 'whole' | 'direct' | 'too-broad';

/** Give it slices while `isHungry`, then take the page. Keeps no more keys than a space may have. */
export class KeySearchCollector {
  readonly #question: KeySearchQuestion;
  readonly #isFound: (key: ListedKey) => boolean;
  readonly #isDirect: ((key: ListedKey) => boolean) | undefined;
  #spaceKeys = 0;
  #direct: ListedKey | undefined;
  #found: ListedKey[] = [];

  constructor(question: KeySearchQuestion) {
    this.#question = question;
    this.#isFound = searchTest(question.search);
    this.#isDirect = directTest(question.search);
  }

  get reach(): SearchReach {
    if (this.#spaceKeys <= searchSpaceMax) return 'whole';
    return this.#direct === undefined ? 'too-broad' : 'direct';
  }

  /** Keys found so far. */
  get total(): number {
    return this.#found.length + Number(this.#direct !== undefined);
  }

  /** False when no further key can change the answer. */
  get isHungry(): boolean {
    if (this.#spaceKeys <= searchSpaceMax) return true;
    return this.#isDirect !== undefined && this.#direct === undefined;
  }

  /** Takes the next keys in the order of their ids. */
  take(slice: KeySlice): void {
    const { selection, nowMs } = this.#question;
    this.#spaceKeys += countSelected(slice, selection, nowMs);
    const isWithin = this.#spaceKeys <= searchSpaceMax;
    if (!isWithin) this.#found = [];
    for (const key of slice.keys) {
      const isDirect = this.#direct === undefined && this.#isDirect?.(key) === true;
      if (!isDirect && !(isWithin && this.#isFound(key))) continue;
      if (!isSelected(key, selection, nowMs)) continue;
      if (isDirect) this.#direct = key;
      else this.#found.push(key);
    }
  }

  /** The page in its order, the key that the term names before all others. Sorting is done in steps, one each `next()`. */
  *page(): Generator<undefined, readonly ListedKey[]> {
    const { page, nowMs } = this.#question;
    const sorted = yield* sortInSteps(this.#found, keyOrder(page.sort, nowMs));
    const all = this.#direct === undefined ? sorted : [this.#direct, ...sorted];
    return all.slice(page.offset, page.offset + page.limit);
  }
}
