// The search of Wing and Gong for an order that explains all answers, with Lowe's memory of visited configurations
// ("Testing for linearizability", 2017). One register. Iterative: a history may be longer than the stack is deep.
//
// A configuration is which operations are placed, and the state. Required operations (answered ones) are placed in some
// order that respects real time; optional ones (unknown outcome) at any time after their call, or never. Three rules keep
// the orders from multiplying, and none loses one: an answer that fits and changes nothing is placed at once, without
// another try; an optional one that would change nothing is not placed; of optional ones with equal inputs the one called
// first is placed first, as it could stand wherever the other does.
import type { Model } from './model.ts';
import type { RecordedOperation } from './operation.ts';

/** `failed`: nothing explains the answers. `exhausted`: `limit` configurations were not enough to say. */
export type SearchResult =
  | { readonly kind: 'found' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'exhausted' };

type Operation<Input, Output> = RecordedOperation<Input, Output>;

interface Frame<State> {
  readonly state: State;
  readonly stateId: number;
  readonly candidates: readonly Candidate[];
  next: number;
  readonly taken: Candidate | undefined;
  /** `Placed.low` before `taken` was placed. */
  readonly lowBefore: number;
}

/** An index into the required operations, or of a class of optional ones. */
interface Candidate {
  readonly isOptional: boolean;
  readonly index: number;
}

/** Looks for an order of all `required` and any of the `optional` operations that the model allows. */
export function search<State, Input, Output>(
  model: Model<State, Input, Output>,
  required: readonly Operation<Input, Output>[],
  optional: readonly Operation<Input, Output>[],
  limit: number,
): SearchResult {
  const placed = new Placed(required, optional);
  const visited = new Set<string>();
  let furthest = { count: -1, state: model.initial, candidates: [] as readonly Candidate[] };
  // Keys can be long, and there are far fewer states than configurations.
  const stateIds = new Map<string, number>();
  const idOf = (state: State): number => {
    const key = model.keyOf(state);
    const id = stateIds.get(key) ?? stateIds.size;
    stateIds.set(key, id);
    return id;
  };
  const apply = (state: State, candidate: Candidate): State | undefined => {
    const { input, output, register } = placed.operation(candidate);
    return model.apply(state, input, output, register);
  };
  const frameOf = (
    state: State,
    stateId: number,
    taken: Candidate | undefined,
    lowBefore: number,
  ): Frame<State> => {
    const all = placed.candidates();
    if (placed.count > furthest.count) furthest = { count: placed.count, state, candidates: all };
    const still = all.find((candidate) => {
      if (candidate.isOptional) return false;
      const next = apply(state, candidate);
      return next !== undefined && (next === state || idOf(next) === stateId);
    });
    const candidates = still === undefined ? all : [still];
    return { state, stateId, candidates, next: 0, taken, lowBefore };
  };
  const stack: Frame<State>[] = [frameOf(model.initial, idOf(model.initial), undefined, 0)];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    if (placed.isComplete()) return { kind: 'found' };
    const candidate = frame.candidates[frame.next];
    if (candidate === undefined) {
      stack.pop();
      if (frame.taken !== undefined) placed.remove(frame.taken, frame.lowBefore);
      continue;
    }
    frame.next += 1;
    const state = apply(frame.state, candidate);
    if (state === undefined) continue;
    const stateId = state === frame.state ? frame.stateId : idOf(state);
    if (candidate.isOptional && stateId === frame.stateId) continue;
    const lowBefore = placed.low;
    placed.add(candidate);
    const key = `${placed.key()}|${stateId}`;
    if (visited.has(key)) {
      placed.remove(candidate, lowBefore);
      continue;
    }
    if (visited.size >= limit) return { kind: 'exhausted' };
    visited.add(key);
    stack.push(frameOf(state, stateId, candidate, lowBefore));
  }
  return { kind: 'failed', reason: describe(model, placed, furthest) };
}

