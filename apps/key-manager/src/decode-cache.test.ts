import { describe, expect, it } from 'vitest';
import { DecodeCache } from './decode-cache.ts';

function counting(limits = {}) {
  const parsed: string[] = [];
  const cache = new DecodeCache((text) => {
    parsed.push(text);
    return text.toUpperCase();
  }, limits);
  return { parsed, cache };
}

describe('a decode cache', () => {
  it('parses a value again only when its ballot differs', () => {
    const { parsed, cache } = counting();
    expect(cache.decode('r', { ballot: '1', value: 'a' })).toBe('A');
    expect(cache.decode('r', { ballot: '1', value: 'a' })).toBe('A');
    expect(cache.decode('r', { ballot: '2', value: 'b' })).toBe('B');
    expect(cache.decode('other', { ballot: '2', value: 'c' })).toBe('C');
    expect(parsed).toEqual(['a', 'b', 'c']);
  });

  it('has nothing for a register that was never written', () => {
    expect(counting().cache.decode('r', { ballot: '', value: null })).toBeUndefined();
  });

  it('forgets what was parsed longest ago, by count and by size', () => {
    for (const limits of [{ entriesMax: 2 }, { charsMax: 2 }]) {
      const { parsed, cache } = counting(limits);
      for (const name of ['a', 'b', 'c', 'c', 'b', 'a'])
        cache.decode(name, { ballot: '1', value: name });
      expect(parsed).toEqual(['a', 'b', 'c', 'a']);
    }
  });

  it('does not keep what is larger than itself', () => {
    const { cache, parsed } = counting({ charsMax: 2 });
    cache.decode('r', { ballot: '1', value: 'long' });
    expect(cache.decode('r', { ballot: '1', value: 'long' })).toBe('LONG');
    expect(parsed).toHaveLength(2);
  });

  it('answers a slower read with its older value, and keeps the newer one', () => {
    const { parsed, cache } = counting();
    expect(cache.decode('r', { ballot: '2', value: 'erased' })).toBe('ERASED');
    expect(cache.decode('r', { ballot: '1', value: 'old' })).toBe('OLD');
    expect(cache.decode('r', { ballot: '2', value: 'erased' })).toBe('ERASED');
    expect(parsed).toEqual(['erased', 'old']);
  });
});
