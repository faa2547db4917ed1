// The ordered entries against a plain sorted array.
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '@zonehold/primitives';
import { SortedEntries } from './sorted-entries.ts';

interface Entry {
  readonly name: string;
}

function walked(entries: SortedEntries<Entry, string>): string[] {
  const names: string[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const found = entries.after(after);
    const rest = found?.run.entries.slice(found.position) ?? [];
    names.push(...rest.map(({ name }) => name));
    after = rest.at(-1)?.name;
  }
  return names;
}

describe('entries in order', () => {
  it('come back sorted, whatever the length of runs, after thousands are added and removed', () => {
    for (const runMax of [1, 7, 512]) {
      const random = new SeededRandom(7);
      const entries = new SortedEntries<Entry, string>(runMax);
      const names = new Set<string>();
      for (let count = 0; count < 9_000; count += 1) {
        const name = `key/${random.below(4_000)}`;
        if (names.delete(name)) entries.remove(name);
        else {
          names.add(name);
          entries.add({ name });
        }
      }
      const wanted = [...names].toSorted((left, right) => (left < right ? -1 : 1));
      expect(walked(entries)).toEqual(wanted);
      for (const name of wanted) entries.remove(name);
      expect(walked(entries)).toEqual([]);
    }
  });

  it('begin after any name, also one that is not there', () => {
    const entries = new SortedEntries<Entry, string>(2);
    for (const name of ['b', 'd', 'f', 'h']) entries.add({ name });
    const nextTo = (after: string): string | undefined => {
      const found = entries.after(after);
      return found?.run.entries[found.position]?.name;
    };
    expect(['', 'a', 'b', 'c', 'd', 'f', 'g', 'h', 'i'].map(nextTo)).toEqual([
      'b',
      'b',
      'd',
      'd',
      'f',
      'h',
      'h',
      undefined,
      undefined,
    ]);
  });

  it('lose the notes of a run with every change in it, and of no other', () => {
    const entries = new SortedEntries<Entry, string>(2);
    for (const name of ['a', 'b', 'c', 'd']) entries.add({ name });
    const note = (): (string | undefined)[] =>
      ['', 'b'].map((after) => {
        const run = entries.after(after)?.run;
        const known = run?.notes;
        if (run !== undefined) run.notes = 'noted';
        return known;
      });
    note();
    expect(note()).toEqual(['noted', 'noted']);
    entries.changed('c');
    expect(note()).toEqual(['noted', undefined]);
    entries.remove('a');
    expect(note()).toEqual([undefined, 'noted']);
    entries.add({ name: 'a' });
    expect(note()).toEqual([undefined, 'noted']);
  });
});
