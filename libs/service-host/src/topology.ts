// Where everything of a region listens: the one file all services share (docs/architecture.md §5). Pure.
import { z } from 'zod';
import type { Endpoint, ServiceName } from '@zonehold/mesh';
import { serviceNames } from './settings.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const host = z.string().min(1);
const port = z.int().min(1).max(65_535);
const listener = z.strictObject({ host, port, opsPort: port });
/** `private`: where clients of the private endpoint come in. Gateways that share an address share its connections. */
const gateway = listener.extend({ private: z.strictObject({ host, port }).optional() });

/** Nine zones would be three times what the quorum rules were tested with. */
const zonesMax = 9;

export const topologySchema = z
  .strictObject({
    /** Services take only later ones while they run (topology-file.ts). Files of before versions have none. */
    version: z.int().min(1).optional(),
    clusterId: name,
    region: name,
    regionalPort: port,
    zones: z
      .array(
        z.strictObject({
          zone: name,
          gateway,
          'key-manager': listener,
          'crypto-worker': listener,
          'health-monitor': listener,
          redis: z.strictObject({ host, port, acceptorId: name, incarnation: name }),
        }),
      )
      .min(1)
      .max(zonesMax),
  })
  .refine(
    (topology) => new Set(topology.zones.map(({ zone }) => zone)).size === topology.zones.length,
    {
      message: 'two zones have the same name',
    },
  );

export type Topology = z.infer<typeof topologySchema>;
export type ZoneTopology = Topology['zones'][number];

/** Every frame endpoint of the region. Gateways serve HTTPS, not frames, but are listed too: callers filter by service. */
export function endpointsOf(topology: Topology): Endpoint[] {
  return topology.zones.flatMap((zone) =>
    serviceNames.map((service) => ({
      zone: zone.zone,
      service,
      host: zone[service].host,
      port: zone[service].port,
    })),
  );
}

/** The ports of the private endpoint, zone by zone. */
export function privatePortsOf(topology: Topology): number[] {
  return topology.zones.flatMap(({ gateway: { private: own } }) =>
    own === undefined ? [] : [own.port],
  );
}

/** Where a zone's gateway serves the private endpoint; undefined when it does not. */
export function privateListenerOf(
  topology: Topology,
  zoneName: string,
): { host: string; port: number } | undefined {
  return topology.zones.find(({ zone }) => zone === zoneName)?.gateway.private;
}

/** Where the service of one zone listens; undefined when the topology has no such zone. */
export function listenerOf(
  topology: Topology,
  zoneName: string,
  service: ServiceName,
): { host: string; port: number; opsPort: number } | undefined {
  return topology.zones.find(({ zone }) => zone === zoneName)?.[service];
}
