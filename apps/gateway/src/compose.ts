// Puts a gateway together: mesh, keys, handlers, two listeners. The only place that knows all parts; it decides nothing.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createMeshClient } from '@zonehold/mesh';
import { assert } from '@zonehold/primitives';
import {
  endpointsOf,
  type DevMode,
  listenerOf,
  meshMetrics,
  type RunningService,
  type ServiceContext,
} from '@zonehold/service-host';
import { Authenticator } from './authenticate.ts';
import type { GatewaySettings } from './config.ts';
import { RequestIds } from './correlation.ts';
import { Edge, type RequestListener } from './edge.ts';
import { Exchanges } from './exchange.ts';
import { Forwarder } from './forward.ts';
import { matchHotPath } from './hot-path.ts';
import { Injections } from './injections.ts';
import { OperationHandler } from './operation-handler.ts';
import { createRoutes } from './routes.ts';
import { TokenEndpoint } from './token-endpoint.ts';
import { VerificationKeys } from './verification-keys.ts';

/** Starts one zone's gateway. The zone's port listens at once; the regional one when requests can be served. */
export async function startGateway(
  context: Omit<ServiceContext<GatewaySettings>, 'dev'> & { dev?: Pick<DevMode, 'controls'> },
): Promise<RunningService> {
  const { settings, topology, tls, self, log, metrics, clock, random, dev } = context;
  const ownListener = listenerOf(topology, settings.zone, 'gateway');
  assert(ownListener !== undefined, 'runService has found the zone in the topology');
  const mesh = createMeshClient({
    self,
    endpoints: endpointsOf(topology),
    tls,
    clock,
    random,
    services: ['key-manager'],
    observer: meshMetrics(metrics, self, log),
  });
  const keys = new VerificationKeys({ mesh, clock, log });
  const ids = new RequestIds(random);
  const exchanges = new Exchanges({ clock, ids, log, metrics });
  const operationHandler = new OperationHandler({
    exchanges,
    authenticator: new Authenticator({ keys, clock, metrics }),
    forwarder: new Forwarder({ mesh, clock, log }),
    ids,
    log,
    ...(dev === undefined
      ? {}
      : { injections: new Injections({ controls: () => dev.controls, clock, random }) }),
  });
  const tokenEndpoint = new TokenEndpoint({ exchanges, mesh, clock, log });
  const listener = listenerFor(
    operationHandler,
    createRoutes({ exchanges, operationHandler, tokenEndpoint, log }),
  );
  const cert = readFileSync(settings.edge.certPath, 'utf8');
  const key = readFileSync(settings.edge.keyPath, 'utf8');
  const edgeOf = (name: 'regional' | 'zone'): Edge => {
    const connections = metrics.edgeConnections.of({ listener: name });
    const onConnections = (count: number): void => connections.set(count);
    return new Edge({ cert, key, listener, onConnections, isDev: dev !== undefined });
  };
  const zoneEdge = edgeOf('zone');
  const regionalEdge = edgeOf('regional');
  const { host, port } = ownListener;
  await zoneEdge.listen({ host, port, isShared: false });
  let isServing = false;
  keys.start();
  void keys.whenKnown.then(async () => {
    await regionalEdge.listen({ host, port: topology.regionalPort, isShared: true });
    isServing = true;
    log.info('edge.listening', { regionalPort: topology.regionalPort, zonePort: port });
  });
  return {
    reasons: () => [
      ...keys.reasons(),
      ...(isServing ? [] : ['The regional port is not open yet.']),
    ],
    drain: async () => {
      exchanges.startDraining();
      keys.stop();
      await Promise.all([regionalEdge.drain(), zoneEdge.drain()]);
      await mesh.close();
    },
  };
}

const livezBody = '{"isAlive":true}';

/** Liveness, then the hot path, then express. */
export function listenerFor(
  operationHandler: OperationHandler,
  routes: (request: IncomingMessage, response: ServerResponse) => void,
): RequestListener {
  return (request, response) => {
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
