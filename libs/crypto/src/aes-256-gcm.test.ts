// Published AES-256-GCM vectors: test cases 13 to 16 of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)",
// the submission to NIST that SP 800-38D standardised.
import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openGcm, sealGcm } from './aes-256-gcm.ts';

const longKey = 'feffe9928665731c6d6a8f9467308308'.repeat(2);
const longPlaintext =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255';
const longCiphertext =
  '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad';

const vectors = [
  {
    name: 'test case 13',
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    plaintext: '',
    aad: '',
    ciphertext: '',
    tag: '530f8afbc74536b9a963b4f1c4cb738b',
  },
  {
    name: 'test case 14',
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    plaintext: '00'.repeat(16),
    aad: '',
    ciphertext: 'cea7403d4d606b6e074ec5d3baf39d18',
    tag: 'd0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    name: 'test case 15',
    key: longKey,
    nonce: 'cafebabefacedbaddecaf888',
    plaintext: longPlaintext,
    aad: '',
    ciphertext: longCiphertext,
    tag: 'b094dac5d93471bdec1a502270e3cc6c',
  },
  {
    name: 'test case 16',
    key: longKey,
    nonce: 'cafebabefacedbaddecaf888',
    plaintext: longPlaintext.slice(0, 120),
    aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    ciphertext: longCiphertext.slice(0, 120),
    tag: '76fc6ece0f4e1768cddf8853bb2d551b',
  },
].map((vector) => ({
  name: vector.name,
  key: createSecretKey(Buffer.from(vector.key, 'hex')),
  nonce: Buffer.from(vector.nonce, 'hex'),
  plaintext: Buffer.from(vector.plaintext, 'hex'),
  aad: Buffer.from(vector.aad, 'hex'),
  sealed: Buffer.from(vector.ciphertext + vector.tag, 'hex'),
}));

describe('AES-256-GCM', () => {
  for (const { name, key, nonce, plaintext, aad, sealed } of vectors) {
    it(`passes ${name} both ways`, () => {
      const target = Buffer.alloc(sealed.byteLength + 3);
      sealGcm(key, nonce, plaintext, aad, target, 3);
      expect(target.subarray(3)).toEqual(sealed);
      expect(openGcm(key, nonce, sealed, aad)).toEqual(plaintext);
    });

    it(`opens nothing when one bit of ${name} is flipped`, () => {
      for (let bit = 0; bit < sealed.byteLength * 8; bit += 1) {
        const changed = Buffer.from(sealed);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(openGcm(key, nonce, changed, aad), `bit ${bit}`).toBeUndefined();
      }
    });

    it(`accepts no shortened tag of ${name}`, () => {
      for (let cut = 1; cut <= 16; cut += 1) {
        expect(
          openGcm(key, nonce, sealed.subarray(0, -cut), aad),
          `${cut} bytes less`,
        ).toBeUndefined();
      }
    });
  }
});
