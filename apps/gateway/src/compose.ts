// Puts a gateway together: mesh, keys, handlers, two listeners. The only place that knows all parts; it decides nothing.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createMeshClient, type MeshClientOptions, type MeshObserver } from '@zonehold/mesh';
import { assert } from '@zonehold/primitives';
import {
  EdgeBook,
  endpointsOf,
  type DevMode,
  listenerOf,
  meshMetrics,
  RecentCalls,
  type EdgesReply,
  type RunningService,
  type ServiceContext,
} from '@zonehold/service-host';
import { Traces } from '@zonehold/telemetry';
import { Authenticator } from './authenticate.ts';
import { ClientOrigins, TrustedProxies } from './client-origin.ts';
import type { GatewaySettings } from './config.ts';
import { followDrains } from './drain-follower.ts';
import { RequestIds } from './correlation.ts';
import type { RequestListener } from './edge.ts';
import { Edges } from './edges.ts';
import { Exchanges } from './exchange.ts';
import { Forwarder } from './forward.ts';
import { matchHotPath } from './hot-path.ts';
import { malformedHead } from './malformed-head.ts';
import { Injections } from './injections.ts';
import { OperationHandler } from './operation-handler.ts';
import { createRoutes, refuse } from './routes.ts';
import { ServingZones } from './serving-zones.ts';
import { TenantLimits } from './tenant-limits.ts';
import { TokenEndpoint } from './token-endpoint.ts';
import { VerificationKeys } from './verification-keys.ts';

/** Starts one zone's gateway. The zone's port listens at once; the regional one when requests can be served. */
export async function startGateway(
  context: Omit<ServiceContext<GatewaySettings>, 'dev'> & { dev?: Pick<DevMode, 'controls'> },
): Promise<RunningService> {
  const { settings, topology, tls, self, log, metrics, clock, random, dev } = context;
  const ownListener = listenerOf(topology, settings.zone, 'gateway');
  assert(ownListener !== undefined, 'runService has found the zone in the topology');
  const zoneNames = topology.zones.map(({ zone }) => zone);
  const zones = new ServingZones(settings.zone, zoneNames);
  const traces = new Traces(random);
  const counted = countCalls(context, zones);
  const meshOptions: MeshClientOptions = {
    ...{ self, endpoints: context.discovery ?? endpointsOf(topology), tls, clock, random },
    ...{ observer: counted.observer, faults: context.faults?.port },
  };
  const mesh = createMeshClient({ ...meshOptions, services: ['key-manager'], traces });
  const unfollowDrains = followDrains(mesh, meshOptions, log);
  const keys = new VerificationKeys({ mesh, clock, log });
  const ids = new RequestIds(random);
  const exchanges = new Exchanges({ clock, ids, log, metrics });
  const proxies = new TrustedProxies(settings.edge.trustedProxies);
  const origins = new ClientOrigins(proxies);
  const operationHandler = new OperationHandler({
    exchanges,
    authenticator: new Authenticator({ keys, clock, metrics }),
    forwarder: new Forwarder({ mesh, clock, log }),
    origins,
    tenants: new TenantLimits({ ...settings.edge.limits, gateways: () => zones.count }),
    ...{ ids, log, metrics, zone: settings.zone },
    ...(dev === undefined
      ? {}
      : { injections: new Injections({ controls: () => dev.controls, clock, random }) }),
  });
  const tokenEndpoint = new TokenEndpoint({ exchanges, mesh, clock, log });
  const routes = createRoutes({ exchanges, operationHandler, tokenEndpoint, log });
  const listener = inTraces(traces, listenerFor(exchanges, operationHandler, routes));
  const isDev = dev !== undefined;
  const edges = new Edges({ settings, topology, metrics, listener, proxies, origins, isDev });
  const { host, port } = ownListener;
  await edges.listenForZone(host, port);
  let isServing = false;
  keys.start();
  void keys.whenKnown.then(async () => {
    await edges.listenForClients(host);
    isServing = true;
    log.info('edge.listening', { regionalPort: topology.regionalPort, zonePort: port });
  });
  return {
    reasons: () => [
      ...keys.reasons(),
      ...(isServing ? [] : ['The regional port is not open yet.']),
    ],
    routes: (app) => {
      app.get('/edges', (_request, response) => void response.json(counted.edges()));
    },
    drain: async () => {
      exchanges.startDraining();
      keys.stop();
      await edges.drain();
      await Promise.all([unfollowDrains(), mesh.close()]);
    },
  };
}

/** What calls meet is told to the metrics, and counted for monitors and for people. */
function countCalls(
  {
    self,
    log,
    metrics,
    clock,
  }: Pick<ServiceContext<GatewaySettings>, 'self' | 'log' | 'metrics' | 'clock'>,
  zones: ServingZones,
): { readonly observer: MeshObserver; readonly edges: () => EdgesReply } {
  const recent = new RecentCalls('key-manager', clock);
  const book = new EdgeBook('key-manager', clock);
  const observer = book.watching(zones.watching(meshMetrics(metrics, self, log)));
  return {
    observer: recent.watching(observer),
    edges: () => ({ zones: recent.counts(), book: book.view() }),
  };
}

/** Every request is a part of the trace its client names, or of one of its own. What is malformed is as good as none. */
function inTraces(traces: Traces, listener: RequestListener): RequestListener {
  return (request, response) => {
    traces.begin(request.headers['traceparent'], () => listener(request, response));
  };
}

const livezBody = '{"isAlive":true}';

/** A sound head, then the hot path, liveness, express. */
export function listenerFor(
  exchanges: Exchanges,
  operationHandler: OperationHandler,
  routes: (request: IncomingMessage, response: ServerResponse) => void,
): RequestListener {
  return (request, response) => {
    const refusal = malformedHead(request);
    if (refusal !== undefined) {
      refuse({ exchanges }, request, response, refusal);
      return;
    }
    const target = matchHotPath(request.method, request.url);
    if (target !== undefined) void operationHandler.handle(request, response, target);
    else if (request.url === '/livez') {
      response.writeHead(200, [
        'Content-Type',
        'application/json',
        'Content-Length',
        String(livezBody.length),
      ]);
      response.end(livezBody);
    } else routes(request, response);
  };
}
