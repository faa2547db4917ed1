// One page of a list of any length, from keys that come in slices in the order of their ids. Keeps no more than it must:
// the page itself when ids are the order asked for, everything selected when it is not.
import {
  isIdOrder,
  isSelected,
  keyOrder,
  type KeyPage,
  type KeySelection,
  type ListedKey,
} from './selection.ts';
import { countSelected, type KeySlice } from './key-tally.ts';
import { sortInSteps } from './sort-in-steps.ts';

export interface KeyPageQuestion {
  readonly selection: KeySelection;
  readonly page: KeyPage;
  /** Whether `total` must be right: then all keys have to be seen. */
  readonly isTotalWanted: boolean;
  readonly nowMs: number;
}

/** Give it slices while `isHungry`, then take the page. */
export class KeyPageCollector {
  readonly #question: KeyPageQuestion;
  readonly #isInIdOrder: boolean;
  readonly #kept: ListedKey[] = [];
  #total = 0;

  constructor(question: KeyPageQuestion) {
    this.#question = question;
    this.#isInIdOrder = isIdOrder(question.page.sort);
  }

  /** Selected keys seen so far. */
  get total(): number {
    return this.#total;
  }

  /** False when no further key can change the answer. */
  get isHungry(): boolean {
    const { isTotalWanted, page } = this.#question;
    return isTotalWanted || !this.#isInIdOrder || this.#kept.length < page.limit;
  }

  /** Takes the next keys in the order of their ids. */
  take(slice: KeySlice): void {
    const { selection, page, nowMs } = this.#question;
    if (this.#isInIdOrder) {
      const count = countSelected(slice, selection, nowMs);
      // Before the page, or after it: only their number matters.
      if (this.#total + count <= page.offset || this.#kept.length >= page.limit) {
        this.#total += count;
        return;
      }
    }
    for (const key of slice.keys) {
      if (!isSelected(key, selection, nowMs)) continue;
      const isWanted =
        !this.#isInIdOrder || (this.#total >= page.offset && this.#kept.length < page.limit);
      if (isWanted) this.#kept.push(key);
      this.#total += 1;
    }
  }

  /** The page, in its order. Sorting is done in steps, one each `next()`; the page is the generator's return value. */
  *page(): Generator<undefined, readonly ListedKey[]> {
    const { page, nowMs } = this.#question;
    if (this.#isInIdOrder) return this.#kept;
    const sorted = yield* sortInSteps(this.#kept, keyOrder(page.sort, nowMs));
    return sorted.slice(page.offset, page.offset + page.limit);
  }
}
