// The set of states seen, as 64-bit hashes in one flat table. Two different states with one hash would count as one and
// the second would not be explored: with n states the chance of any such pair is about n² / 2^65 (10 million: 3 in a million).

const loadMax = 0.6;

/** A growing set of fixed-length vectors of small integers. */
export class VisitedSet {
  #table = new Uint32Array(2 << 16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** True when `length` numbers from `offset` were not there before. */
  add(vector: Int32Array, offset: number, length: number): boolean {
    let low = 0x9e3779b9;
    let high = 0x85ebca6b;
    for (let index = offset; index < offset + length; index += 1) {
      const value = vector[index]!;
      low = Math.imul(low ^ value, 0xcc9e2d51);
      low = (low << 15) | (low >>> 17);
      high = Math.imul(high ^ (value + (low >>> 3)), 0x1b873593);
      high = (high << 13) | (high >>> 19);
    }
    low = mixed(low ^ high);
    high = mixed(high + low) | 1;
    if ((this.#size + 1) * 2 > this.#table.length * loadMax) this.#grow();
    return this.#insert(low >>> 0, high >>> 0);
  }

  #insert(low: number, high: number): boolean {
    const table = this.#table;
    const mask = table.length / 2 - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const held = table[2 * slot + 1];
      if (held === 0) {
        table[2 * slot] = low;
        table[2 * slot + 1] = high;
        this.#size += 1;
        return true;
      }
      if (held === high && table[2 * slot] === low) return false;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Uint32Array(old.length * 2);
    this.#size = 0;
    for (let index = 0; index < old.length; index += 2) {
      if (old[index + 1] !== 0) this.#insert(old[index]!, old[index + 1]!);
    }
  }
}

/** The finaliser of MurmurHash3: every bit of the input moves every bit of the result. */
function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
