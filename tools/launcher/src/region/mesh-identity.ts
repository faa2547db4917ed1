// How the launcher and the CLI speak to services: as the operator, by frames over mTLS, like any service of the region.
import { readFileSync } from 'node:fs';
import type { Topology } from '@zonehold/service-host';
import {
  createMeshClient,
  type Endpoint,
  type MeshClient,
  type ServiceIdentity,
  type ServiceName,
} from '@zonehold/mesh';
import { systemClock, systemRandom } from '@zonehold/primitives';
import type { RegionPaths } from './region-paths.ts';

/** A client with the identity whose certificate lies at `certPath`. Close it. */
export function openMesh(options: {
  readonly self: ServiceIdentity;
  readonly topology: Topology;
  readonly service: ServiceName;
  readonly caPath: string;
  readonly certPath: string;
  readonly keyPath: string;
}): MeshClient {
  const { self, topology, service, caPath, certPath, keyPath } = options;
  const endpoints = topology.zones.map((zone): Endpoint => ({
    zone: zone.zone,
    service,
    host: zone[service].host,
    port: zone[service].port,
  }));
  return createMeshClient({
    self,
    endpoints,
    services: [service],
    tls: {
      ca: readFileSync(caPath, 'utf8'),
      cert: readFileSync(certPath, 'utf8'),
      key: readFileSync(keyPath, 'utf8'),
    },
    clock: systemClock,
    random: systemRandom,
  });
}

/** The operator's client to the key-managers, or to another service that answers operators. */
export function openOperatorMesh(
  paths: RegionPaths,
  topology: Topology,
  service: ServiceName = 'key-manager',
): MeshClient {
  const { clusterId, region } = topology;
  return openMesh({
    self: { clusterId, region, zone: '-', service: 'operator' },
    topology,
    service,
    caPath: paths.caCert,
    certPath: paths.operatorCert,
    keyPath: paths.operatorKey,
  });
}
