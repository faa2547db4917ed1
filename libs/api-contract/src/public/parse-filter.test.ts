// The grammar of `filter`: what clauses mean, which are refused, and that any text at all is read or refused.
import { dateProperties } from '@zonehold/key-domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clausesPerPropertyMax, filterLengthMax, parseFilter } from './parse-filter.ts';

const noonMs = Date.parse('2024-02-29T12:00:00Z');

function selectionOf(text: string): unknown {
  const result = parseFilter(text);
  return result.ok ? result.value.selection : result.refusal;
}

/** Halves of surrogate pairs too. */
const anyUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));

describe('a filter', () => {
  it.each([
    ['', {}],
    ['   ', {}],
    ['state=1', { states: [1] }],
    [' state=0,1,2,3,5', { states: [0, 1, 2, 3, 5] }],
    ['state=1,5 state=5,2', { states: [5] }],
    ['state=1 state=2', { states: [] }],
    [' extractable=TRUE', { isExtractable: true }],
    ['extractable=False  state=2 ', { isExtractable: false, states: [2] }],
    ['extractable=true extractable=false', { isExtractable: false, states: [] }],
    ['hasMigrationIntent=False', {}],
    ['hasMigrationIntent=true state=1', { states: [] }],
    ['lastRotateDate=none', { dates: [{ property: 'lastRotateDate', isNone: true }] }],
    ['deletionDate=NoNe', { dates: [{ property: 'deletionDate', isNone: true }] }],
  ])('%j keeps %j', (text, wanted) => {
    expect(selectionOf(text)).toEqual(wanted);
  });

  it.each([
    ['="2024-02-29T12:00:00Z"', { fromMs: noonMs, beforeMs: noonMs + 1_000 }],
    ['=lt:"2024-02-29T12:00:00Z"', { beforeMs: noonMs }],
    ['=lte:"2024-02-29T12:00:00Z"', { beforeMs: noonMs + 1_000 }],
    ['=gte:"2024-02-29T12:00:00Z"', { fromMs: noonMs }],
    ['=gt:"2024-02-29T12:00:00Z"', { fromMs: noonMs + 1_000 }],
    // As Go writes a time: nanoseconds, trailing zeros left out, and the offset of where it runs.
    ['=gt:"2024-02-29T14:00:00.001234567+02:00"', { fromMs: noonMs + 2 }],
    ['=gte:"2024-02-29T06:30:00.5-05:30"', { fromMs: noonMs + 500 }],
    ['="2024-02-29T12:00:00.250Z"', { fromMs: noonMs + 250, beforeMs: noonMs + 251 }],
  ])('creationDate%s is a range', (clause, range) => {
    expect(selectionOf(`creationDate${clause}`)).toEqual({
      dates: [{ property: 'creationDate', ...range }],
    });
  });

  it.each([
    'creationDate="2024-02-29"',
    'creationDate=2024-02-29T12:00:00Z',
    'creationDate="2024-02-30T12:00:00Z"',
    'creationDate="2024-02-29T12:00:00"',
    'creationDate="2024-02-29 12:00:00Z"',
    'creationDate=eq:"2024-02-29T12:00:00Z"',
    'creationDate=GT:"2024-02-29T12:00:00Z"',
    'creationDate=gt:none',
    'creationDate="none"',
    'creationDate=""',
    'creationDate=',
    'creationDate',
    'creationdate=none',
    'createdBy=none',
    'constructor=none',
    'state=4',
    'state=1,',
    'state=1,4',
    'state=gt:1',
    'state="1"',
    'state=',
    'extractable=yes',
    'extractable="true"',
    'extractable=lt:true',
    'hasMigrationIntent=1',
    '=none',
    'state=1,state=2',
    'state=1\textractable=true',
    'state=1 and extractable=true',
    Array.from({ length: clausesPerPropertyMax + 1 }, () => 'state=1').join(' '),
    ' '.repeat(filterLengthMax + 1),
  ])('%j is refused and named', (text) => {
    expect(selectionOf(text)).toMatchObject({
      code: 'INVALID_QUERY_PARAM_ERR',
      target: { type: 'query_param', name: 'filter' },
    });
  });

  it('has room for every property as often as it may come, written at length', () => {
    const date = '2024-02-29T12:00:00.123456789+02:00';
    const clauses = [
      ...dateProperties.map((property) => `${property}=gte:"${date}"`),
      'state=0,1,2,3,5',
      'extractable=false',
      'hasMigrationIntent=false',
    ];
    const result = parseFilter([...clauses, ...clauses, ...clauses].join(' '));
    expect(result).toMatchObject({ ok: true, value: { hasState: true, hasExtractable: true } });
    expect(result.ok && result.value.selection.dates?.length).toBe(15);
  });

  it('never throws, and keeps to the limits', () => {
    const piece = fc.oneof(
      fc.constantFrom(...dateProperties, 'state', 'extractable', 'hasMigrationIntent'),
      fc.constantFrom('=', '="', '"', 'gt:', 'lte:', 'none', 'true', '1,5', ' ', ' '),
      fc.date().map((date) => `"${Number.isNaN(date.getTime()) ? '' : date.toISOString()}"`),
      fc.string({ unit: anyUnit, maxLength: 5 }),
    );
    const clause = fc.tuple(fc.constantFrom(...dateProperties), fc.constantFrom('none', '"x"'));
    const text = fc.oneof(
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
      fc.array(clause, { maxLength: 20 }).map((all) => all.map((one) => one.join('=')).join(' ')),
    );
    fc.assert(
      fc.property(text, (any) => {
        const result = parseFilter(any);
        return result.ok
          ? (result.value.selection.dates?.length ?? 0) <= 15
          : result.refusal.target?.name === 'filter';
      }),
    );
  });
});
