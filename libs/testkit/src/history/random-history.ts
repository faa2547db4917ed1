// Histories made up for tests of the checker. A machine answers operations one at a time; the histories put them side by
// side, lose answers, and may lie. Only tests import this.
import type { SeededRandom } from '@zonehold/primitives';
import type { CellInput, CellOutput } from './cell-model.ts';
import type { KeyInput, KeyOutput } from './key-model.ts';
import { keyRules, type KeyModelAction, type KeyModelState } from './key-rules.ts';
import type { ListInput, ListOutput } from './list-model.ts';
import type { RecordedOperation, RecordedOutcome } from './operation.ts';

/** Something that answers. Not a model: it gives the one answer instead of judging a given one. */
export interface Machine<State, Input, Output> {
  readonly initial: State;
  run(state: State, input: Input, opId: string): { readonly state: State; readonly output: Output };
  /** Some input; the number chooses. */
  inputOf(choice: number, opId: string): Input;
  /** Another answer than `output`; the number chooses. */
  corrupt(output: Output, choice: number): Output;
}

const nameOf = (choice: number): string | null => (choice === 0 ? null : `op-${choice - 1}`);

export const cellMachine: Machine<string | null, CellInput, CellOutput> = {
  initial: null,
  run: (state, input) => {
    if (input.action === 'read') return { state, output: { isSwapped: false, seen: state } };
    return state === input.expected
      ? { state: input.value, output: { isSwapped: true, seen: input.value } }
      : { state, output: { isSwapped: false, seen: state } };
  },
  inputOf: (choice, opId) =>
    choice % 3 === 0
      ? { action: 'read' }
      : { action: 'swap', expected: nameOf(choice % 4), value: opId },
  corrupt: (output, choice) =>
    choice % 2 === 0
      ? { ...output, seen: nameOf(choice % 5) }
      : { ...output, isSwapped: !output.isSwapped },
};

export const listMachine: Machine<readonly string[], ListInput, ListOutput> = {
  initial: [],
  run: (state, input) => {
    const seen = input.action === 'read' ? state : [...state, input.value];
    return { state: seen, output: { seen } };
  },
  inputOf: (choice, opId) =>
    choice % 3 === 0 ? { action: 'read' } : { action: 'append', value: opId },
  corrupt: ({ seen }, choice) => {
    const at = choice % (seen.length + 1);
    const without = seen.toSpliced(at, 1);
    return [
      { seen: without },
      { seen: seen.toSpliced(at, 0, nameOf(1 + (choice % 5)) ?? '') },
      { seen: seen.toReversed() },
    ][choice % 3]!;
  },
};

interface MachineKey {
  readonly state: KeyModelState | null;
  readonly versions: readonly string[];
}

const refusals = {
  conflict: { status: 409, code: 'KEY_ACTION_INVALID_STATE_ERR' },
  gone: { status: 410, code: 'KEY_DELETED_ERR' },
} as const;
const stateAfter: Partial<Record<KeyModelAction, KeyModelState>> = {
  disable: 2,
  enable: 1,
  delete: 5,
  restore: 1,
};
/** Mostly use, sometimes change. */
const keyChoices: readonly KeyModelAction[] = [
  'wrap',
  'metadata',
  'unwrap',
  'disable',
  'enable',
  'wrap',
  'rotate',
  'versions',
  'delete',
  'restore',
];

/** A key that exists from the start of `concurrentRun` on; for others, `create` is one choice more. */
export const keyMachine: Machine<MachineKey, KeyInput, KeyOutput> = {
  initial: { state: null, versions: [] },
  run: (key, { action }, opId) => {
    if (key.state === null) {
      return action === 'create'
        ? { state: { state: 1, versions: [opId] }, output: { status: 201, versionId: opId } }
        : { state: key, output: { status: 404, code: 'KEY_NOT_FOUND_ERR' } };
    }
    if (action === 'create') return { state: key, output: { status: 409, code: 'CONTENTION_ERR' } };
    const rule = keyRules[action][key.state];
    if (rule !== 'ok') return { state: key, output: refusals[rule] };
    const versions = action === 'rotate' ? [opId, ...key.versions] : key.versions;
    const next = { state: stateAfter[action] ?? key.state, versions };
    return { state: next, output: keyAnswer(action, next) };
  },
  inputOf: (choice) => ({ action: ['create' as const, ...keyChoices][choice % 11]! }),
  corrupt: (output, choice) =>
    [
      refusals.conflict,
      refusals.gone,
      { status: 404, code: 'KEY_NOT_FOUND_ERR' },
      { status: 200 },
      { ...output, versionId: nameOf(1 + (choice % 3)) ?? '' },
    ][choice % 5]!,
};

