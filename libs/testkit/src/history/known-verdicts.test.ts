// The checker on histories whose verdict is known: a checker that cannot fail proves nothing.
import { describe, expect, it } from 'vitest';
import { cellModel, type CellInput, type CellOutput } from './cell-model.ts';
import { checkHistory, checkLinearizable } from './check-linearizable.ts';
import { keyModel, outcomeOfAnswer, type KeyInput, type KeyOutput } from './key-model.ts';
import { listModel, type ListInput, type ListOutput } from './list-model.ts';
import type { RecordedOperation } from './operation.ts';

type Span = readonly [invokedAt: number, returnedAt: number];
const open = Number.POSITIVE_INFINITY;

function operation<Input, Output>(
  opId: string,
  [invokedAt, returnedAt]: Span,
  input: Input,
  output: Output,
): RecordedOperation<Input, Output> {
  const common = { opId, register: 'r', input, invokedAt, returnedAt };
  return returnedAt === open
    ? { ...common, outcome: 'unknown' }
    : { ...common, outcome: 'ok', output };
}

/** The service promised that it did nothing. */
function notApplied<Input, Output>(
  recorded: RecordedOperation<Input, Output>,
): RecordedOperation<Input, Output> {
  const { opId, register, input, invokedAt, returnedAt } = recorded;
  return { opId, register, input, invokedAt, returnedAt, outcome: 'not-applied' };
}

const swap = (opId: string, span: Span, expected: string | null, refusedBy?: string | null) =>
  operation<CellInput, CellOutput>(
    opId,
    span,
    { action: 'swap', expected, value: opId },
    { isSwapped: refusedBy === undefined, seen: refusedBy === undefined ? opId : refusedBy },
  );
const read = (opId: string, span: Span, seen: string | null) =>
  operation<CellInput, CellOutput>(opId, span, { action: 'read' }, { isSwapped: false, seen });
const append = (opId: string, span: Span, seen: string) =>
  operation<ListInput, ListOutput>(
    opId,
    span,
    { action: 'append', value: opId },
    { seen: Array.from(seen) },
  );
const look = (opId: string, span: Span, seen: string) =>
  operation<ListInput, ListOutput>(opId, span, { action: 'read' }, { seen: Array.from(seen) });

let keyOperations = 0;
/** `answer`: a status, a reason code, or what a success said. */
const key = (
  action: KeyInput['action'],
  span: Span,
  answer: number | string | Omit<KeyOutput, 'status'> = 200,
  input: Omit<KeyInput, 'action'> = {},
) =>
  operation<KeyInput, KeyOutput>(
    `${action}-${(keyOperations += 1)}`,
    span,
    { action, ...input },
    typeof answer === 'number'
      ? { status: answer }
      : typeof answer === 'string'
        ? { status: 409, code: answer }
        : { status: 200, ...answer },
  );
const conflict = 'KEY_ACTION_INVALID_STATE_ERR';
const absent = 'KEY_NOT_FOUND_ERR';
const gone = 'KEY_DELETED_ERR';

