// Tokens whose signature has been verified, until they expire. Keyed by SHA-256: the tokens themselves are not kept, and a
// look-up takes no time that depends on them. Rights are not here: they are read with every operation.
import { hash } from 'node:crypto';
import type { Caller } from '@zonehold/api-contract';
import type { Clock } from '@zonehold/primitives';

/** About 300 bytes each: 3 MiB at most. Beyond it the oldest goes and is verified again. */
const entriesMax = 10_000;

interface Entry {
  readonly caller: Caller;
  readonly expiresAtMs: number;
}

export class TokenCache {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #entriesMax: number;

  constructor(clock: Clock, max: number = entriesMax) {
    this.#clock = clock;
    this.#entriesMax = max;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Who holds this token, if it was verified before and has not expired. */
  find(token: string): Caller | undefined {
    const key = hash('sha256', token, 'base64');
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAtMs > this.#clock.wallMs()) return entry.caller;
    this.#entries.delete(key);
    return undefined;
  }

  /** Remembers a verified token until `expiresAtMs` (since the epoch). */
  add(token: string, caller: Caller, expiresAtMs: number): void {
    if (this.#entries.size >= this.#entriesMax) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(hash('sha256', token, 'base64'), { caller, expiresAtMs });
  }
}
