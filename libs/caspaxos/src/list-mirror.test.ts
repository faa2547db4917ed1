// What several voters' words about one list say together.
import { describe, expect, it } from 'vitest';
import type { ListChange } from './acceptor-port.ts';
import { ListMirror } from './list-mirror.ts';
import type { ListLine } from './register-store.ts';

const [early, late] = ['1', '2'].map((digit) => digit.repeat(32)) as [string, string];
const change = (name: string, ballot = early, summary: string | null = 's'): ListChange => ({
  name,
  ballot,
  summary,
});

/** Name and ballot of every entry by the word of `sides`; `?` where they differ. */
function shown(mirror: ListMirror, sides: readonly number[], quorum = 2): string[] {
  const names: string[] = [];
  const view = mirror.view(sides, quorum);
  for (let part = view.next(''); part !== undefined; part = view.next(part.lastName))
    part.visit((name, line) => names.push(`${name} ${line?.ballot[0] ?? '?'}`));
  return names;
}

describe('a mirrored list', () => {
  it('settles what both voters say, and leaves open what differs or only one has', () => {
    const mirror = new ListMirror('i', 3, 2);
    mirror.apply(0, [change('same'), change('moved'), change('one'), change('text')]);
    mirror.apply(1, [change('same'), change('moved', late), change('text', early, 'other')]);
    expect(shown(mirror, [0, 1])).toEqual(['moved ?', 'one ?', 'same 1', 'text ?']);
  });

  it('is by the word of the voters asked only, and of any two that agree among them', () => {
    const mirror = new ListMirror('i', 3, 2);
    mirror.apply(0, [change('a', late), change('b')]);
    mirror.apply(1, [change('a'), change('b', late)]);
    mirror.apply(2, [change('a', late)]);
    expect(shown(mirror, [0, 1])).toEqual(['a ?', 'b ?']);
    expect(shown(mirror, [0, 2])).toEqual(['a 2', 'b ?']);
    expect(shown(mirror, [0, 1, 2])).toEqual(['a 2', 'b ?']);
  });

  it('does not take a half-made removal for a register nobody has heard of', () => {
    const mirror = new ListMirror('i', 3, 2);
    mirror.apply(0, [change('a'), change('b')]);
    mirror.apply(2, [change('a'), change('b')]);
    // The second voter missed the first writes; the removal of a reached the first voter alone.
    mirror.apply(0, [change('a', late, null)]);
    expect(shown(mirror, [0, 1])).toEqual(['a ?', 'b ?']);
  });

  it('lets go of names that all voters say have no entry, and takes them back', () => {
    const mirror = new ListMirror('i', 2, 2);
    mirror.apply(0, [change('a')]);
    mirror.apply(1, [change('a')]);
    expect(mirror.size).toBe(1);
    mirror.apply(0, [change('a', late, null)]);
    expect(shown(mirror, [0, 1])).toEqual(['a ?']);
    mirror.apply(1, [change('a', late, null)]);
    expect(shown(mirror, [0, 1])).toEqual([]);
    expect(mirror.size).toBe(0);
    mirror.apply(0, [change('a', '3'.repeat(32))]);
    expect(shown(mirror, [0, 1])).toEqual(['a ?']);
  });

  it('leaves out a name that no register can have', () => {
    const mirror = new ListMirror('i', 2, 2);
    mirror.apply(0, [change('key/1')]);
    mirror.apply(1, [change('key/1'), change('not a name'), change('')]);
    expect(shown(mirror, [0, 1])).toEqual(['key/1 1']);
  });

  it('keeps what a caller made of a line until the line changes', () => {
    const mirror = new ListMirror('i', 2, 2);
    mirror.apply(0, [change('a')]);
    mirror.apply(1, [change('a')]);
    const memos = (mark: unknown): unknown[] => {
      const found: unknown[] = [];
      mirror
        .view([0, 1], 2)
        .next('')
        ?.visit((_name, line: ListLine | undefined) => {
          found.push(line?.memo);
          if (line !== undefined) line.memo = mark;
        });
      return found;
    };
    expect(memos('parsed')).toEqual([undefined]);
    expect(memos('again')).toEqual(['parsed']);
    for (const side of [0, 1]) mirror.apply(side, [change('a', late)]);
    expect(memos('new')).toEqual([undefined]);
  });

  it('keeps what a caller made of a stretch until anything in it changes', () => {
    const mirror = new ListMirror('i', 3, 2);
    for (const side of [0, 1])
      mirror.apply(
        side,
        ['a', 'b', 'c'].map((name) => change(name)),
      );
    const memos = (sides: readonly number[], mark: string): unknown[] => {
      const found: unknown[] = [];
      const view = mirror.view(sides, 2);
      for (let part = view.next(''); part !== undefined; part = view.next(part.lastName)) {
        found.push(part.kept === undefined ? 'differ' : part.kept.memo);
        if (part.kept !== undefined) part.kept.memo = mark;
      }
      return found;
    };
    expect(memos([0, 1], 'x')).toEqual([undefined, undefined]);
    expect(memos([0, 2], 'x')).toEqual(['differ', 'differ']);
    expect(memos([0, 1, 2], 'y')).toEqual(['x', 'x']);
    mirror.apply(0, [change('c', late)]);
    expect(memos([0, 1], 'z')).toEqual(['y', 'differ']);
    mirror.apply(1, [change('c', late)]);
    expect(memos([0, 1], 'z')).toEqual(['z', undefined]);
  });
});
