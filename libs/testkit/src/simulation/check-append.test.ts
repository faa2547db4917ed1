// The fast checker of append lists on histories whose verdict is known: a checker that cannot fail proves nothing.
import { describe, expect, it } from 'vitest';
import { checkAppends } from './check-append.ts';
import type { AppendOperation, ListReadOperation } from './history.ts';

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
    'an append that was answered with a later one': [
      append('a', [1, 2], 'ab'),
      append('b', [3, 4], 'ab'),
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
