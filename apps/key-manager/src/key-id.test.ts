import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isUuidV4 } from '@zonehold/key-domain';
import { SeededRandom } from '@zonehold/primitives';
import { keyIdOf, randomUuid, type KeyOrigin } from './key-id.ts';

const idKey = createSecretKey(Buffer.alloc(32, 1));
const origin: KeyOrigin = {
  instanceId: 'i',
  credentialId: 'c',
  tokenKind: 'correlation',
  tokenValue: 't',
  generation: 0,
};

describe('a key id', () => {
  it('is a UUID v4, the same for the same origin', () => {
    expect(isUuidV4(keyIdOf(idKey, origin))).toBe(true);
    expect(keyIdOf(idKey, { ...origin })).toBe(keyIdOf(idKey, origin));
    expect(isUuidV4(randomUuid(new SeededRandom(1)))).toBe(true);
  });

  it('differs with every part of its origin and with the region’s key', () => {
    const others: KeyOrigin[] = [
      origin,
      { ...origin, instanceId: 'i2' },
      { ...origin, credentialId: 'c2' },
      { ...origin, tokenKind: 'idempotency-key' },
      { ...origin, tokenValue: 't2' },
      { ...origin, generation: 1 },
      { ...origin, instanceId: 'i","c', credentialId: '' },
    ];
    const ids = others.map((other) => keyIdOf(idKey, other));
    ids.push(keyIdOf(createSecretKey(Buffer.alloc(32, 2)), origin));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
