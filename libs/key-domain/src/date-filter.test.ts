// What a filter's clauses say of a key's dates, one sentence each, and that the comparisons share out all keys.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  areDatesWithin,
  dateClause,
  dateProperties,
  type DateClause,
  type DateComparison,
} from './date-filter.ts';
import { madeKey, startMs } from './key-fixture.ts';
import { summaryOf, type KeySummary } from './summary.ts';

const second = { fromMs: startMs, beforeMs: startMs + 1_000 };

describe('a date of a key', () => {
  it.each([
    ['the second before', startMs - 1, { lt: true, lte: true, eq: false, gte: false, gt: false }],
    ['its beginning', startMs, { lt: false, lte: true, eq: true, gte: true, gt: false }],
    ['its last moment', startMs + 999, { lt: false, lte: true, eq: true, gte: true, gt: false }],
    ['the one after', startMs + 1_000, { lt: false, lte: false, eq: false, gte: true, gt: true }],
  ])('at %s is compared with a whole second', (_, createdAtMs, wanted) => {
    const summary = { ...summaryOf(madeKey()), createdAtMs };
    for (const [comparison, isWithin] of Object.entries(wanted)) {
      const clause = dateClause('creationDate', comparison as DateComparison, second);
      expect({ comparison, is: areDatesWithin(summary, [clause]) }).toEqual({
        comparison,
        is: isWithin,
      });
    }
  });

  it('is each property, and no other', () => {
    const bare: KeySummary = { ...summaryOf(madeKey()), createdAtMs: 0, updatedAtMs: 0 };
    const memberOf = {
      creationDate: 'createdAtMs',
      lastUpdateDate: 'updatedAtMs',
      lastRotateDate: 'lastRotatedAtMs',
      deletionDate: 'deletedAtMs',
      expirationDate: 'expiresAtMs',
    } as const;
    for (const given of dateProperties) {
      const summary = { ...bare, [memberOf[given]]: startMs };
      const found = dateProperties.filter((asked) =>
        areDatesWithin(summary, [dateClause(asked, 'eq', second)]),
      );
      expect(found).toEqual([given]);
    }
  });

  it('that a key has not is none, and neither before nor after anything', () => {
    const summary = summaryOf(madeKey());
    const none: DateClause = { property: 'lastRotateDate', isNone: true };
    expect(areDatesWithin(summary, [none])).toBe(true);
    expect(areDatesWithin({ ...summary, lastRotatedAtMs: 0 }, [none])).toBe(false);
    for (const comparison of ['lt', 'lte', 'eq', 'gte', 'gt'] as const) {
      const clause = dateClause('lastRotateDate', comparison, second);
      expect(areDatesWithin(summary, [clause])).toBe(false);
    }
  });

  it('is before, within or after any date that is written', () => {
    const near = fc.integer({ min: startMs - 3_000, max: startMs + 3_000 });
    const written = fc
      .tuple(near, fc.constantFrom(1, 1_000))
      .map(([fromMs, lengthMs]) => ({ fromMs, beforeMs: fromMs + lengthMs }));
    fc.assert(
      fc.property(near, written, (expiresAtMs, date) => {
        const summary = { ...summaryOf(madeKey()), expiresAtMs };
        const is = (comparison: DateComparison): boolean =>
          areDatesWithin(summary, [dateClause('expirationDate', comparison, date)]);
        expect([is('lt'), is('eq'), is('gt')].filter(Boolean)).toHaveLength(1);
        expect(is('lte')).toBe(is('lt') || is('eq'));
        expect(is('gte')).toBe(is('gt') || is('eq'));
      }),
    );
  });

  it('must obey all clauses at once', () => {
    const summary = { ...summaryOf(madeKey()), createdAtMs: startMs, expiresAtMs: startMs + 5_000 };
    const made = dateClause('creationDate', 'eq', second);
    const expired = dateClause('expirationDate', 'lt', second);
    expect(areDatesWithin(summary, [])).toBe(true);
    expect(areDatesWithin(summary, [made])).toBe(true);
    expect(areDatesWithin(summary, [made, expired])).toBe(false);
  });
});
