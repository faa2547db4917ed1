// The checkers on histories whose verdict is known: a checker that cannot fail proves nothing.
import { describe, expect, it } from 'vitest';
import { checkAppends } from './check-append.ts';
import { checkRegister } from './check-register.ts';
import type { AppendOperation, CasOperation, ListReadOperation, ReadOperation } from './history.ts';

type Span = readonly [invokedAt: number, returnedAt: number];
const open = Number.POSITIVE_INFINITY;
const outcomeOf = (returnedAt: number) => (returnedAt === open ? 'unknown' : 'ok');
const base = (opId: string, [invokedAt, returnedAt]: Span) =>
  ({
    opId,
    register: 'r',
    invokedAt,
    returnedAt,
    outcome: outcomeOf(returnedAt),
  }) as const;
const append = (opId: string, span: Span, seen: string): AppendOperation => ({
  ...base(opId, span),
  kind: 'append',
  seen: Array.from(seen),
});
const listRead = (opId: string, span: Span, seen: string): ListReadOperation => ({
  ...base(opId, span),
  kind: 'list-read',
  seen: Array.from(seen),
});
const cas = (
  opId: string,
  span: Span,
  expected: string | null,
  refusedBy?: string | null,
): CasOperation => ({
  ...base(opId, span),
  kind: 'cas',
  expected,
  isSwapped: refusedBy === undefined,
  seen: refusedBy === undefined ? opId : refusedBy,
});
const read = (opId: string, span: Span, seen: string | null): ReadOperation => ({
  ...base(opId, span),
  kind: 'read',
  seen,
});

describe('the append checker', () => {
  const good = {
    'one after the other': [
      append('a', [1, 2], 'a'),
      append('b', [3, 4], 'ab'),
      listRead('r', [5, 6], 'ab'),
    ],
    'overlapping appends in either order': [append('a', [1, 4], 'ba'), append('b', [2, 3], 'b')],
    'an unknown append that shows': [append('a', [1, open], ''), listRead('r', [2, 3], 'a')],
    'an unknown append that never shows': [append('a', [1, open], ''), append('b', [2, 3], 'b')],
    'a read that overlaps an append and misses it': [
      append('a', [1, 4], 'a'),
      listRead('r', [2, 3], ''),
    ],
  };
  it.each(Object.entries(good))('passes %s', (_name, history) => {
    expect(checkAppends(history)).toBeUndefined();
  });

  const bad = {
    'a lost append': [append('a', [1, 2], 'a'), append('b', [3, 4], 'b')],
    'a stale read': [
      append('a', [1, 2], 'a'),
      append('b', [3, 4], 'ab'),
      listRead('r', [5, 6], 'a'),
    ],
    'two forks': [append('a', [1, 4], 'a'), append('b', [2, 3], 'b')],
    'an append applied twice': [append('a', [1, 2], 'a'), append('b', [3, 4], 'aba')],
    'a value from the future': [listRead('r', [1, 2], 'a'), append('a', [3, 4], 'a')],
    'an id from nowhere': [listRead('r', [1, 2], 'z')],
    'reads that go back': [
      append('a', [1, 6], 'a'),
      listRead('r', [2, 3], 'a'),
      listRead('s', [4, 5], ''),
    ],
    'appends out of order': [append('a', [1, 2], 'ba'), append('b', [3, 4], 'b')],
    'an append called not applied that shows': [
      { ...append('a', [1, 2], ''), outcome: 'not-applied' as const },
      listRead('r', [3, 4], 'a'),
    ],
    'the effect of an unknown append before its call': [
      listRead('r', [1, 2], 'a'),
      append('a', [3, open], ''),
    ],
  };
  it.each(Object.entries(bad))('catches %s', (_name, history) => {
    expect(checkAppends(history)).toBeTypeOf('string');
  });
});

describe('the register checker', () => {
  const good = {
    'a chain of swaps': [cas('a', [1, 2], null), cas('b', [3, 4], 'a'), read('r', [5, 6], 'b')],
    'a refused swap': [cas('a', [1, 2], null), cas('b', [3, 4], null, 'a')],
    'a race with one winner': [cas('a', [1, 4], null), cas('b', [2, 3], null, 'a')],
    'an unknown swap seen much later': [
      cas('a', [1, 2], null),
      cas('b', [3, open], 'a'),
      read('r', [4, 5], 'a'),
      read('s', [6, 7], 'b'),
    ],
    'an unknown swap that never happened': [
      cas('a', [1, open], null),
      cas('b', [2, 3], null),
      read('r', [4, 5], 'b'),
    ],
    'a read concurrent with a swap, old value': [cas('a', [1, 4], null), read('r', [2, 3], null)],
    'nothing at all': [],
  };
  it.each(Object.entries(good))('passes %s', (_name, history) => {
    expect(checkRegister(history)).toBeUndefined();
  });

  const bad = {
    'two winners': [cas('a', [1, 4], null), cas('b', [2, 3], null)],
    'a stale read': [cas('a', [1, 2], null), cas('b', [3, 4], 'a'), read('r', [5, 6], 'a')],
    'a read of nothing after a create': [cas('a', [1, 2], null), read('r', [3, 4], null)],
    'a refusal that no state explains': [cas('a', [1, 2], null), cas('b', [3, 4], 'a', 'a')],
    'values that come back': [
      cas('a', [1, 2], null),
      cas('b', [3, open], 'a'),
      read('r', [4, 5], 'b'),
      read('s', [6, 7], 'a'),
    ],
    'an effect before its call': [read('r', [1, 2], 'a'), cas('a', [3, open], null)],
    'a swap called not applied that shows': [
      { ...cas('a', [1, 2], null), outcome: 'not-applied' as const },
      read('r', [3, 4], 'a'),
    ],
    // CASSANDRA-12126: a definitive negative, then the older half-made write appears.
    'a negative answer undone': [
      cas('a', [1, open], null),
      read('r', [2, 3], null),
      cas('c', [4, 5], 'x', null),
      read('s', [6, 7], 'a'),
      read('t', [8, 9], null),
    ],
  };
  it.each(Object.entries(bad))('catches %s', (_name, history) => {
    expect(checkRegister(history)).toBeTypeOf('string');
  });

  it('survives a history with many open operations', () => {
    const opened = Array.from({ length: 12 }, (_, index) =>
      cas(`o${index}`, [index + 1, open], null),
    );
    expect(
      checkRegister([...opened, read('r', [50, 51], 'o7'), read('s', [52, 53], 'o8')]),
    ).toBeTypeOf('string');
    expect(
      checkRegister([...opened, read('r', [50, 51], 'o7'), read('s', [52, 53], 'o7')]),
    ).toBeUndefined();
  });
});
