// A merge sort that can be interrupted: sorting 100,000 keys takes longer than a server may be deaf. Pure: whoever drives
// the steps lets others have their turn between them.

/** Compared and copied in one step: well below a millisecond, with any order there is. */
const stepItems = 500;

/**
 * Sorts `items` by `order`, ties as they were; the array given is not changed. Each `next()` does one step; the sorted
 * array is the generator's return value.
 */
export function* sortInSteps<Item>(
  items: readonly Item[],
  order: (left: Item, right: Item) => number,
): Generator<undefined, readonly Item[]> {
  let runs: Item[][] = [];
  for (let at = 0; at < items.length; at += stepItems) {
    runs.push(items.slice(at, at + stepItems).sort(order));
    yield undefined;
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(yield* mergeInSteps(runs[at] ?? [], runs[at + 1] ?? [], order));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* mergeInSteps<Item>(
  left: readonly Item[],
  right: readonly Item[],
  order: (left: Item, right: Item) => number,
): Generator<undefined, Item[]> {
  const merged: Item[] = [];
  let fromLeft = 0;
  let fromRight = 0;
  for (;;) {
    const [first, second] = [left[fromLeft], right[fromRight]];
    if (first === undefined || second === undefined) break;
    if (order(first, second) <= 0) {
      merged.push(first);
      fromLeft += 1;
    } else {
      merged.push(second);
      fromRight += 1;
    }
    if (merged.length % stepItems === 0) yield undefined;
  }
  for (; fromLeft < left.length; fromLeft += 1) merged.push(left[fromLeft] as Item);
  for (; fromRight < right.length; fromRight += 1) merged.push(right[fromRight] as Item);
  return merged;
}
