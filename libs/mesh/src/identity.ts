// Who a peer is, as its certificate says: `spiffe://zonehold/<clusterId>/<region>/<zone>/<service>` in the URI SAN. Pure.
import type { ServiceIdentity } from './ports.ts';

const scheme = 'spiffe://zonehold/';
const namePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
const services: readonly string[] = [
  'gateway',
  'key-manager',
  'crypto-worker',
  'health-monitor',
  'operator',
  'redis',
] satisfies ServiceIdentity['service'][];

/** The URI of an identity. */
export function formatIdentity(identity: ServiceIdentity): string {
  const { clusterId, region, zone, service } = identity;
  return `${scheme}${clusterId}/${region}/${zone}/${service}`;
}

/** The identity a URI names; undefined for anything that is not exactly of our form. */
export function parseIdentity(uri: string): ServiceIdentity | undefined {
  if (!uri.startsWith(scheme)) return undefined;
  const parts = uri.slice(scheme.length).split('/');
  const [clusterId, region, zone, service] = parts;
  if (parts.length !== 4 || !isName(clusterId) || !isName(region)) return undefined;
  if (zone !== '-' && !isName(zone)) return undefined;
  if (service === undefined || !services.includes(service)) return undefined;
  return { clusterId, region, zone, service: service as ServiceIdentity['service'] };
}

/**
 * The identity in a certificate's subject alternative names as Node prints them (`URI:…, DNS:…`). Undefined when there is no
 * URI of ours, or more than one: a certificate that says two things says nothing.
 */
export function identityOfNames(subjectAltNames: string | undefined): ServiceIdentity | undefined {
  const uris = (subjectAltNames ?? '')
    .split(', ')
    .filter((name) => name.startsWith('URI:'))
    .map((name) => name.slice('URI:'.length));
  return uris.length === 1 && uris[0] !== undefined ? parseIdentity(uris[0]) : undefined;
}

/** Why `peer` is not one of us; undefined when it is of the same cluster and region. */
export function strangeness(
  self: ServiceIdentity,
  peer: ServiceIdentity,
): 'cluster' | 'region' | undefined {
  if (peer.region !== self.region) return 'region';
  return peer.clusterId === self.clusterId ? undefined : 'cluster';
}

function isName(text: string | undefined): text is string {
  return text !== undefined && namePattern.test(text);
}
