// The integrity key's MACs bind cluster, register, ballot and payload, each by itself.
import { describe, expect, it } from 'vitest';
import { createAuthenticator } from './integrity-key.ts';

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
