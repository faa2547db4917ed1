import { describe, expect, it } from 'vitest';
import { SlotTable } from './slot-table.ts';

describe('a table of what is under way', () => {
  it('shows a value that stays until it is taken', () => {
    const table = new SlotTable<string>();
    const id = table.put('a');
    expect([table.at(id), table.take(id), table.at(id)]).toEqual(['a', 'a', undefined]);
    table.put('b');
    expect(table.at(id)).toBeUndefined();
  });

  it('gives each value back once', () => {
    const table = new SlotTable<string>();
    const [one, two] = [table.put('one'), table.put('two')];
    expect(table.size).toBe(2);
    expect(table.take(one)).toBe('one');
    expect(table.take(one)).toBeUndefined();
    expect(table.take(two)).toBe('two');
    expect(table.size).toBe(0);
  });

  it('never gives a number twice, although places are used again', () => {
    const table = new SlotTable<string>();
    const late = table.put('late');
    table.take(late);
    const ids = Array.from({ length: 1_000 }, (_, count) => {
      const id = table.put(`call ${count}`);
      if (count % 3 !== 0) table.take(id);
      return id;
    });
    expect(new Set([late, ...ids]).size).toBe(1_001);
    expect(ids.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
    expect(table.take(late)).toBeUndefined();
    expect(table.size).toBe(334);
  });

  it('is gone through while values are taken from it', () => {
    const table = new SlotTable<number>();
    for (let value = 0; value < 6; value += 1) table.put(value);
    const odd: number[] = [];
    table.forEach((value, id) => {
      if (value % 2 === 1) odd.push(table.take(id) ?? -1);
    });
    expect(odd).toEqual([1, 3, 5]);
    expect(table.takeAll()).toEqual([0, 2, 4]);
    expect(table.size).toBe(0);
  });

  it('knows no number it never gave', () => {
    const table = new SlotTable<string>();
    table.put('one');
    for (const id of [0, 1, 7, -1, 0.5, Number.NaN, 2 ** 40])
      expect(table.take(id)).toBeUndefined();
    expect(table.size).toBe(1);
  });
});
