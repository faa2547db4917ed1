// Zones, services and the ports they get. Pure: the one place that knows the formula.

/** Three zones: the smallest number of which one may die. Fixed until rebuilds and reconfiguration exist. */
export const zoneCount = 3;

/** What runs in each zone, in the order in which it is shown. */
export const serviceNames = [
  'redis',
  'gateway',
  'key-manager',
  'crypto-worker',
  'health-monitor',
] as const;
export type SupervisedService = (typeof serviceNames)[number];

/** Services of ours: everything but Redis. */
export const nodeServices = ['gateway', 'key-manager', 'crypto-worker', 'health-monitor'] as const;
export type NodeService = (typeof nodeServices)[number];

/** Ports of one zone, in the order of the formula. Frames and the zone's HTTPS are `port`, `/metrics` and friends `opsPort`. */
export interface ZonePorts {
  readonly gateway: ServicePorts;
  readonly 'key-manager': ServicePorts;
  readonly 'crypto-worker': ServicePorts;
  readonly 'health-monitor': ServicePorts;
  readonly redis: { readonly port: number };
}
export interface ServicePorts {
  readonly port: number;
  readonly opsPort: number;
}

/** Ten ports per zone: nine are used, the tenth is for a second Redis while one replaces the other. */
export const zonePortStride = 10;

/** The regional port of a region that was not told another. 443 for people without root. */
export const defaultRegionalPort = 8443;

/** Zone and internal ports begin this far above the regional one when not told otherwise: 8450 beside 8443. */
const basePortDistance = 7;

export function defaultBasePort(regionalPort: number): number {
  return regionalPort + basePortDistance;
}

/** `us-south-1` … `us-south-3`. */
export function zoneNames(region: string): string[] {
  return Array.from({ length: zoneCount }, (_, index) => `${region}-${index + 1}`);
}

/**
 * The ports of zone number `zoneIndex` (from 0): `basePort + 10 · zoneIndex +` 0 gateway HTTPS, 1 gateway ops, 2 key-manager frames, 3 its
 * ops, 4 crypto-worker frames, 5 its ops, 6 health-monitor frames, 7 its ops, 8 Redis
 * (9 every other time that it was replaced).
 */
export function zonePorts(basePort: number, zoneIndex: number): ZonePorts {
  const first = basePort + zoneIndex * zonePortStride;
  const pair = (offset: number): ServicePorts => ({
    port: first + offset,
    opsPort: first + offset + 1,
  });
  return {
    gateway: pair(0),
    'key-manager': pair(2),
    'crypto-worker': pair(4),
    'health-monitor': pair(6),
    redis: { port: first + 8 },
  };
}

/** Why these ports cannot be used together; undefined when they can. */
export function portsProblem(
  regionalPort: number,
  basePort: number,
  privatePort?: number,
): string | undefined {
  const last = basePort + zoneCount * zonePortStride - 1;
  if (last > 65_535)
    return `--base-port ${basePort} is too high: the last zone's ports would pass 65535.`;
  if (regionalPort >= basePort && regionalPort <= last) {
    return `--port ${regionalPort} lies inside the zones' ports ${basePort} to ${last}; choose another --port or --base-port.`;
  }
  if (privatePort !== undefined && privatePort >= basePort && privatePort <= last) {
    return `--private-port ${privatePort} lies inside the zones' ports ${basePort} to ${last}; choose another.`;
  }
  if (privatePort === regionalPort) {
    return `--private-port ${privatePort} is the regional port; choose another.`;
  }
  return undefined;
}
