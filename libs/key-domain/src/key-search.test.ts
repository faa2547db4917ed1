// What a search finds, which key stands first, and what happens when there are too many keys.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { madeKey, startMs } from './key-fixture.ts';
import { KeySearchCollector, searchSpaceMax, searchTest, type KeySearch } from './key-search.ts';
import { keySlice } from './key-tally.ts';
import type { KeyPage, KeySelection, ListedKey, SortClause } from './selection.ts';
import { summaryOf, type KeySummary } from './summary.ts';

const idOf = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

const keyOf = (number: number, members: Partial<KeySummary> = {}): ListedKey => ({
  id: idOf(number),
  summary: { ...summaryOf(madeKey()), name: `key ${number}`, ...members },
});

const search = (term: string, members: Partial<KeySearch> = {}): KeySearch => ({
  ...{ term, scopes: ['name', 'alias'], isInverted: false, isExact: false, isAliasNamed: false },
  ...members,
});

const byAlias: Partial<KeySearch> = { scopes: ['alias'], isAliasNamed: true };

/** Feeds `keys` in slices of 500 as long as the collector wants any. */
function collected(
  keys: readonly ListedKey[],
  wanted: KeySearch,
  { selection = {}, page = {} }: { selection?: KeySelection; page?: Partial<KeyPage> } = {},
): { ids: readonly string[]; total: number; reach: string; slices: number } {
  const whole = { limit: 5_000, offset: 0, sort: [], ...page };
  const question = { search: wanted, selection, page: whole, nowMs: startMs };
  const collector = new KeySearchCollector(question);
  let slices = 0;
  for (let at = 0; at < keys.length && collector.isHungry; at += 500) {
    collector.take(keySlice(keys.slice(at, at + 500)));
    slices += 1;
  }
  const steps = collector.page();
  for (;;) {
    const step = steps.next();
    if (step.done !== true) continue;
    const ids = step.value.map(({ id }) => id);
    return { ids, total: collector.total, reach: collector.reach, slices };
  }
}

describe('a search finds', () => {
  const key = keyOf(7, { name: 'Payroll Key', aliases: ['Pay', 'wages-2024'] });
  it.each([
    ['a part of the name', 'roll', {}, true],
    ['a part of the name in any case', 'pAYROLL k', {}, true],
    ['a part of any alias', 'GES-2', {}, true],
    ['nothing that is in neither', 'bonus', {}, false],
    ['no name among aliases', 'roll', { scopes: ['alias'] }, false],
    ['no alias among names', 'wages', { scopes: ['name'] }, false],
    ['a whole name when asked to be exact', 'payroll key', { isExact: true }, true],
    ['a whole alias when asked to be exact', 'pay', { isExact: true }, true],
    ['no part of a name when asked to be exact', 'payroll', { isExact: true }, false],
    ['what does not match when inverted', 'bonus', { isInverted: true }, true],
    ['nothing that matches when inverted', 'roll', { isInverted: true }, false],
    [
      'all but whole names when inverted and exact',
      'roll',
      { isInverted: true, isExact: true },
      true,
    ],
    ['a key by its whole id', idOf(7), {}, true],
    ['a key by its id in capitals', idOf(7).toUpperCase(), { scopes: ['alias'] }, true],
    ['no key by a part of its id', idOf(7).slice(0, -1), {}, false],
    ['no key by its id when inverted', idOf(7), { isInverted: true }, false],
    ['no pattern', 'pay.*', {}, false],
  ])('%s', (_, term, members, isFound) => {
    expect(searchTest(search(term, members as Partial<KeySearch>))(key)).toBe(isFound);
  });
});

it('a search finds any text by itself and inside another, whatever its characters mean elsewhere', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  fc.assert(
    fc.property(text, fc.string({ unit: 'grapheme' }), (term, other) => {
      const isFound = (name: string, members?: Partial<KeySearch>): boolean =>
        searchTest(search(term, members))(keyOf(1, { name }));
      expect(isFound(term, { isExact: true })).toBe(true);
      expect(isFound(`${other}${term}`)).toBe(true);
      expect(isFound(`x${other}${term}`, { isExact: true })).toBe(false);
    }),
  );
});

