// The pool never hands out the same bytes twice and keeps nothing that it handed out.
import { SeededRandom, type Random } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { poolBytes, RandomPool } from './random-pool.ts';

/** Remembers every block it gave, to look at what the pool leaves in them. */
class RememberingRandom implements Random {
  readonly blocks: Uint8Array[] = [];
  readonly #random = new SeededRandom(1);
  bytes(count: number): Uint8Array {
    const block = this.#random.bytes(count);
    this.blocks.push(block);
    return block;
  }
  unit(): number {
    return this.#random.unit();
  }
}

describe('the random pool', () => {
  it('never gives the same bytes twice', () => {
    const pool = new RandomPool(new RememberingRandom());
    const seen = new Set<string>();
    for (let round = 0; round < 2000; round += 1) seen.add(pool.bytes(24).toString('hex'));
    expect(seen.size).toBe(2000);
  });

  it('leaves zeros where a portion was taken', () => {
    const random = new RememberingRandom();
    const pool = new RandomPool(random);
    const first = pool.bytes(24);
    expect(first.equals(Buffer.alloc(24))).toBe(false);
    expect([...random.blocks[0]!.subarray(0, 24)]).toEqual([...Buffer.alloc(24)]);
    expect(random.blocks[0]!.subarray(24, 48).some((byte) => byte !== 0)).toBe(true);
  });

  it('wipes the rest of a block that is too short for the next portion', () => {
    const random = new RememberingRandom();
    const pool = new RandomPool(random);
    pool.bytes(poolBytes - 10);
    pool.bytes(24);
    expect(random.blocks).toHaveLength(2);
    expect(random.blocks[0]!.every((byte) => byte === 0)).toBe(true);
  });

  it('serves a portion of the whole pool and refuses a larger one as a bug', () => {
    const pool = new RandomPool(new RememberingRandom());
    expect(pool.bytes(poolBytes).byteLength).toBe(poolBytes);
    expect(() => pool.bytes(poolBytes + 1)).toThrow('must fit');
  });
});
