// An append-only list. The slow twin of check-append.ts, which needs unique ids and is complete in O(n log n): the two
// must agree, and a test says so.
import type { Model } from './model.ts';

export type ListInput =
  { readonly action: 'read' } | { readonly action: 'append'; readonly value: string };

/** `seen`: the list as the operation left it. */
export interface ListOutput {
  readonly seen: readonly string[];
}

const isEqual = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((member, index) => member === right[index]);

export const listModel: Model<readonly string[], ListInput, ListOutput> = {
  initial: [],
  apply: (state, input, output) => {
    const after = input.action === 'read' ? state : [...state, input.value];
    return output === undefined || isEqual(after, output.seen) ? after : undefined;
  },
  keyOf: (state) => JSON.stringify(state),
  isReadOnly: ({ action }) => action === 'read',
  // Every later list would hold it: one that no list holds could only stand last.
  isTraceless: (operations) => {
    const seen = new Set(operations.flatMap(({ output }) => output?.seen ?? []));
    return ({ input }) => input.action === 'append' && !seen.has(input.value);
  },
};
