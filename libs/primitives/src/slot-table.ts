// What is under way, by number: calls that wait for an answer come and go thousands of times a second. A Map or Set would do,
// but for its garbage: V8 gives one with much coming and going a new table every few deletions, and each old table points
// to the next. Once one of them was moved to the old generation, all that follow are kept until a full collection, with whatever
// was under way when they were replaced: replies of megabytes. Found by p99 of unwraps beside lists (docs/listing.md).
import { assert } from './assert.ts';

/** Slots one table can have: far above every bound on what is under way. */
const slotsMax = 2 ** 16;

/** Values by numbers that never come twice, so that a late answer finds nothing rather than another's place. */
export class SlotTable<Value> {
  readonly #values: (Value | undefined)[] = [];
  /** By slot: the number given out last there. */
  readonly #ids: number[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#values.length - this.#free.length;
  }

  /** Keeps `value`; the number it is taken by. At most 65,536 at once. */
  put(value: Value): number {
    let slot = this.#free.pop();
    if (slot === undefined) {
      slot = this.#values.length;
      assert(slot < slotsMax, 'far more is under way than any bound allows');
      // So that the first number is slotsMax and up: zero is for those who have none.
      this.#ids.push(slot);
    }
    const id = (this.#ids[slot] ?? slot) + slotsMax;
    this.#ids[slot] = id;
    this.#values[slot] = value;
    return id;
  }

  /** The value, which is not kept any longer; undefined when it was taken before. */
  take(id: number): Value | undefined {
    const slot = id % slotsMax;
    if (this.#ids[slot] !== id) return undefined;
    const value = this.#values[slot];
    if (value === undefined) return undefined;
    this.#values[slot] = undefined;
    this.#free.push(slot);
    return value;
  }

  /** The value, which stays; undefined when it was taken. */
  at(id: number): Value | undefined {
    const slot = id % slotsMax;
    return this.#ids[slot] === id ? this.#values[slot] : undefined;
  }

  /** Runs for each value; it may take values, also others. What is put meanwhile may be met or not. */
  forEach(visit: (value: Value, id: number) => void): void {
    for (let slot = 0; slot < this.#values.length; slot += 1) {
      const value = this.#values[slot];
      if (value !== undefined) visit(value, this.#ids[slot] ?? 0);
    }
  }

  /** Takes all there is. */
  takeAll(): Value[] {
    const taken: Value[] = [];
    this.forEach((value, id) => {
      this.take(id);
      taken.push(value);
    });
    return taken;
  }
}
