// The ordered entries against a plain sorted array.
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '@zonehold/primitives';
import { SortedEntries } from './sorted-entries.ts';

interface Entry {
  readonly name: string;
}

function walked(entries: SortedEntries<Entry>, countMax: number): string[] {
  const names: string[] = [];
  let after: string | undefined = '';
  while (after !== undefined) {
    after = entries.walk(after, countMax, ({ name }) => names.push(name));
  }
  return names;
}

describe('entries in order', () => {
  it('come back sorted from walks of any length, after thousands are added and removed', () => {
    const random = new SeededRandom(7);
    const entries = new SortedEntries<Entry>();
    const names = new Set<string>();
    for (let count = 0; count < 12_000; count += 1) {
      const name = `key/${random.below(6_000)}`;
      if (names.delete(name)) entries.remove(name);
      else {
        names.add(name);
        entries.add({ name });
      }
    }
    const wanted = [...names].toSorted((left, right) => (left < right ? -1 : 1));
    for (const countMax of [1, 7, 500, 100_000]) expect(walked(entries, countMax)).toEqual(wanted);
    for (const name of wanted) entries.remove(name);
    expect(walked(entries, 10)).toEqual([]);
  });

  it('that are added behind a walk do not show in it, and those before it do', () => {
    const entries = new SortedEntries<Entry>();
    for (const name of ['b', 'd', 'f']) entries.add({ name });
    const names: string[] = [];
    const next = entries.walk('', 2, ({ name }) => names.push(name)) ?? '';
    for (const name of ['a', 'e']) entries.add({ name });
    entries.remove('d');
    expect(entries.walk(next, 9, ({ name }) => names.push(name))).toBeUndefined();
    expect(names).toEqual(['b', 'd', 'e', 'f']);
  });
});
