// The list encoding: exact bytes, and no two lists alike.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeStrings } from './aad.ts';

const wellFormed = fc.string({ unit: 'grapheme', maxLength: 12 });

describe('the string list encoding', () => {
  it('is a count and then a byte length before each UTF-8 text', () => {
    expect(encodeStrings(['a', 'é', '']).toString('hex')).toBe(
      ['00000003', '00000001', '61', '00000002', 'c3a9', '00000000'].join(''),
    );
    expect(encodeStrings([]).toString('hex')).toBe('00000000');
    expect(encodeStrings([], Buffer.from('01', 'hex')).toString('hex')).toBe('0100000000');
    expect(encodeStrings(['a'], Buffer.from('ff', 'hex')).toString('hex')).toBe(
      'ff000000010000000161',
    );
  });

  it('gives different lists different bytes, whatever their strings', () => {
    fc.assert(
      fc.property(
        fc.array(wellFormed, { maxLength: 5 }),
        fc.array(wellFormed, { maxLength: 5 }),
        (left, right) => {
          const same = JSON.stringify(left) === JSON.stringify(right);
          expect(encodeStrings(left).equals(encodeStrings(right))).toBe(same);
        },
      ),
    );
  });

  it('tells apart the classic look-alikes', () => {
    const lists = [
      [],
      [''],
      ['', ''],
      ['ab'],
      ['a', 'b'],
      ['b', 'a'],
      ['ab', ''],
      ['', 'ab'],
      ['é'],
      ['e\u0301'],
    ];
    const encodings = new Set(lists.map((list) => encodeStrings(list).toString('hex')));
    expect(encodings.size).toBe(lists.length);
  });

  it('refuses ill-formed UTF-16 as a bug of the caller', () => {
    expect(() => encodeStrings(['\ud800'])).toThrow('well-formed');
  });
});
