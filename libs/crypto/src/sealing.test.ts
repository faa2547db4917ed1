// Sealed secrets open in their own place only.
import { createSecretKey, randomBytes } from 'node:crypto';
import { systemRandom } from '@zonehold/primitives';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretAccess } from './access.ts';
import { RandomPool } from './random-pool.ts';
import { RegionRoot } from './region-root.ts';
import { open, seal, sealingKey, type RegionPlace, type SealBinding } from './sealing.ts';
import { SecretBytes } from './secret-bytes.ts';
import { Xaes256Gcm } from './xaes-256-gcm.ts';

const pool = new RandomPool(systemRandom);
const key = new Xaes256Gcm(createSecretKey(randomBytes(32)));
const place: RegionPlace = { clusterId: 'c1', region: 'us-south' };
const binding: SealBinding = {
  purpose: 'key-material',
  instanceId: 'i1',
  keyId: 'k1',
  versionId: 'v1',
};
const secretOf = (bytes: Uint8Array): SecretBytes => SecretBytes.take(Buffer.from(bytes));
const opened = (secret: SecretBytes | undefined): Uint8Array | undefined =>
  secret?.read(secretAccess);
const material = Buffer.from('material that must stay at home!');
const sealed = seal(key, place, binding, secretOf(material), pool);

describe('a sealed secret', () => {
  it('opens where it was sealed, at every imported size', () => {
    for (const size of [1, 15, 16, 17, 24, 32, 7499, 7500]) {
      const bytes = randomBytes(size);
      const box = seal(key, place, binding, secretOf(bytes), pool);
      expect(box.byteLength).toBe(size + 41);
      expect(opened(open(key, place, binding, box))).toEqual(bytes);
    }
  });

  it('opens for any names and bytes', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 20 });
    fc.assert(
      fc.property(
        name,
        name,
        name,
        name,
        name,
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        (a, b, c, d, e, bytes) => {
          const there = { clusterId: a, region: b };
          const bound: SealBinding = {
            purpose: 'key-material',
            instanceId: c,
            keyId: d,
            versionId: e,
          };
          expect(
            opened(open(key, there, bound, seal(key, there, bound, secretOf(bytes), pool))),
          ).toEqual(Buffer.from(bytes));
        },
      ),
    );
  });

  it('does not hold the secret in the clear', () => {
    expect(sealed.includes(material)).toBe(false);
    expect(sealed[0]).toBe(1);
  });

  const elsewhere: readonly [string, RegionPlace, SealBinding][] = [
    ['another region', { ...place, region: 'eu-de' }, binding],
    ['another cluster', { ...place, clusterId: 'c2' }, binding],
    ['another instance', place, { ...binding, instanceId: 'i2' }],
    ['another key', place, { ...binding, keyId: 'k2' }],
    ['another version', place, { ...binding, versionId: 'v2' }],
    ['key and version swapped', place, { ...binding, keyId: 'v1', versionId: 'k1' }],
    ['names shifted between fields', place, { ...binding, instanceId: 'i', keyId: '1k1' }],
    ['another purpose', place, { purpose: 'instance-key', instanceId: 'i1' }],
    ['the purpose of signing keys', place, { purpose: 'signing-key', kid: 'i1' }],
  ];
  for (const [name, otherPlace, otherBinding] of elsewhere) {
    it(`does not open in ${name}`, () => {
      expect(open(key, otherPlace, otherBinding, sealed)).toBeUndefined();
    });
  }

  it('does not open under another key', () => {
    const other = new Xaes256Gcm(createSecretKey(randomBytes(32)));
    expect(open(other, place, binding, sealed)).toBeUndefined();
  });

  it('does not open with any bit changed', () => {
    for (let bit = 0; bit < sealed.byteLength * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(open(key, place, binding, changed), `bit ${bit}`).toBeUndefined();
    }
  });

  it('does not open cut at any length, or with a byte added', () => {
    for (let length = 0; length < sealed.byteLength; length += 1) {
      expect(
        open(key, place, binding, sealed.subarray(0, length)),
        `length ${length}`,
      ).toBeUndefined();
    }
    expect(open(key, place, binding, Buffer.concat([sealed, Buffer.alloc(1)]))).toBeUndefined();
  });
});

describe('the hierarchy', () => {
  it('goes from root to instance key to material, each level needed', () => {
    const root = new RegionRoot(secretOf(randomBytes(32)), place);
    const instanceBinding: SealBinding = { purpose: 'instance-key', instanceId: 'i1' };
    const sealedInstance = seal(
      root.sealingKey,
      place,
      instanceBinding,
      secretOf(randomBytes(32)),
      pool,
    );
    const instanceKey = sealingKey(open(root.sealingKey, place, instanceBinding, sealedInstance)!);
    const box = seal(instanceKey, place, binding, secretOf(material), pool);
    expect(opened(open(instanceKey, place, binding, box))).toEqual(material);
    expect(open(root.sealingKey, place, binding, box)).toBeUndefined();
  });

  it('derives the same region keys from the same root, and different ones for each use and root', () => {
    const rootBytes = randomBytes(32);
    const keysOf = (bytes: Uint8Array): string[] => {
      const root = new RegionRoot(secretOf(bytes), place);
      return [root.regionKey('registerIntegrity'), root.regionKey('keyId')].map((secret) =>
        Buffer.from(secret.read(secretAccess)).toString('hex'),
      );
    };
    expect(keysOf(rootBytes)).toEqual(keysOf(rootBytes));
    expect(new Set([...keysOf(rootBytes), ...keysOf(randomBytes(32))]).size).toBe(4);
  });
});
