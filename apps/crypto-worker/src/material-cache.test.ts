// The cache stays within its bound and forgets what was used least recently.
import { describe, expect, it } from 'vitest';
import { BoundedCache } from './material-cache.ts';

describe('the bounded cache', () => {
  it('keeps at most its bound, and drops the least recently used', () => {
    const cache = new BoundedCache<number>(3);
    for (const [index, key] of ['a', 'b', 'c'].entries()) cache.set(key, index);
    cache.get('a');
    cache.set('d', 3);
    expect(cache.size).toBe(3);
    expect(cache.get('b')).toBeUndefined();
    expect([cache.get('a'), cache.get('c'), cache.get('d')]).toEqual([0, 2, 3]);
  });

  it('replaces an entry without growing', () => {
    const cache = new BoundedCache<number>(2);
    cache.set('a', 1);
    cache.set('a', 2);
    cache.set('b', 3);
    expect([cache.size, cache.get('a'), cache.get('b')]).toEqual([2, 2, 3]);
  });

  it('never exceeds its bound over many insertions', () => {
    const cache = new BoundedCache<number>(10);
    for (let index = 0; index < 1000; index += 1) {
      cache.set(`k${index}`, index);
      expect(cache.size).toBeLessThanOrEqual(10);
    }
  });
});