function keyAnswer(action: KeyModelAction, { state, versions }: MachineKey): KeyOutput {
  const versionId = versions[0]!;
  if (action === 'wrap') return { status: 200, versionId };
  if (action === 'metadata' && state !== null) return { status: 200, versionId, keyState: state };
  if (action === 'versions') return { status: 200, versionCount: versions.length };
  return { status: 200 };
}

/** One operation to be: when it is called, takes effect and returns, and what a client learns of it. */
export interface Draft {
  readonly choice: number;
  readonly invokedAt: number;
  readonly effectAfter: number;
  readonly answerAfter: number;
  readonly outcome: RecordedOutcome;
  /** Of an operation that is not `ok`: whether it took effect all the same. */
  readonly isEffective: boolean;
  /** A lie about the answer. */
  readonly corruption: number | undefined;
}

/** The history of these operations on one register. Without corruption and effective not-applied ones: linearizable. */
export function historyOf<State, Input, Output>(
  machine: Machine<State, Input, Output>,
  drafts: readonly Draft[],
): readonly RecordedOperation<Input, Output>[] {
  const named = drafts.map((draft, index) => ({
    draft,
    opId: `op-${index}`,
    effectAt: draft.invokedAt + draft.effectAfter,
    index,
  }));
  const operations: RecordedOperation<Input, Output>[] = [];
  let state = machine.initial;
  for (const { draft, opId, effectAt, index } of named.toSorted(
    (left, right) => left.effectAt - right.effectAt,
  )) {
    const { choice, invokedAt, answerAfter, outcome, isEffective, corruption } = draft;
    const input = machine.inputOf(choice, opId);
    const common = { opId, register: 'r', input, invokedAt };
    const answer = machine.run(state, input, opId);
    if (outcome === 'ok' || isEffective) state = answer.state;
    if (outcome === 'unknown') {
      operations[index] = { ...common, returnedAt: Number.POSITIVE_INFINITY, outcome };
      continue;
    }
    const returnedAt = effectAt + answerAfter;
    const output =
      corruption === undefined ? answer.output : machine.corrupt(answer.output, corruption);
    operations[index] =
      outcome === 'ok'
        ? { ...common, returnedAt, outcome, output }
        : { ...common, returnedAt, outcome };
  }
  return operations;
}

/** Some clients, each calling one operation after the other: linearizable, and like a recording of a real service. */
export function concurrentRun<State, Input, Output>(
  machine: Machine<State, Input, Output>,
  random: SeededRandom,
  options: {
    readonly register: string;
    readonly operationCount: number;
    readonly clientCount: number;
    readonly unknownChance: number;
  },
): readonly RecordedOperation<Input, Output>[] {
  const { register, operationCount, clientCount, unknownChance } = options;
  const freeAt = new Array<number>(clientCount).fill(10);
  const drafts: Draft[] = [];
  for (let index = 0; index < operationCount; index += 1) {
    // The first one alone: a create.
    const client = index % clientCount;
    const invokedAt = index === 0 ? 0 : freeAt[client]! + 1 + random.below(20);
    const effectAfter = 1 + random.below(5);
    const answerAfter = 1 + random.below(5);
    const outcome = index > 0 && random.unit() < unknownChance ? 'unknown' : 'ok';
    const choice = index === 0 ? 0 : random.below(1_000);
    freeAt[client] = Math.max(freeAt[client]!, invokedAt + effectAfter + answerAfter);
    const isEffective = random.unit() < 0.5;
    const corruption = undefined;
    drafts.push({
      choice,
      invokedAt,
      effectAfter,
      answerAfter,
      outcome,
      isEffective,
      corruption,
    });
  }
  return historyOf(machine, drafts).map((operation) => ({
    ...operation,
    opId: `${register}/${operation.opId}`,
    register,
  }));
}
