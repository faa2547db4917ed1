// A compare-and-swap cell: holds nothing or a value. A swap writes its value where the cell holds what it expected.
import type { Model } from './model.ts';

export type CellInput =
  | { readonly action: 'read' }
  | { readonly action: 'swap'; readonly expected: string | null; readonly value: string };

/** `seen`: what a read found, what refused a swap, or the value that was written. */
export interface CellOutput {
  readonly isSwapped: boolean;
  readonly seen: string | null;
}

/** Values should be unique, or a lost update can hide behind an equal one. */
export const cellModel: Model<string | null, CellInput, CellOutput> = {
  initial: null,
  apply: (state, input, output) => {
    if (input.action === 'read')
      return output === undefined || output.seen === state ? state : undefined;
    const isExpected = state === input.expected;
    if (output === undefined) return isExpected ? input.value : state;
    if (output.isSwapped)
      return isExpected && output.seen === input.value ? input.value : undefined;
    return !isExpected && output.seen === state ? state : undefined;
  },
  keyOf: (state) => JSON.stringify(state),
  isReadOnly: ({ action }) => action === 'read',
  // A value that nobody saw or expected could only stand last.
  isTraceless: (operations) => {
    const known = new Set<string | null>();
    for (const { input, output } of operations) {
      if (input.action === 'swap') known.add(input.expected);
      if (output !== undefined) known.add(output.seen);
    }
    return ({ input }) => input.action === 'swap' && !known.has(input.value);
  },
};
