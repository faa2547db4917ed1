// The client's ciphertext: what opens it, and a table of everything that must not.
import { randomBytes } from 'node:crypto';
import { systemRandom } from '@zonehold/primitives';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  envelopeOverheadBytes,
  unwrap,
  unwrapWith,
  wrap,
  wrappingKey,
  type WrappingKey,
} from './envelope.ts';
import { RandomPool } from './random-pool.ts';
import { SecretBytes } from './secret-bytes.ts';

const pool = new RandomPool(systemRandom);
const keyOf = (material: Uint8Array): WrappingKey =>
  wrappingKey(SecretBytes.take(Buffer.from(material)));
const dek = Buffer.from('0123456789abcdef0123456789abcdef');
const materialSizes = [16, 24, 32];
const plaintextSizes = [0, 1, 15, 16, 17, 31, 32, 33, 7499, 7500];

describe('the wrap envelope', () => {
  for (const size of materialSizes) {
    it(`wraps and unwraps every plaintext size with ${size}-byte material`, () => {
      const key = keyOf(randomBytes(size));
      for (const length of plaintextSizes) {
        const plaintext = randomBytes(length);
        const envelope = wrap(key, plaintext, ['x'], pool);
        expect(envelope.byteLength).toBe(length + envelopeOverheadBytes);
        expect(unwrapWith(key, envelope, ['x'])).toEqual({ verdict: 'opened', plaintext });
      }
    });
  }

  it('refuses material of any other size as a bug', () => {
    for (const size of [0, 1, 15, 17, 23, 25, 31, 33, 64]) {
      expect(() => keyOf(Buffer.alloc(size)), `${size} bytes`).toThrow('16, 24 or 32');
    }
  });

  it('keeps the format that clients already hold', () => {
    // A frozen envelope: if this stops opening, stored ciphertexts of version 1 were orphaned.
    const key = keyOf(Buffer.alloc(32, 0x2a));
    expect(Buffer.from(key.materialId).toString('hex')).toBe(frozen.materialId);
    expect(unwrapWith(key, Buffer.from(frozen.envelope, 'hex'), ['tenant', 'é'])).toEqual({
      verdict: 'opened',
      plaintext: dek,
    });
  });

  it('starts with the version byte and the material id', () => {
    const key = keyOf(randomBytes(32));
    const envelope = wrap(key, dek, [], pool);
    expect(envelope[0]).toBe(1);
    expect(envelope.subarray(1, 33)).toEqual(Buffer.from(key.materialId));
  });

  it('gives another ciphertext each time', () => {
    const key = keyOf(randomBytes(32));
    const envelopes = Array.from({ length: 500 }, () => wrap(key, dek, [], pool).toString('hex'));
    expect(new Set(envelopes).size).toBe(500);
  });

  it('round-trips any plaintext, material and AAD', () => {
    fc.assert(
      fc.property(
        fc
          .constantFrom(...materialSizes)
          .chain((size) => fc.uint8Array({ minLength: size, maxLength: size })),
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 4 }),
        (material, plaintext, aad) => {
          const envelope = wrap(keyOf(material), plaintext, aad, pool);
          const opened = unwrapWith(keyOf(material), envelope, aad);
          expect(opened).toEqual({ verdict: 'opened', plaintext: Buffer.from(plaintext) });
        },
      ),
    );
  });

  it('opens for another key with the same imported material', () => {
    const material = randomBytes(24);
    const envelope = wrap(keyOf(material), dek, ['a'], pool);
    expect(unwrapWith(keyOf(material), envelope, ['a'])).toEqual({
      verdict: 'opened',
      plaintext: dek,
    });
  });

  it('separates materials that are prefixes or paddings of each other', () => {
    const short = Buffer.alloc(16, 7);
    const padded = Buffer.concat([short, Buffer.alloc(16)]);
    const envelope = wrap(keyOf(short), dek, [], pool);
    expect(unwrapWith(keyOf(padded), envelope, [])).toEqual({ verdict: 'not-mine' });
  });
});