function describe<State, Input, Output>(
  model: Model<State, Input, Output>,
  placed: Placed<Input, Output>,
  furthest: {
    readonly count: number;
    readonly state: State;
    readonly candidates: readonly Candidate[];
  },
): string {
  const { count, state, candidates } = furthest;
  const blocked = candidates
    .filter(({ isOptional }) => !isOptional)
    .slice(0, 5)
    .map((candidate) => {
      const { opId, input, output } = placed.operation(candidate);
      return `${opId} ${JSON.stringify(input)} -> ${JSON.stringify(output)}`;
    });
  return (
    `after ${count} of ${placed.requiredCount} answers, in state ${model.keyOf(state).slice(0, 200)}, ` +
    `none of these leads on: ${blocked.join('; ')}`
  );
}

/** Which operations have a place. */
class Placed<Input, Output> {
  readonly #required: readonly Operation<Input, Output>[];
  /** Optional operations of equal input, by the time of their call. */
  readonly #classes: readonly (readonly Operation<Input, Output>[])[];
  readonly #isPlaced: Uint8Array;
  /** How many of each class. */
  readonly #taken: Uint32Array;
  /** All required operations before this one are placed. */
  low = 0;
  /** Required operations that are placed. */
  count = 0;

  constructor(
    required: readonly Operation<Input, Output>[],
    optional: readonly Operation<Input, Output>[],
  ) {
    const byCall = (left: { invokedAt: number }, right: { invokedAt: number }): number =>
      left.invokedAt - right.invokedAt;
    this.#required = required.toSorted(byCall);
    const classes = Map.groupBy(optional.toSorted(byCall), ({ input }) => JSON.stringify(input));
    this.#classes = [...classes.values()];
    this.#isPlaced = new Uint8Array(required.length);
    this.#taken = new Uint32Array(this.#classes.length);
  }

  get requiredCount(): number {
    return this.#required.length;
  }

  isComplete(): boolean {
    return this.count === this.#required.length;
  }

  operation({ isOptional, index }: Candidate): Operation<Input, Output> {
    return isOptional ? this.#classes[index]![this.#taken[index]!]! : this.#required[index]!;
  }

  add({ isOptional, index }: Candidate): void {
    if (isOptional) {
      this.#taken[index]! += 1;
      return;
    }
    this.#isPlaced[index] = 1;
    this.count += 1;
    while (this.#isPlaced[this.low] === 1) this.low += 1;
  }

  remove({ isOptional, index }: Candidate, lowBefore: number): void {
    if (isOptional) {
      this.#taken[index]! -= 1;
      return;
    }
    this.#isPlaced[index] = 0;
    this.count -= 1;
    this.low = lowBefore;
  }

  /** Whatever was called before every unplaced required operation returned. Answers first: they prune most. */
  candidates(): readonly Candidate[] {
    const required: { readonly isOptional: false; index: number; returnedAt: number }[] = [];
    let firstReturn = Number.POSITIVE_INFINITY;
    for (let index = this.low; index < this.#required.length; index += 1) {
      if (this.#isPlaced[index] === 1) continue;
      const { invokedAt, returnedAt } = this.#required[index]!;
      // Sorted by call: nothing after it can come next either.
      if (invokedAt > firstReturn) break;
      required.push({ isOptional: false, index, returnedAt });
      if (returnedAt < firstReturn) firstReturn = returnedAt;
    }
    required.sort((left, right) => left.returnedAt - right.returnedAt);
    const optional: Candidate[] = [];
    for (let index = 0; index < this.#classes.length; index += 1) {
      const next = this.#classes[index]![this.#taken[index]!];
      if (next !== undefined && next.invokedAt <= firstReturn) {
        optional.push({ isOptional: true, index });
      }
    }
    return [...required, ...optional];
  }

  /** Equal exactly when the same operations are placed. */
  key(): string {
    // Beyond `low` only the few that overlap it can be placed.
    const ahead: number[] = [];
    const left = this.count - this.low;
    for (let index = this.low + 1; ahead.length < left; index += 1) {
      if (this.#isPlaced[index] === 1) ahead.push(index);
    }
    return `${this.low}:${ahead.join(',')}:${takenKey(this.#taken)}`;
  }
}

function takenKey(taken: Uint32Array): string {
  let key = '';
  for (let index = 0; index < taken.length; index += 1) {
    if (taken[index] !== 0) key += `${index}x${taken[index]} `;
  }
  return key;
}
