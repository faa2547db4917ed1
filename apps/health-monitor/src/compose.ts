// Puts the health-monitor together: a mesh client and Redis probes towards every zone, the rounds, its own health frame,
// and GET /zones. No service depends on it.
import { readFileSync } from 'node:fs';
import type { HealthReply } from '@zonehold/api-contract';
import { redisIdentityUri } from '@zonehold/caspaxos-redis';
import { createMeshClient, startFrameServer, type MeshClient } from '@zonehold/mesh';
import { assert } from '@zonehold/primitives';
import {
  drainTimeoutMs,
  endpointsOf,
  listenerOf,
  meshMetrics,
  type RunningService,
  type ServiceContext,
  type ZoneTopology,
} from '@zonehold/service-host';
import type { Settings } from './config.ts';
import type { ProbePoint } from './probe.ts';
import { frameHealthProbe } from './probes/frame-health.ts';
import { gatewayProbe } from './probes/gateway.ts';
import { NewestEpoch, redisProbe } from './probes/redis.ts';
import { Watch } from './watch.ts';

const framedServices = ['key-manager', 'crypto-worker', 'health-monitor'] as const;
const anyService = [
  'gateway',
  'key-manager',
  'crypto-worker',
  'health-monitor',
  'operator',
] as const;

/** Starts one health-monitor. Fails when the password file cannot be read or the port is taken. */
export async function startHealthMonitor(
  context: ServiceContext<Settings>,
): Promise<RunningService> {
  const { self, topology, tls, log, metrics, clock, random } = context;
  const startedAtMs = clock.monotonicMs();
  const observer = meshMetrics(metrics, self, log);
  const mesh = createMeshClient({
    self,
    endpoints: endpointsOf(topology),
    services: framedServices,
    tls,
    clock,
    random,
    observer,
  });
  const watch = new Watch({
    region: self.region,
    observer: self.zone,
    zones: topology.zones.map(({ zone }) => zone),
    points: pointsOf(context, mesh),
    clock,
    log,
    metrics,
  });
  const reasons = (): readonly string[] =>
    watch.hasLooked ? [] : ['No round of probes has ended yet.'];
  const health = (): HealthReply => ({
    service: self.service,
    zone: self.zone,
    isReady: watch.hasLooked,
    reasons: reasons(),
    uptimeS: Math.floor((clock.monotonicMs() - startedAtMs) / 1_000),
  });
  const listener = listenerOf(topology, self.zone, 'health-monitor');
  assert(listener !== undefined, 'the host checked that the topology has this zone');
  const server = await startFrameServer({
    self,
    host: listener.host,
    port: listener.port,
    tls,
    methods: { health: { callers: anyService, handle: async () => health() } },
    clock,
    observer,
  });
  watch.start();
  return {
    reasons,
    routes: (app) => {
      app.get('/zones', (_request, response) => void response.json(watch.report()));
    },
    drain: async () => {
      watch.stop();
      await Promise.all([mesh.close(), server.drain(drainTimeoutMs)]);
    },
  };
}

/** Every service of every zone, this one's included: the own zone is seen with the same eyes as the others. */
function pointsOf(context: ServiceContext<Settings>, mesh: MeshClient): ProbePoint[] {
  const { settings, topology, tls } = context;
  const password = readFileSync(settings.redis.passwordPath, 'utf8').trim();
  const newest = new NewestEpoch();
  return topology.zones.flatMap((zone) => [
    gatewayProbe(zone.zone, zone.gateway, tls.ca),
    ...framedServices.map((service) => frameHealthProbe(mesh, zone.zone, service)),
    acceptorPoint(context, zone, password, newest),
  ]);
}

function acceptorPoint(
  { settings, self, tls, clock, random }: ServiceContext<Settings>,
  { zone, redis }: ZoneTopology,
  password: string,
  newest: NewestEpoch,
): ProbePoint {
  const { clusterId, region } = self;
  const { host, port, acceptorId } = redis;
  const address = {
    host,
    port,
    username: settings.redis.username,
    password,
    tls,
    identityUri: redisIdentityUri(clusterId, region, zone),
  };
  const identity = { clusterId, region, zone, acceptorId };
  return redisProbe(address, identity, newest, { clock, random });
}
