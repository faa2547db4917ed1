import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes, fromBase64, fromHex, toBase64, toHex } from './bytes.ts';

describe('base64', () => {
  it('gives back every byte string that it was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect([...(fromBase64(toBase64(bytes)) ?? [])]).toEqual([...bytes]);
      }),
    );
  });

  // RFC 4648 §10 gives the good ones; the rest is what Node's Buffer would quietly skip or repair.
  it.each([
    ['', []],
    ['Zg==', [102]],
    ['Zm8=', [102, 111]],
  ])('reads %j', (text, bytes) => {
    expect([...(fromBase64(text) ?? [])]).toEqual(bytes);
  });

  it.each(['Zg', 'Zg=', 'Zh==', 'Zm9=', 'Z', 'Zg==\n', ' Zg==', 'Zg==Zg==', 'Z-_=', 'Zm9v!', '='])(
    'refuses %j',
    (text) => {
      expect(fromBase64(text)).toBeUndefined();
    },
  );
});

describe('hexadecimal', () => {
  it('gives back every byte string that it was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect([...(fromHex(toHex(bytes)) ?? [])]).toEqual([...bytes]);
      }),
    );
  });

  it.each(['0', 'AB', '0g', ' 00'])('refuses %j', (text) => {
    expect(fromHex(text)).toBeUndefined();
  });
});

describe('comparison', () => {
  it('tells equal from unequal, also by length', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3))).toBe(false);
  });
});