describe('a compare-and-swap cell', () => {
  const good = {
    'nothing at all': [],
    'a chain of swaps': [swap('a', [1, 2], null), swap('b', [3, 4], 'a'), read('r', [5, 6], 'b')],
    'a refused swap': [swap('a', [1, 2], null), swap('b', [3, 4], null, 'a')],
    'a race with one winner': [swap('a', [1, 4], null), swap('b', [2, 3], null, 'a')],
    'an unknown swap seen much later': [
      swap('a', [1, 2], null),
      swap('b', [3, open], 'a'),
      read('r', [4, 5], 'a'),
      read('s', [6, 7], 'b'),
    ],
    'an unknown swap that never happened': [
      swap('a', [1, open], null),
      swap('b', [2, 3], null),
      read('r', [4, 5], 'b'),
    ],
    'a read that overlaps a swap and sees the old value': [
      swap('a', [1, 4], null),
      read('r', [2, 3], null),
    ],
    'two reads that overlap a swap, one on each side of it': [
      swap('a', [1, 8], null),
      read('r', [2, 3], null),
      read('s', [4, 5], 'a'),
    ],
    'a return and a call at the same time, which count as overlapping': [
      swap('a', [1, 2], null),
      read('r', [2, 3], null),
    ],
    'a swap called not applied that nobody sees': [
      notApplied(swap('a', [1, 2], null)),
      read('r', [3, 4], null),
    ],
    'operations noted in another order than they were called': [
      read('r', [5, 6], 'b'),
      swap('b', [3, 4], 'a'),
      swap('a', [1, 2], null),
    ],
  };
  it.each(Object.entries(good))('passes %s', (_name, history) => {
    expect(checkLinearizable(cellModel, history)).toEqual({ kind: 'linearizable' });
  });

  const bad = {
    'two winners': [swap('a', [1, 4], null), swap('b', [2, 3], null)],
    'a lost update': [
      swap('a', [1, 2], null),
      swap('b', [3, 6], 'a'),
      swap('c', [4, 5], 'a'),
      read('r', [7, 8], 'c'),
    ],
    'a stale read': [swap('a', [1, 2], null), swap('b', [3, 4], 'a'), read('r', [5, 6], 'a')],
    'a read of nothing after a create': [swap('a', [1, 2], null), read('r', [3, 4], null)],
    'a read of a value that was never written': [swap('a', [1, 2], null), read('r', [3, 4], 'z')],
    'a read of a value that was refused': [
      swap('a', [1, 2], null),
      swap('b', [3, 4], null, 'a'),
      read('r', [5, 6], 'b'),
    ],
    'a refusal that no state explains': [swap('a', [1, 2], null), swap('b', [3, 4], 'a', 'a')],
    'a value that comes back': [
      swap('a', [1, 2], null),
      swap('b', [3, open], 'a'),
      read('r', [4, 5], 'b'),
      read('s', [6, 7], 'a'),
    ],
    'an unknown swap that took effect twice': [
      swap('a', [1, open], null),
      read('r', [2, 3], 'a'),
      swap('b', [4, 5], 'a'),
      read('s', [6, 7], 'a'),
    ],
    'an effect before its call': [read('r', [1, 2], 'a'), swap('a', [3, open], null)],
    'reads that overlap a swap and go back': [
      swap('a', [1, 8], null),
      read('r', [2, 3], 'a'),
      read('s', [4, 5], null),
    ],
    'a swap called not applied that shows': [
      notApplied(swap('a', [1, 2], null)),
      read('r', [3, 4], 'a'),
    ],
    // CASSANDRA-12126: a definitive negative, then the older half-made write appears.
    'a negative answer undone': [
      swap('a', [1, open], null),
      read('r', [2, 3], null),
      swap('c', [4, 5], 'x', null),
      read('s', [6, 7], 'a'),
      read('t', [8, 9], null),
    ],
  };
  it.each(Object.entries(bad))('catches %s', (_name, history) => {
    expect(checkLinearizable(cellModel, history)).toMatchObject({ kind: 'violation' });
  });

  it('names the operation that was called not applied', () => {
    const history = [
      swap('x', [1, 2], null),
      notApplied(swap('late', [3, 4], 'x')),
      notApplied(swap('other', [3, 4], 'x')),
      read('r', [5, 6], 'late'),
    ];
    const verdict = checkLinearizable(cellModel, history);
    expect(verdict.kind === 'violation' && verdict.message).toMatch(/^late was called not applied/);
  });

  it('says how far it got, and on what it stopped', () => {
    const history = [swap('a', [1, 2], null), read('stale', [3, 4], null)];
    expect(checkLinearizable(cellModel, history)).toEqual({
      kind: 'violation',
      message:
        'no order explains the answers: after 1 of 2 answers, in state "a", none of these leads on: ' +
        'stale {"action":"read"} -> {"isSwapped":false,"seen":null}',
    });
  });
});

describe('an append list', () => {
  const good = {
    'one after the other': [
      append('a', [1, 2], 'a'),
      append('b', [3, 4], 'ab'),
      look('r', [5, 6], 'ab'),
    ],
    'overlapping appends in either order': [append('a', [1, 4], 'ba'), append('b', [2, 3], 'b')],
    'an unknown append that shows late': [
      append('a', [1, open], ''),
      append('b', [2, 3], 'b'),
      look('r', [4, 5], 'ba'),
    ],
    'an unknown append that never shows': [append('a', [1, open], ''), append('b', [2, 3], 'b')],
  };
  it.each(Object.entries(good))('passes %s', (_name, history) => {
    expect(checkLinearizable(listModel, history)).toEqual({ kind: 'linearizable' });
  });

  const bad = {
    'a lost append': [append('a', [1, 2], 'a'), append('b', [3, 4], 'b')],
    'two forks': [append('a', [1, 4], 'a'), append('b', [2, 3], 'b')],
    'an append applied twice': [append('a', [1, 2], 'a'), append('b', [3, 4], 'aba')],
    'appends in another order than real time': [
      append('a', [1, 2], 'ba'),
      append('b', [3, 4], 'b'),
    ],
    'an id from nowhere': [look('r', [1, 2], 'z')],
  };
  it.each(Object.entries(bad))('catches %s', (_name, history) => {
    expect(checkLinearizable(listModel, history)).toMatchObject({ kind: 'violation' });
  });
});

