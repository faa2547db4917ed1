// Puts the health-monitor together: a mesh client and Redis probes towards every zone, the monitor, the frames it answers, and
// the pages on its ops port (docs/health-monitor.md). No service depends on it.
import { readFileSync } from 'node:fs';
import {
  healthMonitorMethods,
  type HealthReply,
  type RegionHealthReply,
} from '@zonehold/api-contract';
import { faultsOnTheWay, redisIdentityUri } from '@zonehold/caspaxos-redis';
import { createMeshClient, startFrameServer, type MeshClient } from '@zonehold/mesh';
import { assert, toHex } from '@zonehold/primitives';
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
import { openConsole, type OpenConsole } from './console/open-console.ts';
import { drainMethods } from './drains/drain-methods.ts';
import { serveEvents } from './events/event-stream.ts';
import { Monitor } from './monitor.ts';
import { askWord } from './observers/ask-word.ts';
import type { ProbePoint } from './probe.ts';
import { canaryProbe } from './probes/canary.ts';
import { frameHealthProbe } from './probes/frame-health.ts';
import { gatewayProbe } from './probes/gateway.ts';
import { trafficOf } from './probes/gateway-traffic.ts';
import { NewestEpoch, redisProbe } from './probes/redis.ts';

const framedServices = ['key-manager', 'crypto-worker', 'health-monitor'] as const;
/** Nobody scrapes more often. */
const gaugesIntervalMs = 1_000;

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
    endpoints: context.discovery ?? endpointsOf(topology),
    services: framedServices,
    tls,
    clock,
    random,
    observer,
    faults: context.faults?.port,
  });
  const listener = listenerOf(topology, self.zone, 'health-monitor');
  const gateway = listenerOf(topology, self.zone, 'gateway');
  assert(
    listener !== undefined && gateway !== undefined,
    'the host checked that the topology has this zone',
  );
  const zones = topology.zones.map(({ zone }) => zone);
  const monitor = new Monitor({
    ...{ region: self.region, self: self.zone, zones, clock, log, metrics },
    points: pointsOf(context, mesh),
    ask: (zone) => askWord(mesh, zone, clock),
    askTraffic: trafficOf(gateway, zones, clock),
    life: toHex(random.bytes(4)),
  });
  const operatorConsole = openConsole(context, { mesh, monitor });
  const reasons = (): readonly string[] =>
    monitor.watch.hasLooked ? [] : ['No round of probes has ended yet.'];
  const health = (): HealthReply => healthOf(context, reasons(), startedAtMs);
  const server = await startFrameServer({
    self,
    host: listener.host,
    port: listener.port,
    tls,
    methods: {
      health: { callers: anyService, handle: async () => health() },
      [healthMonitorMethods.word]: {
        callers: ['health-monitor'],
        handle: async () => monitor.observers.word(),
      },
      ...drainMethods(monitor),
      ...operatorConsole?.methods,
    },
    clock,
    observer,
    faults: context.faults?.port,
  });
  monitor.start();
  operatorConsole?.start();
  const gauges = setInterval(() => monitor.showMetrics(), gaugesIntervalMs);
  return {
    reasons,
    routes: routesOf(context, monitor, operatorConsole),
    drain: async () => {
      monitor.stop();
      operatorConsole?.stop();
      clearInterval(gauges);
      await Promise.all([mesh.close(), server.drain(drainTimeoutMs)]);
    },
  };
}

function healthOf(
  { self, clock }: Pick<ServiceContext<Settings>, 'self' | 'clock'>,
  reasons: readonly string[],
  startedAtMs: number,
): HealthReply {
  const uptimeS = Math.floor((clock.monotonicMs() - startedAtMs) / 1_000);
  const { service, zone } = self;
  return { service, zone, isReady: reasons.length === 0, reasons, uptimeS };
}

/** The pages of the ops port. */
function routesOf(
  context: ServiceContext<Settings>,
  monitor: Monitor,
  operatorConsole: OpenConsole | undefined,
): NonNullable<RunningService['routes']> {
  return (app) => {
    app.get('/zones', (_request, response) => void response.json(monitor.zones()));
    app.get('/v1/zones', (_request, response) => {
      response.json({ ...monitor.regionHealth(), ...activeFaults(context) });
    });
    app.get('/v1/events', (request, response) => serveEvents(monitor.history, request, response));
    if (operatorConsole === undefined) return;
    app.use((request, response, next) => {
      if (!operatorConsole.console.handle(request, response)) next();
    });
  };
}

/** What is made to go wrong on purpose: whoever reads a verdict must know it. Nothing where faults are not enabled. */
function activeFaults({
  faults,
}: Pick<ServiceContext<Settings>, 'faults'>): Pick<RegionHealthReply, 'faults'> {
  return faults === undefined ? {} : { faults: faults.summaries() };
}

/** Every service of every zone, this one's included: the own zone is seen with the same eyes as the others. */
function pointsOf(context: ServiceContext<Settings>, mesh: MeshClient): ProbePoint[] {
  const { settings, topology, tls } = context;
  const password = readFileSync(settings.redis.passwordPath, 'utf8').trim();
  const newest = new NewestEpoch();
  return topology.zones.flatMap((zone) => [
    gatewayProbe(zone.zone, zone.gateway, tls.ca),
    ...framedServices.map((service) => frameHealthProbe(mesh, zone.zone, service)),
    canaryProbe(mesh, zone.zone),
    acceptorPoint(context, zone, password, newest),
  ]);
}

function acceptorPoint(
  { settings, self, tls, clock, random, faults }: ServiceContext<Settings>,
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
    ...faultsOnTheWay(faults?.port, zone),
  };
  const identity = { clusterId, region, zone, acceptorId };
  return redisProbe(address, identity, newest, { clock, random });
}
