// Linearizability of a compare-and-swap register: the search of Wing and Gong with Lowe's memory of visited
// configurations ("Testing for linearizability", 2017). One register, unique values, open operations stay open for ever.
import type { RegisterOperation } from './history.ts';

interface Step {
  readonly operation: RegisterOperation;
  /** The state after it, or undefined when it is impossible on `state`. `null` is a state: nothing written. */
  apply(state: string | null): string | null | undefined;
}

/** More would make the search too long for a test; histories are cut to fit by their author. */
const operationsMax = 2_000;

function stepOf(operation: RegisterOperation): Step {
  if (operation.kind === 'read') {
    return { operation, apply: (state) => (state === operation.seen ? state : undefined) };
  }
  const { opId, expected, outcome, isSwapped, seen } = operation;
  if (outcome === 'ok' && !isSwapped) {
    return {
      operation,
      apply: (state) => (state === seen && state !== expected ? state : undefined),
    };
  }
  return { operation, apply: (state) => (state === expected ? opId : undefined) };
}

/** An open swap whose value nobody ever saw or expected may be left out: applied, it could only stand last. */
function isRelevant(operation: RegisterOperation, seen: ReadonlySet<string | null>): boolean {
  if (operation.outcome === 'ok') return true;
  if (operation.outcome === 'not-applied' || operation.kind === 'read') return false;
  return seen.has(operation.opId);
}

/** The violation as a sentence; undefined when the history is linearizable. */
export function checkRegister(operations: readonly RegisterOperation[]): string | undefined {
  if (operations.length > operationsMax) throw new Error('history too long for this checker');
  const known = new Set<string | null>();
  for (const operation of operations) {
    if (operation.kind === 'cas') known.add(operation.expected);
    if (operation.outcome === 'ok') known.add(operation.seen);
  }
  const refused = operations.find(
    ({ kind, outcome, opId }) =>
      kind === 'cas' && outcome === 'not-applied' && wasSeen(operations, opId),
  );
  if (refused !== undefined) return `${refused.opId} was called not applied, but was seen`;
  const steps = operations.filter((operation) => isRelevant(operation, known)).map(stepOf);
  return search(steps);
}

function wasSeen(operations: readonly RegisterOperation[], value: string): boolean {
  return operations.some(({ outcome, seen }) => outcome === 'ok' && seen === value);
}

interface Frame {
  readonly state: string | null;
  /** Steps that may come next, and which of them to try. */
  readonly candidates: readonly number[];
  next: number;
  /** The step taken to get here. */
  readonly taken: number;
}

function search(steps: readonly Step[]): string | undefined {
  const done = new Uint8Array(steps.length);
  const visited = new Set<string>();
  let mustDo = steps.filter(
    ({ operation }) => operation.returnedAt !== Number.POSITIVE_INFINITY,
  ).length;
  let furthest = { depth: -1, reason: '' };
  const stack: Frame[] = [
    { state: null, candidates: candidatesOf(steps, done), next: 0, taken: -1 },
  ];
  while (stack.length > 0) {
    const frame = stack[stack.length - 1]!;
    if (mustDo === 0) return undefined;
    if (stack.length > furthest.depth) {
      const blocked = frame.candidates.map((index) => steps[index]!.operation.opId).join(', ');
      furthest = {
        depth: stack.length,
        reason: `in state ${frame.state} none of ${blocked} leads on`,
      };
    }
    const index = frame.candidates[frame.next];
    if (index === undefined) {
      stack.pop();
      if (frame.taken >= 0) {
        done[frame.taken] = 0;
        if (steps[frame.taken]!.operation.returnedAt !== Number.POSITIVE_INFINITY) mustDo += 1;
      }
      continue;
    }
    frame.next += 1;
    const step = steps[index]!;
    const state = step.apply(frame.state);
    if (state === undefined) continue;
    done[index] = 1;
    const key = `${packed(done)} ${state}`;
    if (visited.has(key)) {
      done[index] = 0;
      continue;
    }
    visited.add(key);
    if (step.operation.returnedAt !== Number.POSITIVE_INFINITY) mustDo -= 1;
    stack.push({ state, candidates: candidatesOf(steps, done), next: 0, taken: index });
  }
  return `no order explains the answers: ${furthest.reason}`;
}

/** Steps not yet taken that began before every other untaken step returned. In order of their calls. */
function candidatesOf(steps: readonly Step[], done: Uint8Array): readonly number[] {
  let firstReturn = Number.POSITIVE_INFINITY;
  const candidates: number[] = [];
  // Operations are recorded in the order of their calls, so nothing after a later call can matter.
  for (let index = 0; index < steps.length; index += 1) {
    if (done[index] === 1) continue;
    const { invokedAt, returnedAt } = steps[index]!.operation;
    if (invokedAt > firstReturn) break;
    candidates.push(index);
    if (returnedAt < firstReturn) firstReturn = returnedAt;
  }
  return candidates;
}

function packed(done: Uint8Array): string {
  let text = '';
  for (let at = 0; at < done.length; at += 16) {
    let bits = 0;
    for (let bit = 0; bit < 16; bit += 1) bits |= (done[at + bit] ?? 0) << bit;
    text += String.fromCharCode(bits);
  }
  return text;
}
