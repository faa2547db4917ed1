// Histories survive being written and read, and nothing else is taken for one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHistory, writeHistory } from './history-file.ts';
import type { Json, RecordedOperation } from './operation.ts';

// Negative zero is the one number that JSON does not keep.
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
const time = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }).map((value) => value + 0);
const operation: fc.Arbitrary<RecordedOperation> = fc
  .record({
    opId: fc.string({ minLength: 1 }),
    register: fc.string({ minLength: 1, unit: 'binary' }),
    input: json,
    output: json,
    times: fc.tuple(time, time),
    outcome: fc.constantFrom('ok', 'not-applied', 'unknown'),
  })
  .map(({ opId, register, input, output, times: [first, second], outcome }) => {
    const common = { opId, register, input, invokedAt: Math.min(first, second) };
    if (outcome === 'unknown') return { ...common, returnedAt: Infinity, outcome };
    const returnedAt = Math.max(first, second);
    return outcome === 'ok'
      ? { ...common, returnedAt, outcome, output }
      : { ...common, returnedAt, outcome };
  });
const history = fc.uniqueArray(operation, { selector: ({ opId }) => opId, maxLength: 20 });

const line = {
  operation: 'op-1',
  register: 'r',
  input: { action: 'read' },
  output: null,
  invoke: 1,
  return: 2,
  outcome: 'ok',
};
const unanswered = { ...line, output: undefined };
const textOf = (...lines: readonly object[]): string =>
  lines.map((entry) => JSON.stringify(entry)).join('\n');

describe('a history file', () => {
  it('gives back what was written, as lines and as an array', () => {
    fc.assert(
      fc.property(history, (operations) => {
        const text = writeHistory(operations);
        expect(readHistory(text)).toEqual({ ok: true, operations });
        const array = `[${text.trimEnd().split('\n').join(',')}]`;
        expect(readHistory(array)).toEqual({ ok: true, operations });
      }),
    );
  });

  it('has one line per operation, in the documented form', () => {
    const operations = [
      {
        opId: 'op-1',
        register: 'r',
        input: { action: 'read' },
        output: { seen: null },
        invokedAt: 1,
        returnedAt: 2,
        outcome: 'ok',
      },
      {
        opId: 'op-2',
        register: 'r',
        input: { action: 'read' },
        invokedAt: 3,
        returnedAt: Infinity,
        outcome: 'unknown',
      },
    ] as const;
    expect(writeHistory(operations)).toBe(
      '{"operation":"op-1","register":"r","input":{"action":"read"},"output":{"seen":null},"invoke":1,"return":2,"outcome":"ok"}\n' +
        '{"operation":"op-2","register":"r","input":{"action":"read"},"invoke":3,"return":null,"outcome":"unknown"}\n',
    );
  });

  it.each([
    ['no JSON', 'hello', 1, 'no JSON'],
    ['an array cut short', '[{}', 1, 'no JSON array'],
    ['a line that is no object', textOf(line, [1]), 2, 'no object'],
    ['an unknown member', textOf({ ...line, client: 1 }), 1, 'an unknown member: client'],
    ['no register', textOf({ ...line, register: '' }), 1, 'register must be a text'],
    ['no name', textOf({ ...line, operation: 7 }), 1, 'operation must be a text'],
    ['no input', textOf({ ...line, input: undefined }), 1, 'input is missing'],
    ['another outcome', textOf({ ...line, outcome: 'maybe' }), 1, 'outcome must be'],
    ['an answer without output', textOf(unanswered), 1, 'output must be there exactly with ok'],
    [
      'an output of nobody knows what',
      textOf({ ...line, outcome: 'unknown', return: null }),
      1,
      'output must be there exactly with ok',
    ],
    [
      'an unknown one that returned',
      textOf({ ...unanswered, outcome: 'unknown' }),
      1,
      'an unknown one has no return',
    ],
    ['an answer without a return', textOf({ ...line, return: null }), 1, 'return must be a number'],
    ['a return before the call', textOf({ ...line, return: 0 }), 1, 'return must not be before'],
    ['a call at no time', textOf({ ...line, invoke: '1' }), 1, 'invoke must be a number'],
    ['a name twice', textOf(line, line), 2, 'a second op-1'],
  ])('is not one with %s', (_name, text, at, problem) => {
    const result = readHistory(text);
    expect(result).toMatchObject({ ok: false, at });
    expect(!result.ok && result.problem).toContain(problem);
  });

  it('is never written so that it cannot be read', () => {
    const operation = {
      opId: 'op-1',
      register: 'r',
      input: null,
      output: null,
      invokedAt: 1,
      returnedAt: 2,
      outcome: 'ok',
    } as const;
    expect(() => writeHistory([operation])).not.toThrow();
    expect(() => writeHistory([{ ...operation, invokedAt: NaN }])).toThrow(
      /op-1 cannot be written/,
    );
  });
});