describe('a key', () => {
  const good = {
    'a whole life': [
      key('metadata', [1, 2], absent),
      key('create', [3, 4], { versionId: 'v1', keyState: 1 }),
      key('wrap', [5, 6], { versionId: 'v1' }),
      key('rotate', [7, 8]),
      key('wrap', [9, 10], { versionId: 'v2' }),
      key('unwrap', [11, 12], { versionId: 'v1' }, { versionId: 'v1' }),
      key('versions', [13, 14], { versionCount: 2 }),
      key('disable', [15, 16]),
      key('wrap', [17, 18], conflict),
      key('metadata', [19, 20], { keyState: 2, versionId: 'v2' }),
      key('enable', [21, 22], 'REQ_TOO_EARLY_ERR'),
      key('enable', [23, 24]),
      key('delete', [25, 26]),
      key('unwrap', [27, 28], gone),
      key('metadata', [29, 30], { keyState: 5 }),
      key('restore', [31, 32]),
      key('wrap', [33, 34], { versionId: 'v2' }),
    ],
    'a wrap that overlaps the disable': [
      key('create', [1, 2]),
      key('disable', [3, 8]),
      key('wrap', [4, 5], conflict),
      key('wrap', [3, 7], { versionId: 'v1' }),
    ],
    'an unknown disable that holds from some moment on': [
      key('create', [1, 2]),
      key('disable', [3, open]),
      key('wrap', [4, 5]),
      key('wrap', [6, 7], conflict),
      key('wrap', [8, 9], conflict),
    ],
    'an unknown rotate that took effect, and one that did not': [
      key('create', [1, 2], { versionId: 'v1' }),
      key('rotate', [3, open]),
      key('rotate', [3, open]),
      key('wrap', [4, 5], { versionId: 'v1' }),
      key('wrap', [6, 7], { versionId: 'v2' }),
      key('wrap', [8, 9], { versionId: 'v2' }),
    ],
    'an unknown create that shows late': [
      key('create', [1, open]),
      key('metadata', [2, 3], absent),
      key('metadata', [4, 5], { keyState: 1 }),
    ],
    'an unknown create that never shows': [
      key('create', [1, open]),
      key('metadata', [2, 3], absent),
      key('wrap', [4, 5], absent),
    ],
    'a date that passes: wrap stops, unwrap does not': [
      key('create', [1, 2], 201, { canExpire: true }),
      key('wrap', [3, 4], { versionId: 'v1' }),
      key('wrap', [5, 6], conflict),
      key('unwrap', [7, 8], {}, { versionId: 'v1' }),
      key('metadata', [9, 10], { keyState: 3 }),
    ],
    'a refusal that has nothing to do with the state': [
      key('create', [1, 2]),
      key('disable', [3, 4], 'CONTENTION_ERR'),
      key('wrap', [5, 6]),
    ],
    'a rotate called not applied that nobody sees': [
      key('create', [1, 2], { versionId: 'v1' }),
      notApplied(key('rotate', [3, 4])),
      key('wrap', [5, 6], { versionId: 'v1' }),
    ],
    'a key disabled and enabled by somebody whose answers were lost': [
      key('create', [1, 2]),
      key('disable', [3, open]),
      key('enable', [4, open]),
      key('wrap', [5, 6], conflict),
      key('wrap', [7, 8]),
    ],
  };
  it.each(Object.entries(good))('passes %s', (_name, history) => {
    expect(checkLinearizable(keyModel, history)).toEqual({ kind: 'linearizable' });
  });

  const bad = {
    'a disabled key that still wraps': [
      key('create', [1, 2]),
      key('disable', [3, 4]),
      key('wrap', [5, 6]),
    ],
    'a disabled key that answers in one zone only': [
      key('create', [1, 2]),
      key('disable', [3, open]),
      key('wrap', [4, 5], conflict),
      key('wrap', [6, 7]),
    ],
    'a deleted key that comes back': [
      key('create', [1, 2]),
      key('delete', [3, 4]),
      key('metadata', [5, 6], { keyState: 1 }),
    ],
    'an acknowledged key that is lost': [key('create', [1, 2]), key('metadata', [3, 4], absent)],
    'a key seen before its create': [
      key('metadata', [1, 2], { keyState: 1 }),
      key('create', [3, open]),
    ],
    'one rotate applied twice': [
      key('create', [1, 2], { versionId: 'v1' }),
      key('rotate', [3, 4]),
      key('wrap', [5, 6], { versionId: 'v2' }),
      key('wrap', [7, 8], { versionId: 'v3' }),
    ],
    'one rotate that made two versions': [
      key('create', [1, 2]),
      key('rotate', [3, 4]),
      key('versions', [5, 6], { versionCount: 3 }),
    ],
    'an acknowledged rotate that is lost': [
      key('create', [1, 2], { versionId: 'v1' }),
      key('rotate', [3, 4]),
      key('wrap', [5, 6], { versionId: 'v1' }),
    ],
    'a version that comes back': [
      key('create', [1, 2], { versionId: 'v1' }),
      key('rotate', [3, open]),
      key('wrap', [4, 5], { versionId: 'v2' }),
      key('wrap', [6, 7], { versionId: 'v1' }),
    ],
    'a version that no longer unwraps': [
      key('create', [1, 2], { versionId: 'v1' }),
      key('rotate', [3, 4]),
      key('unwrap', [5, 6], 'UNPROCESSABLE_CIPHERTEXT_ERR', { versionId: 'v1' }),
    ],
    'an unwrap of a version that the key never had': [
      key('create', [1, 2], { versionId: 'v1' }),
      key('unwrap', [3, 4], { versionId: 'z' }, { versionId: 'z' }),
    ],
    'a conflict that no state explains': [key('create', [1, 2]), key('wrap', [3, 4], conflict)],
    'a wait demanded of a key that is not disabled': [
      key('create', [1, 2]),
      key('enable', [3, 4], 'REQ_TOO_EARLY_ERR'),
    ],
    'a rotate called not applied that shows': [
      key('create', [1, 2], { versionId: 'v1' }),
      notApplied(key('rotate', [3, 4])),
      key('wrap', [5, 6], { versionId: 'v2' }),
    ],
    'an expired key that wraps again': [
      key('create', [1, 2], 201, { canExpire: true }),
      key('wrap', [3, 4], conflict),
      key('wrap', [5, 6]),
    ],
    'a state that goes back': [
      key('create', [1, 2]),
      key('disable', [3, 10]),
      key('metadata', [4, 5], { keyState: 2 }),
      key('metadata', [6, 7], { keyState: 1 }),
    ],
    'a key that two clients made': [key('create', [1, 2]), key('create', [3, 4])],
    'one unknown disable that took effect twice': [
      key('create', [1, 2]),
      key('disable', [3, open]),
      key('metadata', [4, 5], { keyState: 2 }),
      key('enable', [6, 7]),
      key('metadata', [8, 9], { keyState: 2 }),
    ],
  };
  it.each(Object.entries(bad))('catches %s', (_name, history) => {
    expect(checkLinearizable(keyModel, history)).toMatchObject({ kind: 'violation' });
  });

  it.each([
    [undefined, undefined, 'unknown'],
    [409, 'OUTCOME_UNKNOWN_ERR', 'unknown'],
    [500, 'INTERNAL_ERR', 'unknown'],
    [503, 'SERVICE_UNAVAILABLE_ERR', 'not-applied'],
    [409, conflict, 'ok'],
    [201, undefined, 'ok'],
  ] as const)('counts status %s %s as %s', (status, code, outcome) => {
    expect(outcomeOfAnswer(status, code)).toBe(outcome);
  });
});

describe('a history of several registers', () => {
  it('is judged register by register', () => {
    const history = [
      swap('a', [1, 2], null),
      { ...read('r', [3, 4], null), register: 'sound' },
      { ...swap('b', [1, 2], null), register: 'broken' },
      { ...read('s', [3, 4], null), register: 'broken' },
    ];
    expect(checkHistory(cellModel, history).map(({ register }) => register)).toEqual(['broken']);
  });
});
