// Secret bytes that do not print and can be wiped. Not a guarantee: V8 may have copied a buffer before it was wiped.
import { inspect } from 'node:util';
import { assert } from '@zonehold/primitives';
import type { SecretAccess } from './access.ts';

/** Owns a buffer with a secret in it. It shows as [redacted] to templates, JSON and inspectors; `read` needs the access token. */
export class SecretBytes {
  readonly #bytes: Uint8Array;
  #isWiped = false;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Takes over `bytes`: the caller must not keep, change or wipe them. */
  static take(bytes: Uint8Array): SecretBytes {
    return new SecretBytes(bytes);
  }

  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  get isWiped(): boolean {
    return this.#isWiped;
  }

  /** The bytes themselves, not a copy: they turn to zeros when this secret is wiped. Reading a wiped secret is a bug. */
  read(_access: SecretAccess): Uint8Array {
    assert(!this.#isWiped, 'a wiped secret was read');
    return this.#bytes;
  }

  /** Calls `use` with the bytes and wipes them when it ends, however it ends. `use` must be synchronous and keep nothing. */
  spend<T>(access: SecretAccess, use: (bytes: Uint8Array) => T): T {
    try {
      return use(this.read(access));
    } finally {
      this.wipe();
    }
  }

  /** Overwrites the bytes with zeros. May be called twice. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#isWiped = true;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
