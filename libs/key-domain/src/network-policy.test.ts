// Who may come from where, by what an instance allows.
import { describe, expect, it } from 'vitest';
import { instancePoliciesOf, type InstancePolicyWishes } from './instance-policies.ts';
import { isOriginAllowed, type Network } from './network-policy.ts';

const isAllowed = (wishes: InstancePolicyWishes, address: string, network: Network = 'public') =>
  isOriginAllowed(instancePoliciesOf(undefined, wishes, 'me', 0), { address, network });
const listed = (...cidrs: string[]) => ({ allowedIP: { isEnabled: true, cidrs } });
const privateOnly = { allowedNetwork: { isEnabled: true, network: 'private-only' } } as const;

describe('the network policies of an instance', () => {
  it('let everybody in while none is set or enabled', () => {
    expect(isOriginAllowed(undefined, { address: '-', network: 'public' })).toBe(true);
    const off = { allowedIP: { isEnabled: false }, allowedNetwork: { isEnabled: false } };
    expect(isAllowed(off, '203.0.113.1')).toBe(true);
  });

  it('let in by a private-only instance who comes by the private endpoint', () => {
    expect(isAllowed(privateOnly, '192.0.2.1', 'public')).toBe(false);
    expect(isAllowed(privateOnly, '192.0.2.1', 'private')).toBe(true);
    const both = { allowedNetwork: { isEnabled: true, network: 'public-and-private' } } as const;
    expect(isAllowed(both, '192.0.2.1', 'public')).toBe(true);
  });

  it('let in whose address one of the ranges holds', () => {
    const policy = listed('192.0.2.0/24', '2001:db8::/32');
    expect(isAllowed(policy, '192.0.2.7')).toBe(true);
    expect(isAllowed(policy, '::ffff:192.0.2.7')).toBe(true);
    expect(isAllowed(policy, '2001:db8::7')).toBe(true);
    expect(isAllowed(policy, '192.0.3.7')).toBe(false);
    expect(isAllowed(policy, '2001:db9::7')).toBe(false);
  });

  it('keep out an address that nobody knows, whatever the ranges', () => {
    for (const address of ['-', '', 'unknown']) {
      expect(isAllowed(listed('0.0.0.0/0', '::/0'), address)).toBe(false);
    }
  });

  it('know IPv4 only on the private endpoint', () => {
    expect(isAllowed(listed('2001:db8::/32'), '2001:db8::7', 'private')).toBe(false);
    expect(isAllowed(listed('192.0.2.0/24'), '192.0.2.7', 'private')).toBe(true);
  });

  it('are both asked when both are on', () => {
    const both = { ...privateOnly, ...listed('192.0.2.0/24') };
    expect(isAllowed(both, '192.0.2.7', 'private')).toBe(true);
    expect(isAllowed(both, '192.0.2.7', 'public')).toBe(false);
    expect(isAllowed(both, '192.0.3.7', 'private')).toBe(false);
  });

  it('ask services for their network, and not for their address', () => {
    const policies = instancePoliciesOf(undefined, listed('192.0.2.0/24'), 'me', 0);
    const service = { address: '203.0.113.9', network: 'public', isService: true } as const;
    expect(isOriginAllowed(policies, service)).toBe(true);
    const closed = instancePoliciesOf(undefined, privateOnly, 'me', 0);
    expect(isOriginAllowed(closed, service)).toBe(false);
  });

  it('without ranges let nobody in', () => {
    expect(isAllowed({ allowedIP: { isEnabled: true } }, '192.0.2.7')).toBe(false);
  });
});
