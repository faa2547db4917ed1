// The sort that can be interrupted against the one that cannot.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortInSteps } from './sort-in-steps.ts';

interface Item {
  readonly rank: number;
  readonly at: number;
}
const order = (left: Item, right: Item): number => left.rank - right.rank;

function sorted(items: readonly Item[]): {
  readonly items: readonly Item[];
  readonly steps: number;
} {
  const work = sortInSteps(items, order);
  for (let steps = 0; ; steps += 1) {
    const step = work.next();
    if (step.done === true) return { items: step.value, steps };
  }
}

describe('sorting in steps', () => {
  it('gives what the built-in sort gives, ties as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 3_000 }), (ranks) => {
        const items = ranks.map((rank, at) => ({ rank, at }));
        expect(sorted(items).items).toEqual(items.toSorted(order));
      }),
      { numRuns: 30 },
    );
  });

  it('takes many small steps for many items, and leaves the array as it was', () => {
    const items = Array.from({ length: 20_000 }, (_, at) => ({ rank: (at * 7_919) % 10_007, at }));
    const before = [...items];
    const { items: inOrder, steps } = sorted(items);
    expect(inOrder).toEqual(items.toSorted(order));
    expect(steps).toBeGreaterThan(200);
    expect(items).toEqual(before);
  });
});