describe('an envelope that must not open', () => {
  const key = keyOf(randomBytes(32));
  const aad = ['one', 'two'];
  const envelope = wrap(key, dek, aad, pool);

  it('is one with any byte changed, in any bit', () => {
    for (let bit = 0; bit < envelope.byteLength * 8; bit += 1) {
      const changed = Buffer.from(envelope);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(unwrapWith(key, changed, aad).verdict, `bit ${bit}`).not.toBe('opened');
      expect(unwrap([key], changed, aad), `bit ${bit}`).toBeUndefined();
    }
  });

  it('is one cut at any length, or with bytes added', () => {
    for (let length = 0; length < envelope.byteLength; length += 1) {
      expect(unwrap([key], envelope.subarray(0, length), aad), `length ${length}`).toBeUndefined();
    }
    expect(unwrap([key], Buffer.concat([envelope, Buffer.alloc(1)]), aad)).toBeUndefined();
    expect(unwrap([key], Buffer.concat([Buffer.alloc(1), envelope]), aad)).toBeUndefined();
  });

  it('is one under any other AAD: other text, order, count, case, or normal form', () => {
    const others = [
      [],
      ['one'],
      ['two', 'one'],
      ['one', 'two', ''],
      ['one', 'Two'],
      ['onetwo'],
      ['', 'onetwo'],
      ['one', 'two\u0301'],
    ];
    for (const other of others)
      expect(unwrap([key], envelope, other), JSON.stringify(other)).toBeUndefined();
  });

  it('is one of any other material', () => {
    expect(unwrapWith(keyOf(randomBytes(32)), envelope, aad)).toEqual({ verdict: 'not-mine' });
  });

  it('is one whose material id was put over the ciphertext of another key', () => {
    const mine = keyOf(randomBytes(32));
    const forged = Buffer.from(envelope);
    forged.set(mine.materialId, 1);
    expect(unwrapWith(mine, forged, aad)).toEqual({ verdict: 'broken' });
  });

  it('is one of an unknown format version', () => {
    for (const version of [0, 2, 255]) {
      const changed = Buffer.from(envelope);
      changed[0] = version;
      expect(unwrapWith(key, changed, aad)).toEqual({ verdict: 'not-mine' });
    }
  });
});

describe('unwrapping among versions', () => {
  const materials = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const keys = materials.map(keyOf);

  it('names the version that wrapped', () => {
    for (const [index, key] of keys.entries()) {
      expect(unwrap(keys, wrap(key, dek, [], pool), [])).toEqual({ index, plaintext: dek });
    }
  });

  it('reports the newest of versions with equal material', () => {
    const versions = [keyOf(materials[0]!), keyOf(materials[1]!), keyOf(materials[1]!)];
    expect(unwrap(versions, wrap(versions[2]!, dek, [], pool), [])?.index).toBe(1);
  });

  it('does not open versions older than the one that wrapped', () => {
    let opened = 0;
    function* lazily(): Generator<WrappingKey> {
      for (const key of keys) {
        opened += 1;
        yield key;
      }
    }
    unwrap(lazily(), wrap(keys[0]!, dek, [], pool), []);
    expect(opened).toBe(1);
  });
});

/** Made by this code at format version 1 with material 0x2a × 32, the DEK above and AAD ['tenant', 'é']. */
const frozen = {
  materialId: 'ff8e735043793c032cd913c7ecee06d0d3f55252cbe88867d5316a7626744eb6',
  envelope:
    '01ff8e735043793c032cd913c7ecee06d0d3f55252cbe88867d5316a7626744eb6e5c64828b41692968713159bcf225c2d1ceec2b0bb1c685645bf808790d81f5436d3af42750410a9d82e38636a1306b81bad6c965be932a1410c9f4f3607446330ad42e4fc5a7815',
};
