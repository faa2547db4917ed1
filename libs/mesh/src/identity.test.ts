// Identities in certificates: ours are read, everything near ours is not.
import { describe, expect, it } from 'vitest';
import { formatIdentity, identityOfNames, parseIdentity, strangeness } from './identity.ts';
import type { ServiceIdentity } from './ports.ts';

const self: ServiceIdentity = {
  clusterId: 'cluster-1',
  region: 'south',
  zone: 'south-1',
  service: 'gateway',
};

describe('an identity', () => {
  it('comes back from its URI', () => {
    expect(parseIdentity(formatIdentity(self))).toEqual(self);
  });

  it.each([
    'spiffe://other/cluster-1/south/south-1/gateway',
    'spiffe://zonehold/cluster-1/south/south-1',
    'spiffe://zonehold/cluster-1/south/south-1/gateway/x',
    'spiffe://zonehold/cluster-1/south/south-1/stranger',
    'spiffe://zonehold/cluster-1//south-1/gateway',
    'spiffe://zonehold/-/south/south-1/gateway',
    'spiffe://zonehold/cluster-1/So uth/south-1/gateway',
  ])('is not read from %s', (uri) => {
    expect(parseIdentity(uri)).toBeUndefined();
  });

  it('is read from a certificate with other kinds of names', () => {
    expect(identityOfNames(`URI:${formatIdentity(self)}, DNS:localhost`)).toEqual(self);
  });

  it('is not read from a certificate that says two', () => {
    const other = formatIdentity({ ...self, service: 'operator', zone: '-' });
    expect(identityOfNames(`URI:${formatIdentity(self)}, URI:${other}`)).toBeUndefined();
  });

  it('is strange in another region or cluster, and at home in another zone', () => {
    expect(strangeness(self, { ...self, region: 'north' })).toBe('region');
    expect(strangeness(self, { ...self, clusterId: 'cluster-2' })).toBe('cluster');
    expect(strangeness(self, { ...self, zone: 'south-2' })).toBeUndefined();
  });
});
