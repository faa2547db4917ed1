// Random bytes in small portions at the price of large ones: randomBytes(24) costs 3.5 µs, a slice of a pool 0.3.
// A portion leaves the pool by copy and its place is wiped, so no two takers ever see the same bytes.
import { assert, type Random } from '@zonehold/primitives';

/** 170 nonces: the refill (about 10 µs) is not felt, and little unused randomness lies in memory. */
export const poolBytes = 4096;

/** Hands out bytes of a cryptographic `Random`, generated `poolBytes` at a time. */
export class RandomPool {
  readonly #random: Random;
  #pool: Uint8Array = new Uint8Array(0);
  #next = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Fills `target` (at most `poolBytes` long) with random bytes that nobody else gets. */
  fill(target: Uint8Array): void {
    const count = target.byteLength;
    assert(count <= poolBytes, 'a portion must fit the pool');
    if (this.#next + count > this.#pool.byteLength) {
      this.#pool.fill(0);
      this.#pool = this.#random.bytes(poolBytes);
      this.#next = 0;
    }
    const end = this.#next + count;
    target.set(this.#pool.subarray(this.#next, end));
    this.#pool.fill(0, this.#next, end);
    this.#next = end;
  }

  /** `count` random bytes in a buffer of their own. */
  bytes(count: number): Buffer {
    const bytes = Buffer.alloc(count);
    this.fill(bytes);
    return bytes;
  }
}