describe('a page of a search', () => {
  it('is of what was found, in the order asked for, and the total is of all of it', () => {
    const keys = Array.from({ length: 30 }, (_, at) =>
      keyOf(at, { name: at % 2 === 0 ? 'even' : 'odd', createdAtMs: startMs - at }),
    );
    const sort: SortClause[] = [{ property: 'creationDate', isDescending: false }];
    const { ids, total } = collected(keys, search('even'), { page: { limit: 2, offset: 1, sort } });
    expect({ ids, total }).toEqual({ ids: [idOf(26), idOf(24)], total: 15 });
    expect(collected(keys, search('even')).ids.slice(0, 2)).toEqual([idOf(0), idOf(2)]);
  });

  it('begins with the key that the term names outright', () => {
    const keys = [
      keyOf(1, { aliases: ['pay-1'] }),
      keyOf(2, { aliases: ['Pay'] }),
      keyOf(3, { aliases: ['pay'] }),
      keyOf(4, { name: `copy of ${idOf(9)}` }),
      keyOf(9),
    ];
    expect(collected(keys, search('pay', byAlias)).ids).toEqual([idOf(3), idOf(1), idOf(2)]);
    expect(collected(keys, search('pay')).ids).toEqual([idOf(1), idOf(2), idOf(3)]);
    expect(collected(keys, search(idOf(9)))).toMatchObject({
      ids: [idOf(9), idOf(4)],
      total: 2,
      reach: 'whole',
    });
    const second = { page: { limit: 1, offset: 1 } };
    expect(collected(keys, search('pay', byAlias), second).ids).toEqual([idOf(1)]);
  });

  it('holds nothing that the selection leaves out, not even by its id', () => {
    const keys = [keyOf(1, { state: 5, aliases: ['pay'] }), keyOf(2, { name: 'pay' })];
    expect(collected(keys, search(idOf(1)))).toMatchObject({ ids: [], total: 0 });
    expect(collected(keys, search('pay', byAlias))).toMatchObject({ ids: [], total: 0 });
    expect(collected(keys, search('pay', { isInverted: true })).ids).toEqual([]);
    const selection = { states: [5] };
    expect(collected(keys, search(idOf(1)), { selection }).ids).toEqual([idOf(1)]);
  });
});

describe('a search of too many keys', () => {
  const many = Array.from({ length: searchSpaceMax + 1_000 }, (_, at) =>
    keyOf(at, at === 5_900 ? { aliases: ['last'] } : { aliases: [`not the last ${at}`] }),
  );

  it('is one of more than the space allows, as the selection leaves it', () => {
    const wanted = search('key 1', { isExact: true });
    const full = many.slice(0, searchSpaceMax);
    expect(collected(full, wanted)).toMatchObject({ ids: [idOf(1)], reach: 'whole' });
    expect(collected([...full, keyOf(9_999)], wanted).reach).toBe('too-broad');
    const deleted = keyOf(9_999, { state: 5 });
    expect(collected([...full, deleted], wanted)).toMatchObject({ total: 1, reach: 'whole' });
  });

  it('gives up at once when its term can name no key', () => {
    expect(collected(many, search('key'))).toMatchObject({ reach: 'too-broad', slices: 11 });
    const inverted = search(idOf(1), { isInverted: true });
    expect(collected(many, inverted)).toMatchObject({ reach: 'too-broad', slices: 11 });
  });

  it('finds the key that its term names, wherever that stands, and nothing else', () => {
    const only = (id: string) => ({ ids: [id], total: 1, reach: 'direct' });
    expect(collected(many, search(idOf(3)))).toMatchObject(only(idOf(3)));
    expect(collected(many, search(idOf(5_999)))).toMatchObject(only(idOf(5_999)));
    expect(collected(many, search('last', byAlias))).toMatchObject(only(idOf(5_900)));
    expect(collected(many, search('last')).reach).toBe('too-broad');
    expect(collected(many, search(idOf(7_777))).reach).toBe('too-broad');
    expect(collected(many, search('LAST', byAlias)).reach).toBe('too-broad');
  });
});
