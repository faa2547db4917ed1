// What the lists of two voters say together.
import { describe, expect, it } from 'vitest';
import { mergeLists, mergeScans } from './listing.ts';

const [early, late] = ['1', '2'].map((digit) => digit.repeat(32)) as [string, string];
const entry = (name: string, ballot = early, summary = 's') => ({ name, ballot, summary });

describe('two lists of a scope', () => {
  it('settle what both say, and leave open what differs or only one has', () => {
    const merged = mergeLists('i', [
      [entry('same'), entry('moved'), entry('one')],
      [entry('same'), entry('moved', late)],
    ]);
    const shown = merged.map(({ id, ballot, isSettled }) => [id.name, ballot, isSettled]);
    expect(shown).toEqual([
      ['same', early, true],
      ['moved', late, false],
      ['one', early, false],
    ]);
  });

  it('leave out a name that no register can have', () => {
    const [honest, liar] = [[entry('key/1')], [entry('key/1'), entry('not a name'), entry('')]];
    expect(mergeLists('i', [honest, liar]).map(({ id }) => id.name)).toEqual(['key/1']);
    const id = { scope: 'i', name: 'key/1' };
    expect(mergeScans([[id], [id, { scope: 'no/scope', name: 'x' }]])).toEqual([id]);
  });
});
