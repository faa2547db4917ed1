// A value that must never be printed: it shows as [redacted] wherever a logger, a template or an inspector meets it.
import { inspect } from 'node:util';

/**
 * Carries plaintext through code that relays it. Only `reveal` gives the value back, so one search finds every reader.
 * JSON.stringify of it is "[redacted]": whoever puts it on a wire must reveal it on purpose.
 */
export class Sensitive<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
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
