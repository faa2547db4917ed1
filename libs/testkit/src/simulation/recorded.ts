// What the simulator's clients saw, in the form of ../history: for its checker, and for files that others can check.
import type { CellInput, CellOutput } from '../history/cell-model.ts';
import type { ListInput, ListOutput } from '../history/list-model.ts';
import type { RecordedOperation } from '../history/operation.ts';
import type { AnyOperation, ListOperation, Operation, RegisterOperation } from './history.ts';

/** Still open at the end of a run is as good as unknown. */
function recorded<Input, Output>(
  operation: Operation,
  input: Input,
  output: Output,
): RecordedOperation<Input, Output> {
  const { opId, register, invokedAt, returnedAt, outcome } = operation;
  const common = { opId, register, input, invokedAt };
  if (outcome === 'ok') return { ...common, returnedAt, outcome, output };
  if (outcome === 'not-applied') return { ...common, returnedAt, outcome };
  return { ...common, returnedAt: Number.POSITIVE_INFINITY, outcome: 'unknown' };
}

/** A swap or a read of a cell. */
export function recordedCell(
  operation: RegisterOperation,
): RecordedOperation<CellInput, CellOutput> {
  const { kind, opId, seen } = operation;
  if (kind === 'read') return recorded(operation, { action: 'read' }, { isSwapped: false, seen });
  const { expected, isSwapped } = operation;
  return recorded(operation, { action: 'swap', expected, value: opId }, { isSwapped, seen });
}

/**
 * An append or a read of a list. An append whose answer holds ids behind its own has appended first and read later, so it
 * becomes two operations of the same span.
 */
export function recordedList(
  operation: ListOperation,
): readonly RecordedOperation<ListInput, ListOutput>[] {
  const { kind, opId, outcome, seen } = operation;
  const read = recorded<ListInput, ListOutput>(operation, { action: 'read' }, { seen });
  if (kind === 'list-read') return [read];
  const place = seen.indexOf(opId) + 1;
  const hasReadMore = outcome === 'ok' && place > 0 && place < seen.length;
  const own = hasReadMore ? seen.slice(0, place) : seen;
  const append = recorded<ListInput, ListOutput>(
    operation,
    { action: 'append', value: opId },
    { seen: own },
  );
  return hasReadMore ? [append, { ...read, opId: `${opId}/read` }] : [append];
}

/** A whole history of a simulation, cells and lists alike: for files. */
export function recordedHistory(
  operations: readonly AnyOperation[],
): readonly RecordedOperation<CellInput | ListInput, CellOutput | ListOutput>[] {
  return operations.flatMap<RecordedOperation<CellInput | ListInput, CellOutput | ListOutput>>(
    (operation) =>
      operation.kind === 'append' || operation.kind === 'list-read'
        ? recordedList(operation)
        : [recordedCell(operation)],
  );
}
