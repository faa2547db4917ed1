// Entries in the order of their names, kept in short runs, so that one more costs microseconds among 100,000 and a walk
// can begin anywhere. Each run has notes, which any change of the run empties. Not a map: list-mirror.ts keeps one beside it.

interface Named {
  readonly name: string;
}

/** Neighbours in the order. Never empty. */
export interface Run<Entry extends Named, Notes> {
  readonly entries: readonly Entry[];
  /** What somebody made of these very entries. */
  notes: Notes | undefined;
}

interface OwnRun<Entry extends Named, Notes> extends Run<Entry, Notes> {
  readonly entries: Entry[];
}

/** See the head of the file. Names are unique; the caller sees to it. A run longer than `runMax` is halved. */
export class SortedEntries<Entry extends Named, Notes> {
  readonly #runMax: number;
  readonly #runs: OwnRun<Entry, Notes>[] = [];

  constructor(runMax: number) {
    this.#runMax = runMax;
  }

  add(entry: Entry): void {
    const at = Math.max(0, this.#runAt(entry.name));
    const run = this.#runs[at];
    if (run === undefined) {
      this.#runs.push({ entries: [entry], notes: undefined });
      return;
    }
    const { entries } = run;
    run.notes = undefined;
    entries.splice(firstFrom(entries, entry.name), 0, entry);
    if (entries.length <= this.#runMax) return;
    const upper = entries.splice(entries.length >> 1);
    this.#runs.splice(at + 1, 0, { entries: upper, notes: undefined });
  }

  remove(name: string): void {
    const at = this.#runAt(name);
    const run = this.#runs[at];
    if (run === undefined) return;
    const { entries } = run;
    const position = firstFrom(entries, name);
    if (entries[position]?.name !== name) return;
    run.notes = undefined;
    entries.splice(position, 1);
    if (entries.length === 0) this.#runs.splice(at, 1);
  }

  /** Empties the notes of the run that `name` is in: its entry has changed. */
  changed(name: string): void {
    const run = this.#runs[this.#runAt(name)];
    if (run !== undefined) run.notes = undefined;
  }

  /** The run that the first name after `after` is in, and that name's place there; undefined when there is none. */
  after(after: string): { readonly run: Run<Entry, Notes>; readonly position: number } | undefined {
    const at = Math.max(0, this.#runAt(after));
    const run = this.#runs[at];
    if (run === undefined) return undefined;
    let position = firstFrom(run.entries, after);
    if (run.entries[position]?.name === after) position += 1;
    if (position < run.entries.length) return { run, position };
    const next = this.#runs[at + 1];
    return next && { run: next, position: 0 };
  }

  /** The last run that begins at or before `name`; -1 when all begin later. */
  #runAt(name: string): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const first = this.#runs[middle]?.entries[0]?.name ?? '';
      if (first <= name) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Where the first entry stands whose name is not before `name`. */
function firstFrom(run: readonly Named[], name: string): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((run[middle]?.name ?? '') < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
