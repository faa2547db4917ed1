// Summaries there and back, and what a list shows of them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DateClause } from './date-filter.ts';
import { keyStates } from './key.ts';
import { madeKey, startMs } from './key-fixture.ts';
import { KeyPageCollector } from './key-page.ts';
import { noKeyRings, type KeyRings } from './key-rings.ts';
import { countSelected, keySlice } from './key-tally.ts';
import {
  isSelected,
  keyOrder,
  sortProperties,
  type KeyPage,
  type KeySelection,
  type ListedKey,
} from './selection.ts';
import { packSummary, summaryOf, unpackSummary, type KeySummary } from './summary.ts';

const time = fc.integer({ min: startMs - 1_000, max: startMs + 1_000 });
const summary: fc.Arbitrary<KeySummary> = fc.record(
  {
    state: fc.constantFrom(...keyStates),
    keyRingId: fc.constantFrom('default', 'ring-a'),
    keyRingNumber: fc.constantFrom(1, 2),
    isExtractable: fc.boolean(),
    isImported: fc.boolean(),
    name: fc.string({ unit: 'grapheme' }),
    aliases: fc.array(fc.string()),
    createdAtMs: time,
    updatedAtMs: time,
    lastRotatedAtMs: time,
    deletedAtMs: time,
    expiresAtMs: time,
  },
  {
    requiredKeys: [
      'state',
      'keyRingId',
      'isExtractable',
      'isImported',
      'name',
      'createdAtMs',
      'updatedAtMs',
    ],
  },
);
const rings: KeyRings = {
  ...noKeyRings,
  lastNumber: 2,
  rings: [{ id: 'ring-a', number: 2, createdAtMs: startMs, createdBy: 'me' }],
};
const listed = fc
  .array(summary, { maxLength: 30 })
  .map((all): ListedKey[] => all.map((one, index) => ({ id: `key ${index}`, summary: one })));

const selectKeys = (keys: readonly ListedKey[], selection: KeySelection, nowMs: number) =>
  keys.filter((key) => isSelected(key, selection, nowMs));

/** One page by the collector, fed in slices of three in the order of ids, as an index would. */
function pageOfKeys(
  keys: readonly ListedKey[],
  page: KeyPage,
  nowMs: number,
  isTotalWanted = false,
): readonly ListedKey[] {
  const selection = { states: [0, 1, 2, 3, 5] };
  const collector = new KeyPageCollector({ selection, page, isTotalWanted, nowMs });
  const inOrder = keys.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  for (let at = 0; at < keys.length && collector.isHungry; at += 3) {
    collector.take(keySlice(inOrder.slice(at, at + 3)));
  }
  if (isTotalWanted) expect(collector.total).toBe(keys.length);
  const steps = collector.page();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

describe('a summary', () => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(summary, (one) => {
        expect(unpackSummary(packSummary(one))).toEqual(one);
      }),
    );
    expect(unpackSummary(packSummary(summaryOf(madeKey())))).toEqual(summaryOf(madeKey()));
  });

  it('is short, holds no material, and nothing else is taken for one', () => {
    const text = packSummary(summaryOf(madeKey()));
    expect(text.length).toBeLessThan(120);
    expect(text).not.toContain('sealed');
    for (const other of [
      '',
      'null',
      '[]',
      '{}',
      '{"s":4}',
      text.replace('"s":1', '"s":4'),
      text.replace('"n":"payroll"', '"n":7'),
    ]) {
      expect(unpackSummary(other)).toBeUndefined();
    }
  });
});

