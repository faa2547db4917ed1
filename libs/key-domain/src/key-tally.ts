// How many of some keys a selection keeps, without looking at each of them again. For neighbours in a list that stay the
// same from call to call.
import { isSelected, type KeySelection, type ListedKey } from './selection.ts';

/** Counts keys once by what a selection can ask for; those whose state will change by itself are looked at each time. */
export class KeyTally {
  readonly #groups = new Map<string, { readonly sample: ListedKey; count: number }>();
  readonly #expiring: ListedKey[] = [];

  constructor(keys: readonly ListedKey[]) {
    for (const key of keys) {
      const { state, isExtractable, keyRingId, keyRingNumber, expiresAtMs } = key.summary;
      if (expiresAtMs !== undefined) {
        this.#expiring.push(key);
        continue;
      }
      const group = `${state}/${isExtractable}/${keyRingId}/${keyRingNumber}`;
      const known = this.#groups.get(group);
      if (known === undefined) this.#groups.set(group, { sample: key, count: 1 });
      else known.count += 1;
    }
  }

  /** As many as `isSelected` would keep at `nowMs`; for a selection without dates. */
  count(selection: KeySelection, nowMs: number): number {
    let count = 0;
    for (const group of this.#groups.values())
      if (isSelected(group.sample, selection, nowMs)) count += group.count;
    for (const key of this.#expiring) if (isSelected(key, selection, nowMs)) count += 1;
    return count;
  }
}

/** Keys that follow one another in the order of their ids, and their tally. */
export interface KeySlice {
  readonly keys: readonly ListedKey[];
  readonly tally: KeyTally;
}

/** As many of the slice as `isSelected` keeps at `nowMs`. No tally knows all dates: where they are asked for, each key is looked at. */
export function countSelected(
  { keys, tally }: KeySlice,
  selection: KeySelection,
  nowMs: number,
): number {
  if (selection.dates === undefined) return tally.count(selection, nowMs);
  let count = 0;
  for (const key of keys) if (isSelected(key, selection, nowMs)) count += 1;
  return count;
}

/** A slice of `keys`. */
export function keySlice(keys: readonly ListedKey[]): KeySlice {
  return { keys, tally: new KeyTally(keys) };
}
