import { describe, expect, it } from 'vitest';
import { collectRole, targetOf } from './grant.ts';

describe('where a grant is', () => {
  it('is an account, an instance, one of its rings or one of its keys', () => {
    expect(targetOf({})).toBeUndefined();
    expect(targetOf({ account: 'a' })).toEqual({ accountId: 'a' });
    expect(targetOf({ instance: 'i' })).toEqual({ instanceId: 'i' });
    expect(targetOf({ instance: 'i', ring: 'r' })).toEqual({ instanceId: 'i', keyRingId: 'r' });
    expect(targetOf({ instance: 'i', key: 'k' })).toEqual({ instanceId: 'i', keyId: 'k' });
  });

  it('is refused when the options name no one place', () => {
    for (const options of [
      { ring: 'r' },
      { key: 'k' },
      { account: 'a', instance: 'i' },
      { account: 'a', key: 'k' },
      { instance: 'i', ring: 'r', key: 'k' },
    ]) {
      expect(() => targetOf(options)).toThrow('Say where');
    }
  });
});

describe('a role', () => {
  it('may be written in any case, and several add up', () => {
    expect(collectRole('keypurge', collectRole('READER', undefined))).toEqual([
      'Reader',
      'KeyPurge',
    ]);
    expect(() => collectRole('root', undefined)).toThrow('The roles are Reader,');
  });
});