describe('a list', () => {
  it('hides deleted keys unless they are asked for', () => {
    const keys = keyStates.map((state) => ({
      id: `in ${state}`,
      summary: { ...summaryOf(madeKey()), state },
    }));
    const ids = (states?: number[]): string[] =>
      selectKeys(keys, states === undefined ? {} : { states }, startMs).map((key) => key.id);
    expect(ids()).toEqual(['in 1', 'in 2', 'in 3']);
    expect(ids([5])).toEqual(['in 5']);
    expect(ids([0, 4])).toEqual([]);
  });

  it('counts an expired key as Deactivated before anybody wrote that down', () => {
    const keys = [{ id: 'a', summary: summaryOf(madeKey({ expiresAtMs: startMs + 5 })) }];
    expect(selectKeys(keys, { states: [3] }, startMs)).toEqual([]);
    expect(selectKeys(keys, { states: [3] }, startMs + 5)).toEqual(keys);
  });

  it('restricts by ring and kind', () => {
    fc.assert(
      fc.property(listed, fc.boolean(), (keys, isExtractable) => {
        const found = selectKeys(
          keys,
          { isExtractable, ring: { id: 'ring-a', rings }, states: [1, 2, 3, 5] },
          startMs,
        );
        const wanted = keys.filter(
          ({ summary: { keyRingId, keyRingNumber, isExtractable: isSuch } }) =>
            keyRingId === 'ring-a' && keyRingNumber === 2 && isSuch === isExtractable,
        );
        expect(found).toEqual(wanted);
      }),
    );
  });

  it('counts as it selects, at any time', () => {
    const selection = fc.record(
      {
        states: fc.subarray([0, 1, 2, 3, 5]),
        isExtractable: fc.boolean(),
        dates: fc.constantFrom<DateClause[]>(
          [{ property: 'deletionDate', isNone: true }],
          [{ property: 'creationDate', fromMs: startMs }],
          [{ property: 'expirationDate', beforeMs: startMs }],
        ),
        ring: fc.record({
          id: fc.constantFrom('default', 'ring-a', 'none'),
          rings: fc.constant(rings),
        }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(listed, selection, time, (keys, wanted, nowMs) => {
        expect(countSelected(keySlice(keys), wanted, nowMs)).toBe(
          selectKeys(keys, wanted, nowMs).length,
        );
      }),
    );
  });

  it('counts keys by their dates, however alike they are else', () => {
    const alike = [0, 1, 2].map((at) => ({
      id: `key ${at}`,
      summary: { ...summaryOf(madeKey()), createdAtMs: startMs + at },
    }));
    const after = (fromMs: number): number =>
      countSelected(keySlice(alike), { dates: [{ property: 'creationDate', fromMs }] }, startMs);
    expect([0, 1, 2, 3].map((at) => after(startMs + at))).toEqual([3, 2, 1, 0]);
  });

  it('gives pages that together are all keys once, in one order', () => {
    const clause = fc.record({
      property: fc.constantFrom(...sortProperties),
      isDescending: fc.boolean(),
    });
    fc.assert(
      fc.property(
        listed,
        fc.array(clause, { maxLength: 3 }),
        fc.integer({ min: 1, max: 7 }),
        (keys, sort, limit) => {
          const whole = pageOfKeys(keys, { limit: 5_000, offset: 0, sort }, startMs);
          const pages = [];
          for (let offset = 0; offset < keys.length; offset += limit) {
            pages.push(...pageOfKeys(keys, { limit, offset, sort }, startMs, offset % 2 === 0));
          }
          expect(pages).toEqual(whole);
          expect(whole.map((key) => key.id).toSorted()).toEqual(
            keys.map((key) => key.id).toSorted(),
          );
        },
      ),
    );
  });

  it('sorts by date, descending with a minus, and keys without the date last', () => {
    const at = (id: string, lastRotatedAtMs?: number): ListedKey => ({
      id,
      summary: {
        ...summaryOf(madeKey()),
        ...(lastRotatedAtMs === undefined ? {} : { lastRotatedAtMs }),
      },
    });
    const keys = [at('never'), at('late', 2), at('early', 1)];
    const ids = (isDescending: boolean): string[] =>
      pageOfKeys(
        keys,
        { limit: 9, offset: 0, sort: [{ property: 'lastRotateDate', isDescending }] },
        startMs,
      ).map((key) => key.id);
    expect(ids(false)).toEqual(['early', 'late', 'never']);
    expect(ids(true)).toEqual(['never', 'late', 'early']);
  });

  it.each([
    ['id', {}],
    ['state', { state: 2 }],
    ['extractable', { isExtractable: true }],
    ['imported', { isImported: true }],
    ['creationDate', { createdAtMs: startMs + 1 }],
    ['lastUpdateDate', { updatedAtMs: startMs + 1 }],
    ['lastRotateDate', { lastRotatedAtMs: startMs + 1 }],
    ['deletionDate', { deletedAtMs: startMs + 1 }],
    ['expirationDate', { expiresAtMs: startMs + 1 }],
  ] as const)('sorts by %s alone, up and down', (property, more) => {
    const summary: KeySummary = {
      ...{ state: 1, keyRingId: 'default', isExtractable: false, isImported: false, name: 'key' },
      ...{ createdAtMs: startMs, updatedAtMs: startMs, lastRotatedAtMs: startMs },
      ...{ deletedAtMs: startMs, expiresAtMs: startMs - 1 },
    };
    const less: ListedKey = { id: property === 'id' ? 'a' : 'z', summary };
    const greater: ListedKey = { id: 'k', summary: { ...summary, ...more } };
    const order = (isDescending: boolean): number =>
      keyOrder([{ property, isDescending }], startMs - 2)(less, greater);
    expect([order(false), order(true)]).toEqual([-1, 1]);
  });
});
