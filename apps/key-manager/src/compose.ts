// Puts a key-manager together: mesh, crypto client, store, repositories, frame server. The only place that knows all parts
// and makes them; it decides nothing.
import { readFileSync } from 'node:fs';
import {
  createAofRewriter,
  createRegisterStore,
  redisIdentityUri,
  type AofRewriter,
} from '@zonehold/caspaxos-redis';
import { createMeshClient, startFrameServer, type MeshClient } from '@zonehold/mesh';
import { assert, toHex } from '@zonehold/primitives';
import {
  drainTimeoutMs,
  endpointsOf,
  listenerOf,
  meshMetrics,
  type RunningService,
  type ServiceContext,
} from '@zonehold/service-host';
import type { Settings } from './config.ts';
import { createCryptoClient, type CryptoClient } from './crypto-client.ts';
import { ErasureController } from './erasure/erasure-controller.ts';
import { ErasureRepository } from './erasure/erasure-repository.ts';
import { createMaterialCaches } from './erasure/material-caches.ts';
import { runErasures } from './erasure/run-erasures.ts';
import { frameMethods, reasonsOf, type OpenRegion } from './frame-methods.ts';
import { ApiKeyRepository } from './identity/api-key-repository.ts';
import { issuerOf } from './identity/issuer.ts';
import { InstanceRepository } from './instance-repository.ts';
import { KeyIndex } from './key-index.ts';
import { KeyRepository } from './key-repository.ts';
import { measureChanges } from './measured-store.ts';
import { awaitRegionKeys, type RegionKeys } from './region-keys.ts';
import { createStoreObserver } from './safety-alarms.ts';

/** What a drain keeps for closing connections after the last answer. */
const closeTimeMs = 500;

/** Starts one zone's key-manager. It listens at once, and serves when the region's keys are known. */
export async function startKeyManager(context: ServiceContext<Settings>): Promise<RunningService> {
  const { settings, topology, tls, self, log, metrics, clock, random } = context;
  const listener = listenerOf(topology, settings.zone, 'key-manager');
  assert(listener !== undefined, 'runService has found the zone in the topology');
  const observer = meshMetrics(metrics, self, log);
  const mesh = createMeshClient({
    self,
    endpoints: endpointsOf(topology),
    services: ['crypto-worker'],
    tls,
    clock,
    random,
    observer,
  });
  const crypto = createCryptoClient(mesh);
  const stopping = new AbortController();
  let region: OpenRegion | undefined;
  const { host, port } = listener;
  const methods = frameMethods({ self, clock, region: () => region });
  const server = await startFrameServer({ self, host, port, tls, methods, clock, observer });
  const { clusterId } = settings;
  const keysKnown = awaitRegionKeys({ crypto, clusterId, clock, log, signal: stopping.signal });
  // It only rejects on a bug, and then the process ends as for any unhandled rejection.
  void keysKnown.then((keys) => {
    if (keys === undefined) return;
    region = openRegion(context, crypto, keys);
    log.info('region.opened', { zones: topology.zones.length });
    startErasing(context, region, mesh, stopping.signal);
  });
  return {
    reasons: () => reasonsOf(region),
    drain: async () => {
      stopping.abort();
      await server.drain(drainTimeoutMs - closeTimeMs);
      await region?.operations.store.close();
      await mesh.close();
    },
  };
}

/** Connects to the zones' registers; operations fail as unavailable until a majority has passed its gates. */
function openRegion(
  context: ServiceContext<Settings>,
  crypto: CryptoClient,
  keys: RegionKeys,
): OpenRegion {
  const { settings, topology, tls, log, metrics, clock, random } = context;
  const { clusterId, region } = settings;
  const registers = createRegisterStore({
    clusterId,
    region,
    zones: topology.zones.map(({ zone, redis }) => ({ zone, ...redis })),
    username: settings.redis.username,
    password: readFileSync(settings.redis.passwordPath, 'utf8').trim(),
    tls,
    integrityKey: keys.integrityKey,
    clock,
    random,
    observer: createStoreObserver({ log, metrics, clock }),
  });
  const store = measureChanges(registers, metrics.paxosRoundDuration.of({}), clock);
  const instances = new InstanceRepository(store);
  const keyRepository = new KeyRepository(store);
  const apiKeys = new ApiKeyRepository(store);
  const index = new KeyIndex(store, keyRepository);
  const erasures = new ErasureRepository(store);
  const shared = { store, instances, erasures, crypto, clock, random, region, log };
  return {
    operations: { ...shared, keys: keyRepository, index, idKey: keys.idKey },
    identity: { store, crypto, clock, issuer: issuerOf(clusterId, region) },
    admin: { ...shared, apiKeys },
  };
}

/** The background work on erasures, until `signal` is aborted. What is under way then may fail anywhere: it is as after a crash. */
function startErasing(
  context: ServiceContext<Settings>,
  { operations }: OpenRegion,
  mesh: MeshClient,
  signal: AbortSignal,
): void {
  const { topology, log, metrics, clock, random } = context;
  const { store, keys, erasures } = operations;
  const aof = createRewriter(context);
  const controller = new ErasureController({
    ...{ store, keys, erasures, aof, clock, log, metrics },
    caches: createMaterialCaches(mesh, signal),
    zones: topology.zones.map(({ zone }) => zone),
    holder: toHex(random.bytes(8)),
  });
  signal.addEventListener('abort', () => aof.close());
  // It only rejects on a bug, and then the process ends as for any unhandled rejection.
  void runErasures({ controller, log, random, signal });
}

function createRewriter({
  settings,
  topology,
  tls,
  random,
}: ServiceContext<Settings>): AofRewriter {
  const { clusterId, region, redis } = settings;
  const password = readFileSync(redis.passwordPath, 'utf8').trim();
  return createAofRewriter({
    random,
    addressOf: (zone) => {
      const found = topology.zones.find((candidate) => candidate.zone === zone);
      if (found === undefined) return undefined;
      const { host, port } = found.redis;
      const identityUri = redisIdentityUri(clusterId, region, zone);
      return { host, port, username: redis.username, password, tls, identityUri };
    },
  });
}
