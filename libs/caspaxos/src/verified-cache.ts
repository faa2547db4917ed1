// Remembers, per register, the bytes whose MAC was checked last, with their decoded state: equal bytes are not checked or
// decoded again. Not a read cache: it is only asked about bytes that an acceptor has just sent.
import type { Accepted } from './acceptor-port.ts';
import type { RegisterState } from './register-store.ts';

interface Entry {
  readonly accepted: Accepted;
  readonly state: RegisterState;
}

/** Bounded by two generations: cheaper than a strict LRU, since a hit in the young one moves nothing. */
export class VerifiedCache {
  readonly #generationMax: number;
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();

  constructor(entriesMax: number) {
    this.#generationMax = Math.max(1, Math.floor(entriesMax / 2));
  }

  /** The state of `accepted` if exactly these bytes were remembered for `key`. */
  find(key: string, accepted: Accepted): RegisterState | undefined {
    let entry = this.#young.get(key);
    if (entry === undefined) {
      entry = this.#old.get(key);
      if (entry === undefined) return undefined;
      this.#keep(key, entry);
    }
    const known = entry.accepted;
    return known.ballot === accepted.ballot &&
      known.payload === accepted.payload &&
      known.mac === accepted.mac
      ? entry.state
      : undefined;
  }

  remember(key: string, accepted: Accepted, state: RegisterState): void {
    this.#keep(key, { accepted, state });
  }

  #keep(key: string, entry: Entry): void {
    if (this.#young.size >= this.#generationMax && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, entry);
    // Older bytes of the register are of no use, and may hold what has been erased since.
    this.#old.delete(key);
  }
}
