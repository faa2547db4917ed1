// The integrity key's MACs bind cluster, register, ballot and payload, each by itself.
import { describe, expect, it } from 'vitest';
import { createAuthenticator, createSequenceRecords } from './integrity-key.ts';

const key = new Uint8Array(32).fill(7);
const authenticator = createAuthenticator('cluster-1', key);
const id = { scope: 'ab', name: 'c' };
const ballot = '0'.repeat(31).concat('1');

describe('createAuthenticator', () => {
  it('verifies what it signed, and nothing that differs in any part', () => {
    const mac = authenticator.sign(id, ballot, 'payload');
    const verify = (register = id, at = ballot, payload = 'payload', tag = mac): boolean =>
      authenticator.verify(register, { ballot: at, payload, mac: tag });
    expect(verify()).toBe(true);
    expect(verify({ scope: 'a', name: 'bc' })).toBe(false);
    expect(verify(id, '0'.repeat(31).concat('2'))).toBe(false);
    expect(verify(id, ballot, 'payloae')).toBe(false);
    expect(verify(id, ballot, 'payload', mac.slice(1))).toBe(false);
    expect(verify(id, ballot, 'payload', '')).toBe(false);
  });

  it('does not accept another cluster or key, nor a configuration as a register', () => {
    const mac = authenticator.sign(id, ballot, 'p');
    const accepted = { ballot, payload: 'p', mac };
    expect(createAuthenticator('cluster-2', key).verify(id, accepted)).toBe(false);
    const other = createAuthenticator('cluster-1', new Uint8Array(32).fill(8));
    expect(other.verify(id, accepted)).toBe(false);
    const text = '{"epoch":1}';
    const signed = { text, mac: authenticator.signConfiguration(text) };
    expect(authenticator.verifyConfiguration(signed)).toBe(true);
    expect(authenticator.verifyConfiguration({ ...signed, mac })).toBe(false);
  });

  it('asks for a key of 32 bytes', () => {
    expect(() => createAuthenticator('cluster-1', new Uint8Array(16))).toThrow('32 bytes');
  });
});

describe('createSequenceRecords', () => {
  const records = createSequenceRecords('cluster-1', key);

  it('verifies what it signed, and nothing that differs in name, number, cluster or form', () => {
    const text = records.sign('acceptor-1/i', 41);
    const again = createSequenceRecords('cluster-1', key);
    expect(again.verify('acceptor-1/i', text)).toBe(41);
    expect(again.verify('acceptor-2/i', text)).toBeUndefined();
    expect(again.verify('acceptor-1/i', text.replace('41', '42'))).toBeUndefined();
    expect(createSequenceRecords('cluster-2', key).verify('acceptor-1/i', text)).toBeUndefined();
    for (const forged of ['', '41', '999999999999', ':', 'NaN', `${text}:x`]) {
      expect(again.verify('acceptor-1/i', forged), forged).toBeUndefined();
    }
  });

  it('makes texts that compare as their sequences do', () => {
    const sign = (seq: number): string => records.sign('acceptor-1/i', seq);
    for (const [lower, higher] of [
      [9, 10],
      [10, 11],
      [99, 100],
    ] as const) {
      const [low, high] = [sign(lower), sign(higher)];
      expect(high.length > low.length || (high.length === low.length && high > low)).toBe(true);
    }
  });
});
