// The search against brute force: every order of every choice of the open operations, on random small histories.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAppends } from '../simulation/check-append.ts';
import type { ListOperation } from '../simulation/history.ts';
import { recordedList } from '../simulation/recorded.ts';
import { cellModel } from './cell-model.ts';
import { checkLinearizable } from './check-linearizable.ts';
import { keyModel } from './key-model.ts';
import { listModel, type ListInput, type ListOutput } from './list-model.ts';
import type { Model } from './model.ts';
import type { RecordedOperation } from './operation.ts';
import {
  cellMachine,
  historyOf,
  keyMachine,
  listMachine,
  type Draft,
  type Machine,
} from './random-history.ts';

const draft: fc.Arbitrary<Draft> = fc.record({
  choice: fc.nat(1_000),
  invokedAt: fc.nat(12),
  effectAfter: fc.nat(6),
  answerAfter: fc.nat(3),
  outcome: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'unknown', 'unknown', 'not-applied'),
  isEffective: fc.boolean(),
  corruption: fc.option(fc.nat(1_000), { nil: undefined, freq: 7 }),
});
const drafts = fc.array(draft, { maxLength: 7 });

/** Without memory, candidates or classes: the definition itself. */
function isLinearizable<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly RecordedOperation<Input, Output>[],
): boolean {
  const goesOn = (state: State, left: readonly RecordedOperation<Input, Output>[]): boolean =>
    left.every(({ outcome }) => outcome === 'unknown') ||
    left.some((next) => {
      if (left.some(({ returnedAt }) => returnedAt < next.invokedAt)) return false;
      const { input, output, register } = next;
      const after = model.apply(state, input, output, register);
      return (
        after !== undefined &&
        goesOn(
          after,
          left.filter((other) => other !== next),
        )
      );
    });
  return goesOn(
    model.initial,
    operations.filter(({ outcome }) => outcome !== 'not-applied'),
  );
}

function agreesWithBruteForce<State, MachineState, Input, Output>(
  model: Model<State, Input, Output>,
  machine: Machine<MachineState, Input, Output>,
): void {
  const counts = { linearizable: 0, violation: 0, undecided: 0 };
  fc.assert(
    fc.property(drafts, (drafted) => {
      const history = historyOf(machine, drafted);
      const { kind } = checkLinearizable(model, history);
      counts[kind] += 1;
      expect(kind).toBe(isLinearizable(model, history) ? 'linearizable' : 'violation');
    }),
    { numRuns: 3_000 },
  );
  // Both verdicts are common, else the agreement says little.
  expect(counts.linearizable).toBeGreaterThan(300);
  expect(counts.violation).toBeGreaterThan(300);
}

describe('the search agrees with brute force', { timeout: 30_000 }, () => {
  it('on cells', () => agreesWithBruteForce(cellModel, cellMachine));
  it('on lists', () => agreesWithBruteForce(listModel, listMachine));
  it('on keys', () => agreesWithBruteForce(keyModel, keyMachine));
});

/** As the simulator records it. */
function asSimulated(operation: RecordedOperation<ListInput, ListOutput>): ListOperation {
  const { opId, register, invokedAt, returnedAt, outcome, input, output } = operation;
  const kind = input.action === 'append' ? 'append' : 'list-read';
  return { kind, opId, register, invokedAt, returnedAt, outcome, seen: output?.seen ?? [] };
}

describe('the fast checker of append lists', { timeout: 30_000 }, () => {
  it('gives the same verdict as the search', () => {
    const counts = { linearizable: 0, violation: 0, undecided: 0 };
    fc.assert(
      fc.property(drafts, fc.nat(6), (drafted, longer) => {
        const simulated = historyOf(listMachine, drafted).map(asSimulated);
        // One answer shows what came after, as that of an append which found itself applied.
        const longest = simulated.reduce<readonly string[]>(
          (best, { seen }) => (seen.length > best.length ? seen : best),
          [],
        );
        const extended = simulated[longer];
        if (extended?.kind === 'append' && extended.outcome === 'ok') extended.seen = longest;
        const { kind } = checkLinearizable(listModel, simulated.flatMap(recordedList));
        counts[kind] += 1;
        expect(checkAppends(simulated) === undefined ? 'linearizable' : 'violation').toBe(kind);
      }),
      { numRuns: 3_000 },
    );
    expect(counts.linearizable).toBeGreaterThan(300);
    expect(counts.violation).toBeGreaterThan(300);
  });
});
