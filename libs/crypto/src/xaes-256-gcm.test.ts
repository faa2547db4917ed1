// Published vectors of c2sp.org/XAES-256-GCM, whole and accumulated, and texts that must not open.
import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Xaes256Gcm } from './xaes-256-gcm.ts';

const cipherOf = (key: Uint8Array): Xaes256Gcm => new Xaes256Gcm(createSecretKey(key));

function sealed(
  key: Xaes256Gcm,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array,
): Buffer {
  const target = Buffer.alloc(plaintext.byteLength + 16);
  key.sealInto(target, 0, nonce, plaintext, aad);
  return target;
}

const vectors = [
  {
    name: 'whose CMAC doubling does not reduce',
    keyByte: 0x01,
    aad: '',
    ciphertext: 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271',
  },
  {
    name: 'whose CMAC doubling reduces',
    keyByte: 0x03,
    aad: 'c2sp.org/XAES-256-GCM',
    ciphertext: '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d',
  },
];
const nonce = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX');
const plaintext = Buffer.from('XAES-256-GCM');

describe('XAES-256-GCM', () => {
  for (const vector of vectors) {
    it(`passes the published vector ${vector.name}`, () => {
      const key = cipherOf(Buffer.alloc(32, vector.keyByte));
      const aad = Buffer.from(vector.aad);
      const ciphertext = sealed(key, nonce, plaintext, aad);
      expect(ciphertext.toString('hex')).toBe(vector.ciphertext);
      expect(key.open(nonce, ciphertext, aad)).toEqual(plaintext);
    });
  }

  it('passes the published accumulated vector of 10,000 iterations', () => {
    const iterations = 10_000;
    // One SHAKE-128 stream of the empty input; 32 + 24 + 1 + 255 + 1 + 255 bytes at most an iteration.
    const stream = createHash('shake128', { outputLength: iterations * 568 }).digest();
    expect(stream.toString('hex', 0, 16)).toBe('7f9c2ba4e88f827d616045507605853e');
    let offset = 0;
    const next = (count: number): Buffer => stream.subarray(offset, (offset += count));
    const digest = createHash('shake128', { outputLength: 32 });
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      const key = cipherOf(next(32));
      const iterationNonce = next(24);
      const text = next(next(1)[0] ?? 0);
      const aad = next(next(1)[0] ?? 0);
      const ciphertext = sealed(key, iterationNonce, text, aad);
      if (key.open(iterationNonce, ciphertext, aad)?.equals(text) !== true) {
        expect.fail(`iteration ${iteration} does not open`);
      }
      digest.update(ciphertext);
    }
    expect(digest.digest('hex')).toBe(
      'e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939',
    );
  });

  it('gives the same answers when one key serves many nonces in turn', () => {
    const key = cipherOf(Buffer.alloc(32, 0x01));
    const aad = Buffer.alloc(0);
    for (let round = 0; round < 50; round += 1)
      sealed(key, randomBytes(24), randomBytes(round), aad);
    expect(sealed(key, nonce, plaintext, aad).toString('hex')).toBe(vectors[0]?.ciphertext);
  });

  it('opens nothing when any byte of nonce, ciphertext, tag or authenticated data is changed', () => {
    const key = cipherOf(randomBytes(32));
    const aad = Buffer.from('bound');
    const ciphertext = sealed(key, nonce, plaintext, aad);
    for (const part of ['nonce', 'ciphertext', 'aad'] as const) {
      const original = { nonce, ciphertext, aad }[part];
      for (let index = 0; index < original.byteLength; index += 1) {
        const changed = Buffer.from(original);
        changed[index]! ^= 1 << (index % 8);
        const input = { nonce, ciphertext, aad, [part]: changed };
        expect(
          key.open(input.nonce, input.ciphertext, input.aad),
          `${part} byte ${index}`,
        ).toBeUndefined();
      }
    }
  });

  it('opens nothing when the text is cut at any length', () => {
    const key = cipherOf(randomBytes(32));
    const aad = Buffer.alloc(0);
    const ciphertext = sealed(key, nonce, plaintext, aad);
    for (let length = 0; length < ciphertext.byteLength; length += 1) {
      expect(
        key.open(nonce, ciphertext.subarray(0, length), aad),
        `length ${length}`,
      ).toBeUndefined();
    }
  });

  it('refuses keys and nonces of any other size as bugs', () => {
    expect(() => cipherOf(Buffer.alloc(16))).toThrow('32-byte key');
    expect(() => cipherOf(randomBytes(32)).open(Buffer.alloc(12), plaintext, plaintext)).toThrow(
      '24-byte nonce',
    );
  });
});
