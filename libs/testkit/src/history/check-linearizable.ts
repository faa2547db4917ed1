// Linearizability of any history under any model, register by register. The search itself is in search.ts.
import type { Model } from './model.ts';
import { partitionByRegister, type RecordedOperation } from './operation.ts';
import { search, type SearchResult } from './search.ts';

/** Tried per register before the verdict is `undecided`: 17 s and 100 MB on the widest history tried (64 clients). */
export const configurationsMax = 250_000;

/**
 * - `linearizable`: some order explains all answers.
 * - `violation`: none does. `message` says how far one gets.
 * - `undecided`: too many orders were tried; the history proves nothing either way.
 */
export type Verdict =
  | { readonly kind: 'linearizable' }
  | { readonly kind: 'violation'; readonly message: string }
  | { readonly kind: 'undecided'; readonly message: string };

/** The verdict on one register. */
export interface RegisterVerdict {
  readonly register: string;
  readonly verdict: Exclude<Verdict, { readonly kind: 'linearizable' }>;
}

/** Checks each register by itself; returns those that are not linearizable or undecided. Empty: all is well. */
export function checkHistory<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly RecordedOperation<Input, Output>[],
  limit: number = configurationsMax,
): readonly RegisterVerdict[] {
  const found: RegisterVerdict[] = [];
  for (const [register, own] of partitionByRegister(operations)) {
    const verdict = checkLinearizable(model, own, limit);
    if (verdict.kind !== 'linearizable') found.push({ register, verdict });
  }
  return found;
}

/** Checks the history of one register, in any order. `limit`: configurations to try before giving up. */
export function checkLinearizable<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly RecordedOperation<Input, Output>[],
  limit: number = configurationsMax,
): Verdict {
  const effective = operations.filter(({ outcome }) => outcome !== 'not-applied');
  const result = searchFor(model, effective, limit);
  if (result.kind === 'found') return { kind: 'linearizable' };
  if (result.kind === 'exhausted') {
    return { kind: 'undecided', message: tooAmbiguous(effective, limit) };
  }
  const message = `no order explains the answers: ${result.reason}`;
  const culprit = findFalseRefusal(model, operations, limit);
  return {
    kind: 'violation',
    message: culprit === undefined ? message : `${culprit} was called not applied, but ${message}`,
  };
}

function searchFor<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly RecordedOperation<Input, Output>[],
  limit: number,
): SearchResult {
  const isTraceless = model.isTraceless?.(operations) ?? (() => false);
  const required = operations.filter(({ outcome }) => outcome === 'ok');
  const optional = operations.filter(
    (operation) =>
      operation.outcome === 'unknown' &&
      !model.isReadOnly(operation.input) &&
      !isTraceless(operation),
  );
  return search(model, required, optional, limit);
}

/** Would the history be in order if one of the operations called not applied had been applied all the same? */
function findFalseRefusal<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly RecordedOperation<Input, Output>[],
  limit: number,
): string | undefined {
  const suspects = operations.filter(
    ({ outcome, input }) => outcome === 'not-applied' && !model.isReadOnly(input),
  );
  // Each suspect costs a search, and this only makes the message better.
  return suspects.slice(0, 20).find((suspect) => {
    const rest = operations.filter(({ outcome }) => outcome !== 'not-applied');
    const opened = { ...suspect, outcome: 'unknown' as const, returnedAt: Infinity };
    return searchFor(model, [...rest, opened], limit / 10).kind === 'found';
  })?.opId;
}

function tooAmbiguous(
  operations: readonly { readonly outcome: string; readonly register: string }[],
  limit: number,
): string {
  const open = operations.filter(({ outcome }) => outcome === 'unknown').length;
  return (
    `${operations[0]?.register ?? ''} is too ambiguous: ${limit} configurations of its ${operations.length} operations ` +
    `(${open} of unknown outcome) were tried. Spread the load over more registers, or use fewer clients per register`
  );
}
