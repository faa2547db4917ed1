// Histories as text: one JSON object per line, or one JSON array. The format is in README.md. Pure: who reads and
// writes files is somebody else.
import { assert } from '@zonehold/primitives';
import type { Json, RecordedOperation, RecordedOutcome } from './operation.ts';

/** More is no history of a test. */
export const historyOperationsMax = 1_000_000;

/** Read, or the first thing that is wrong and where (lines or elements, from 1). */
export type ReadHistory =
  | { readonly ok: true; readonly operations: readonly RecordedOperation[] }
  | { readonly ok: false; readonly at: number; readonly problem: string };

const members: ReadonlySet<string> = new Set([
  'operation',
  'register',
  'input',
  'output',
  'invoke',
  'return',
  'outcome',
]);
const outcomes: ReadonlySet<string> = new Set<RecordedOutcome>(['ok', 'not-applied', 'unknown']);

/** One line per operation, in the order given, each with its newline. What could not be read again is a bug of the caller. */
export function writeHistory(operations: readonly RecordedOperation<unknown, unknown>[]): string {
  return operations.map((operation) => `${JSON.stringify(lineOf(operation))}\n`).join('');
}

function lineOf(operation: RecordedOperation<unknown, unknown>): unknown {
  const { opId, register, input, output, invokedAt, returnedAt, outcome } = operation;
  const line = {
    operation: opId,
    register,
    input,
    ...(output === undefined ? {} : { output }),
    invoke: invokedAt,
    return: Number.isFinite(returnedAt) ? returnedAt : null,
    outcome,
  };
  assert(problemOf(line) === undefined, `${opId} cannot be written: ${problemOf(line) ?? ''}`);
  return line;
}

/** Takes back what `writeHistory` wrote, and the same as one JSON array. Unknown members are refused. */
export function readHistory(text: string): ReadHistory {
  const parsed = text.trimStart().startsWith('[') ? parseArray(text) : parseLines(text);
  if (!parsed.ok) return parsed;
  if (parsed.entries.length > historyOperationsMax) {
    return problemAt(historyOperationsMax + 1, `more than ${historyOperationsMax} operations`);
  }
  const operations: RecordedOperation[] = [];
  const opIds = new Set<string>();
  for (const [index, { entry, at }] of parsed.entries.entries()) {
    const problem = problemOf(entry);
    if (problem !== undefined) return problemAt(at, problem);
    const operation = operationOf(entry as Line);
    if (opIds.has(operation.opId)) return problemAt(at, `a second ${operation.opId}`);
    opIds.add(operation.opId);
    operations[index] = operation;
  }
  return { ok: true, operations };
}

interface Entry {
  readonly entry: unknown;
  readonly at: number;
}
type Parsed =
  | { readonly ok: true; readonly entries: readonly Entry[] }
  | Extract<ReadHistory, { readonly ok: false }>;

function problemAt(at: number, problem: string): Extract<ReadHistory, { readonly ok: false }> {
  return { ok: false, at, problem };
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function parseArray(text: string): Parsed {
  const parsed = parseJson(text);
  if (!Array.isArray(parsed?.value)) return problemAt(1, 'no JSON array');
  return { ok: true, entries: parsed.value.map((entry, index) => ({ entry, at: index + 1 })) };
}

function parseLines(text: string): Parsed {
  const entries: Entry[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const parsed = parseJson(line);
    if (parsed === undefined) return problemAt(index + 1, 'no JSON');
    entries.push({ entry: parsed.value, at: index + 1 });
  }
  return { ok: true, entries };
}

interface Line {
  readonly operation: string;
  readonly register: string;
  readonly input: Json;
  readonly output?: Json;
  readonly invoke: number;
  readonly return: number | null;
  readonly outcome: RecordedOutcome;
}

function problemOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'no object';
  const line = entry as Readonly<Record<string, unknown>>;
  const stranger = Object.keys(line).find((member) => !members.has(member));
  if (stranger !== undefined) return `an unknown member: ${stranger}`;
  const { outcome, return: returned } = line;
  const invoke = line['invoke'] as number;
  if (!isName(line['operation'])) return 'operation must be a text that is not empty';
  if (!isName(line['register'])) return 'register must be a text that is not empty';
  if (!('input' in line)) return 'input is missing';
  if (typeof outcome !== 'string' || !outcomes.has(outcome)) {
    return 'outcome must be ok, not-applied or unknown';
  }
  if ('output' in line !== (outcome === 'ok')) return 'output must be there exactly with ok';
  if (!Number.isFinite(invoke)) return 'invoke must be a number';
  if (outcome === 'unknown') return returned === null ? undefined : 'an unknown one has no return';
  if (typeof returned !== 'number') return 'return must be a number';
  return returned >= invoke ? undefined : 'return must not be before invoke';
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function operationOf(line: Line): RecordedOperation {
  return {
    opId: line.operation,
    register: line.register,
    input: line.input,
    ...(line.output === undefined ? {} : { output: line.output }),
    invokedAt: line.invoke,
    returnedAt: line.return ?? Number.POSITIVE_INFINITY,
    outcome: line.outcome,
  };
}
