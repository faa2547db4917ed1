// Small integers for big values, so that a state of the whole region is nine numbers. Knows nothing of what it holds.

/** Gives equal values equal ids, counting from 0. Ids differ between runs of different spaces, never within one. */
export class Interner<Item> {
  readonly #keyOf: (item: Item) => string;
  readonly #ids = new Map<string, number>();
  readonly #items: Item[] = [];

  constructor(keyOf: (item: Item) => string = (item) => JSON.stringify(item)) {
    this.#keyOf = keyOf;
  }

  idOf(item: Item): number {
    const key = this.#keyOf(item);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#items.length;
    this.#ids.set(key, id);
    this.#items.push(item);
    return id;
  }

  at(id: number): Item {
    const item = this.#items[id];
    if (item === undefined) throw new Error(`nothing was interned as ${id}`);
    return item;
  }
}

/** Remembers the results of a pure function of one number. */
export function memoise<Result>(compute: (key: number) => Result): (key: number) => Result {
  const known = new Map<number, Result>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const result = compute(key);
    known.set(key, result);
    return result;
  };
}
