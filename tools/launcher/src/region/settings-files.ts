// topology.json and every service's settings file. Rendered anew at each start: they follow from region.json and the paths,
// so that a moved checkout or another port needs no human. The rendering is pure.
import { existsSync, readFileSync } from 'node:fs';
import { systemClock } from '@zonehold/primitives';
import type { Topology } from '@zonehold/service-host';
import { writeDurably } from './durable-file.ts';
import type { RegionPaths } from './region-paths.ts';
import { presentRedis, type RegionRecord } from './region-record.ts';
import { versioned } from './topology-version.ts';
import { nodeServices, zonePorts, type NodeService } from './zones.ts';

/** Everything listens here only. A region over several hosts has no launcher. */
export const loopback = '127.0.0.1';

/** Where everything of the region listens. */
export function renderTopology(record: RegionRecord): Topology {
  const { clusterId, region, regionalPort, basePort, privatePort } = record;
  return {
    clusterId,
    region,
    regionalPort,
    zones: record.zones.map(({ zone, acceptorId, incarnation }, index) => {
      const ports = zonePorts(basePort, index);
      const listener = (service: NodeService) => ({ host: loopback, ...ports[service] });
      return {
        zone,
        gateway: {
          ...listener('gateway'),
          ...(privatePort === undefined ? {} : { private: { host: loopback, port: privatePort } }),
        },
        'key-manager': listener('key-manager'),
        'crypto-worker': listener('crypto-worker'),
        'health-monitor': listener('health-monitor'),
        redis: { host: loopback, port: presentRedis(record, index).port, acceptorId, incarnation },
      };
    }),
  };
}

/** The settings of one service of one zone, as `apps/<service>/src/config.ts` reads them. */
export function renderSettings(options: {
  readonly record: RegionRecord;
  readonly paths: RegionPaths;
  readonly zone: string;
  readonly service: NodeService;
  readonly keyFilePath: string;
  readonly logLevel: string;
  readonly isWithFaults: boolean;
}): Readonly<Record<string, unknown>> {
  const { record, paths, zone, service, keyFilePath, logLevel, isWithFaults } = options;
  const files = paths.zone(zone);
  const redis = { username: service, passwordPath: files.redisPassword(service) };
  const own: Readonly<Record<NodeService, Readonly<Record<string, unknown>>>> = {
    gateway: {
      edge: {
        ...{ certPath: files.cert('gateway-edge'), keyPath: files.key('gateway-edge') },
        ...limitsOf(record),
      },
    },
    'key-manager': { redis },
    'health-monitor': { redis, console: { tokenPath: paths.consoleToken } },
    'crypto-worker': { root: { sealedPath: files.sealedRoot, keyFilePath } },
  };
  return {
    region: record.region,
    zone,
    service,
    clusterId: record.clusterId,
    topologyPath: paths.topology,
    tls: { caPath: paths.caCert, certPath: files.cert(service), keyPath: files.key(service) },
    logLevel,
    ...(record.mode === 'dev' ? { dev: { controlsPath: paths.devControls } } : {}),
    ...(isWithFaults ? { faults: { dir: paths.faults } } : {}),
    ...own[service],
  };
}

/** A burst is two seconds of the rate, as in the default. */
function limitsOf({ requestsPerSecond }: RegionRecord): Readonly<Record<string, unknown>> {
  if (requestsPerSecond === undefined) return {};
  return { limits: { instance: { requestsPerSecond, burst: 2 * requestsPerSecond } } };
}

/** Writes the topology and all settings files. */
export function writeSettingsFiles(options: {
  readonly record: RegionRecord;
  readonly paths: RegionPaths;
  readonly keyFilePath: string;
  readonly logLevel: string;
  readonly isWithFaults: boolean;
}): void {
  const { record, paths } = options;
  const before = existsSync(paths.topology) ? readFileSync(paths.topology, 'utf8') : undefined;
  const topology = versioned(renderTopology(record), before, systemClock.wallMs());
  writeDurably(paths.topology, render(topology), 'public');
  for (const { zone } of record.zones) {
    for (const service of nodeServices) {
      const settings = renderSettings({ ...options, zone, service });
      writeDurably(paths.zone(zone).settings(service), render(settings), 'public');
    }
  }
}

function render(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
