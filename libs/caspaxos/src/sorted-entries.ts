// Entries in the order of their names, kept in short runs, so that one more costs microseconds among 100,000 and a walk
// can begin anywhere. Not a map: list-mirror.ts keeps one beside it.

/** Entries of one run; a longer one is halved. */
const runMax = 512;

interface Named {
  readonly name: string;
}

/** See the head of the file. Names are unique; the caller sees to it. */
export class SortedEntries<Entry extends Named> {
  /** None is empty. */
  readonly #runs: Entry[][] = [];

  add(entry: Entry): void {
    const at = Math.max(0, this.#runAt(entry.name));
    const run = this.#runs[at];
    if (run === undefined) {
      this.#runs.push([entry]);
      return;
    }
    run.splice(firstFrom(run, entry.name), 0, entry);
    if (run.length > runMax) this.#runs.splice(at + 1, 0, run.splice(run.length >> 1));
  }

  remove(name: string): void {
    const at = this.#runAt(name);
    const run = this.#runs[at];
    if (run === undefined) return;
    const position = firstFrom(run, name);
    if (run[position]?.name === name) run.splice(position, 1);
    if (run.length === 0) this.#runs.splice(at, 1);
  }

  /** Shows up to `countMax` entries whose names come after `after`; the last name shown, undefined when there are no more. */
  walk(after: string, countMax: number, visit: (entry: Entry) => void): string | undefined {
    let at = Math.max(0, this.#runAt(after));
    let run = this.#runs[at];
    if (run === undefined) return undefined;
    let position = firstFrom(run, after);
    if (run[position]?.name === after) position += 1;
    let last = after;
    for (let count = 0; count < countMax;) {
      const entry: Entry | undefined = run[position];
      if (entry === undefined) {
        run = this.#runs[(at += 1)];
        if (run === undefined) return undefined;
        position = 0;
        continue;
      }
      visit(entry);
      last = entry.name;
      position += 1;
      count += 1;
    }
    return last;
  }

  /** The last run that begins at or before `name`; -1 when all begin later. */
  #runAt(name: string): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const first = this.#runs[middle]?.[0]?.name ?? '';
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
