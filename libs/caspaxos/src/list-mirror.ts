// One scope's list as its voters have shown it, kept in memory and in order. It knows what each voter said last, not
// whether that is still so: list-side.ts asks, list-mirrors.ts decides whose word counts.
import type { ListChange } from './acceptor-port.ts';
import { isRegisterId } from './register-id.ts';
import type { ListLine, ListStretch, ListView } from './register-store.ts';
import { SortedEntries, type Run } from './sorted-entries.ts';

/** `summary` null: a register without an entry. */
interface Line {
  readonly ballot: string;
  readonly summary: string | null;
  memo: unknown;
}

interface Entry {
  readonly name: string;
  /** By side. Sides that say the same share one line, so that agreement is identity. */
  readonly lines: (Line | undefined)[];
}

/** What is known of a run until it changes. */
interface Notes {
  /** Sets of sides (one bit each) that were found to settle every entry. */
  readonly settledBy: Set<number>;
  /** For the caller. Where two sets settle all entries, they settle them alike: any two quorums share a side. */
  readonly kept: { memo: unknown };
}

/** See the head of the file. Sides are counted from 0. */
export class ListMirror {
  readonly scope: string;
  readonly #sideCount: number;
  readonly #entries = new Map<string, Entry>();
  readonly #inOrder: SortedEntries<Entry, Notes>;

  constructor(scope: string, sideCount: number, stretchMax: number) {
    this.scope = scope;
    this.#sideCount = sideCount;
    this.#inOrder = new SortedEntries(stretchMax);
  }

  /** Names that any side has said something about, without those that all of them say have no entry. */
  get size(): number {
    return this.#entries.size;
  }

  /** Takes what one side says now, and returns how many names it had said nothing about before. */
  apply(side: number, changes: readonly ListChange[]): number {
    let grownBy = 0;
    for (const change of changes) {
      const { name } = change;
      // One acceptor that makes up a name that no register can have must not spoil the list.
      if (!isRegisterId({ scope: this.scope, name })) continue;
      const { lines } = this.#entries.get(name) ?? this.#add(name);
      if (lines[side] === undefined) grownBy += 1;
      this.#inOrder.changed(name);
      const line = (lines[side] = shared(lines, change));
      if (line.summary === null && this.#isAgreed(lines, line)) {
        this.#remove(name);
        grownBy -= 1;
      }
    }
    return grownBy;
  }

  /**
   * The list by the word of `fresh`, at least `quorum` sides; those that are added later count from then on. An entry is
   * settled where a quorum says exactly the same: as in a read, what only one acceptor has was not committed when the others
   * answered. A committed line is on one of any quorum at least, so what no quorum agrees on needs a majority read.
   */
  view(fresh: readonly number[], quorum: number): ListView {
    return {
      next: (after) => {
        const found = this.#inOrder.after(after);
        return found && stretchOf(found.run, found.position, [...fresh], quorum);
      },
    };
  }

  #isAgreed(lines: Entry['lines'], line: Line): boolean {
    return lines.length === this.#sideCount && lines.every((other) => other === line);
  }

  #add(name: string): Entry {
    const entry: Entry = { name, lines: [] };
    this.#entries.set(name, entry);
    this.#inOrder.add(entry);
    return entry;
  }

  #remove(name: string): void {
    this.#entries.delete(name);
    this.#inOrder.remove(name);
  }
}

function stretchOf(
  run: Run<Entry, Notes>,
  position: number,
  fresh: readonly number[],
  quorum: number,
): ListStretch {
  // As they are now: a run that changes later is for the next walk.
  const entries = position === 0 ? run.entries : run.entries.slice(position);
  const isSettled = position === 0 && isSettledBy(run, fresh, quorum);
  return {
    lastName: entries.at(-1)?.name ?? '',
    kept: isSettled ? run.notes?.kept : undefined,
    visit: (visitor) => {
      for (const { name, lines } of entries) {
        const line = agreed(lines, fresh, quorum);
        if (line === 'differ') visitor(name, undefined);
        else if (line !== undefined && isEntry(line)) visitor(name, line);
      }
    },
  };
}

function isSettledBy(run: Run<Entry, Notes>, fresh: readonly number[], quorum: number): boolean {
  const set = fresh.reduce((bits, side) => bits | (1 << side), 0);
  if (run.notes?.settledBy.has(set) === true) return true;
  if (run.entries.some(({ lines }) => agreed(lines, fresh, quorum) === 'differ')) return false;
  run.notes ??= { settledBy: new Set(), kept: { memo: undefined } };
  run.notes.settledBy.add(set);
  return true;
}

function isEntry(line: Line): line is ListLine {
  return line.summary !== null;
}

/** The line that another side has if it is the same, ballot and text: summaries carry no MAC, so a ballot alone says little. */
function shared(lines: Entry['lines'], { ballot, summary }: ListChange): Line {
  const same = lines.find((known) => known?.ballot === ballot && known.summary === summary);
  return same ?? { ballot, summary, memo: undefined };
}

/** What a quorum of `fresh` says: a line, nothing at all, or no one thing. */
function agreed(
  lines: Entry['lines'],
  fresh: readonly number[],
  quorum: number,
): Line | undefined | 'differ' {
  // Nearly always.
  const [one = 0, two = 0] = fresh;
  if (quorum === 2 && fresh.length > 1 && lines[one] === lines[two]) return lines[one];
  for (const side of fresh) {
    const line = lines[side];
    let equal = 0;
    for (const other of fresh) if (lines[other] === line) equal += 1;
    if (equal >= quorum) return line;
  }
  return 'differ';
}
