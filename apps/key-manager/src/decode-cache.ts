// Parsed register values, kept by ballot: one ballot carries one value for ever, so an unchanged register is not parsed
// again. It saves work only. What is true is read from a majority every time.
import type { RegisterState } from '@zonehold/caspaxos';

interface Entry<Value> {
  readonly ballot: string;
  readonly sizeChars: number;
  readonly value: Value;
}

/** About as many keys as are in use at once; most records are under 2 kB. */
const entriesMaxDefault = 20_000;
/** Of register text. Parsed objects take about twice as much: 64 MB at worst. */
const charsMaxDefault = 32 * 1024 * 1024;

/** Bounded by entries and by text; the entry that was parsed longest ago leaves first. */
export class DecodeCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #parse: (text: string) => Value;
  readonly #entriesMax: number;
  readonly #charsMax: number;
  #sizeChars = 0;

  constructor(
    parse: (text: string) => Value,
    limits: { readonly entriesMax?: number; readonly charsMax?: number } = {},
  ) {
    this.#parse = parse;
    this.#entriesMax = limits.entriesMax ?? entriesMaxDefault;
    this.#charsMax = limits.charsMax ?? charsMaxDefault;
  }

  /** The value of a register, undefined when nothing was ever written. `name` must be unique to the register. */
  decode(name: string, state: RegisterState): Value | undefined {
    if (state.value === null) return undefined;
    const known = this.#entries.get(name);
    if (known?.ballot === state.ballot) return known.value;
    const value = this.#parse(state.value);
    // A slower read's older value is answered with, and not kept: the newer one may be there because the older was erased.
    if (known !== undefined && known.ballot > state.ballot) return value;
    this.#put(name, { ballot: state.ballot, sizeChars: state.value.length, value });
    return value;
  }

  #put(name: string, entry: Entry<Value>): void {
    this.#drop(name);
    this.#entries.set(name, entry);
    this.#sizeChars += entry.sizeChars;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#entriesMax && this.#sizeChars <= this.#charsMax) return;
      this.#drop(oldest);
    }
  }

  #drop(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    this.#sizeChars -= entry.sizeChars;
  }
}
