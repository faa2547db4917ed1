// Puts a key-manager together: mesh, crypto client, store, repositories, frame server. The only place that knows all parts
// and makes them; it decides nothing.
import { readFileSync } from 'node:fs';
import { createRegisterStore, type RegionAccess } from '@zonehold/caspaxos-redis';
import { createMeshClient, startFrameServer, type MeshClient } from '@zonehold/mesh';
import { assert, systemClock } from '@zonehold/primitives';
import {
  drainTimeoutMs,
  EdgeBook,
  endpointsOf,
  listenerOf,
  meshMetrics,
  privatePortsOf,
  type RunningService,
  type ServiceContext,
} from '@zonehold/service-host';
import { Traces } from '@zonehold/telemetry';
import { AccountRepository } from './account-repository.ts';
import { AcceptorsPage } from './admin/acceptors-page.ts';
import { seedingIn } from './admin/seeding.ts';
import { AliasRepository } from './alias-repository.ts';
import { ClockSkew } from './clock-skew.ts';
import type { Settings } from './config.ts';
import { createCryptoClient, type CryptoClient } from './crypto-client.ts';
import { ErasureRepository } from './erasure/erasure-repository.ts';
import { startErasing } from './erasure/start-erasing.ts';
import { frameMethods, reasonsOf, type OpenRegion } from './frame-methods.ts';
import { ApiKeyRepository } from './identity/api-key-repository.ts';
import { issuerOf } from './identity/issuer.ts';
import { ImportTokenRepository } from './import-token-repository.ts';
import { InstanceRepository } from './instance-repository.ts';
import { KeyIndex } from './key-index.ts';
import { KeyRingRepository } from './key-ring-repository.ts';
import { KeyRepository } from './key-repository.ts';
import { measureChanges } from './measured-store.ts';
import { openRebuilds } from './rebuild/open-rebuilds.ts';
import { awaitRegionKeys, type RegionKeys } from './region-keys.ts';
import { createStoreObserver } from './safety-alarms.ts';
import { RegistrationIndex } from './registration-index.ts';
import { RegistrationRepository } from './registration-repository.ts';
import { startSchedules } from './schedules/start-schedules.ts';
import { Turns } from './turns.ts';

/** What a drain keeps for closing connections after the last answer. */
const closeTimeMs = 500;

/** Starts one zone's key-manager. It listens at once, and serves when the region's keys are known. */
export async function startKeyManager(context: ServiceContext<Settings>): Promise<RunningService> {
  const { settings, topology, tls, self, log, metrics, clock, random } = context;
  const listener = listenerOf(topology, settings.zone, 'key-manager');
  assert(listener !== undefined, 'runService has found the zone in the topology');
  const edgeBook = new EdgeBook('crypto-worker', clock);
  const observer = edgeBook.watching(meshMetrics(metrics, self, log));
  const traces = new Traces(random);
  const faults = context.faults?.port;
  const mesh = createMeshClient({
    self,
    endpoints: context.discovery ?? endpointsOf(topology),
    services: ['crypto-worker'],
    tls,
    clock,
    random,
    ...{ observer, traces, faults },
  });
  const crypto = createCryptoClient(mesh);
  const stopping = new AbortController();
  let region: OpenRegion | undefined;
  const { host, port } = listener;
  const methods = frameMethods({ self, clock, region: () => region });
  const carried = { observer, traces, faults };
  const server = await startFrameServer({ self, host, port, tls, methods, clock, ...carried });
  const { clusterId } = settings;
  const keysKnown = awaitRegionKeys({ crypto, clusterId, clock, log, signal: stopping.signal });
  // It only rejects on a bug, and then the process ends as for any unhandled rejection.
  void keysKnown.then((keys) => {
    if (keys === undefined) return;
    region = openRegion(context, { crypto, mesh, keys, signal: stopping.signal });
    log.info('region.opened', { zones: topology.zones.length });
  });
  return {
    reasons: () => reasonsOf(region),
    routes: (app) => {
      const acceptors = new AcceptorsPage(clock, () => region?.admin);
      app.get('/edges', (_request, response) => void response.json({ book: edgeBook.view() }));
      app.get('/acceptors', async (_request, response) => {
        response.json(await acceptors.view());
      });
    },
    drain: async () => {
      stopping.abort();
      await server.drain(drainTimeoutMs - closeTimeMs);
      await region?.stop();
      await mesh.close();
    },
  };
}

/** Where the zones' registers are, and as whom to ask them. */
function accessOf(context: ServiceContext<Settings>): RegionAccess {
  const { settings, topology, tls, random } = context;
  return {
    clusterId: settings.clusterId,
    region: settings.region,
    zones: topology.zones.map(({ zone, redis }) => ({ zone, ...redis })),
    username: settings.redis.username,
    password: readFileSync(settings.redis.passwordPath, 'utf8').trim(),
    ...{ tls, random, faults: context.faults?.port },
  };
}

interface RegionParts {
  readonly crypto: CryptoClient;
  readonly mesh: MeshClient;
  readonly keys: RegionKeys;
  /** Ends the background work. */
  readonly signal: AbortSignal;
}

/** Connects to the zones' registers; operations fail as unavailable until a majority has passed its gates. */
function openRegion(
  context: ServiceContext<Settings>,
  { crypto, mesh, keys, signal }: RegionParts,
): OpenRegion {
  const { settings, topology, log, metrics, random, dev } = context;
  // In a development region the keys' time can be moved (docs/dev-mode.md). Consensus, rebuilds and tokens keep the machine's.
  const { clock: machineClock } = context;
  const clock = dev?.keyClock ?? machineClock;
  const access = accessOf(context);
  const skew = new ClockSkew({ clock: systemClock, log, gauge: metrics.clockSkew.of({}) });
  const registers = createRegisterStore({
    ...access,
    integrityKey: keys.integrityKey,
    clock: machineClock,
    observer: {
      ...createStoreObserver({ log, metrics, clock: machineClock }),
      clockShown: skew.shown,
    },
  });
  const rebuilds = openRebuilds(registers, access, { log, metrics, clock: machineClock });
  const store = measureChanges(registers, metrics.paxosRoundDuration.of({}), clock);
  const instances = new InstanceRepository(store);
  const keyRepository = new KeyRepository(store);
  const apiKeys = new ApiKeyRepository(store);
  const turns = new Turns(clock);
  const index = new KeyIndex(store, keyRepository, turns);
  const registrations = new RegistrationRepository(store);
  const registrationIndex = new RegistrationIndex(store, registrations, turns);
  const erasures = new ErasureRepository(store);
  const shared = {
    ...{ store, instances, erasures, crypto, clock, random, log, index },
    ...{ keys: keyRepository, keyRings: new KeyRingRepository(store), region: settings.region },
    accounts: new AccountRepository(store),
  };
  startErasing(
    { store, instances, keys: keyRepository, registrations, erasures, clock, log, metrics },
    { registers, access, mesh, random, signal },
  );
  startSchedules({
    ...{ ...shared, keys: keyRepository, lists: registers, metrics, signal },
    ...{ isClockRight: () => skew.isRight(), zone: settings.zone },
    zones: access.zones.map(({ zone }) => zone),
  });
  return {
    operations: {
      ...shared,
      aliases: new AliasRepository(store, keyRepository),
      importTokens: new ImportTokenRepository(store),
      ...{ registrations, registrationIndex },
      ...{ turns, idKey: keys.idKey, privatePorts: privatePortsOf(topology) },
    },
    identity: {
      ...{
        store,
        crypto,
        clock: machineClock,
        issuer: issuerOf(settings.clusterId, settings.region),
      },
      isDev: dev !== undefined,
    },
    admin: {
      ...{ ...shared, apiKeys, rebuilds, machineClock },
      ...(dev === undefined ? {} : { seeding: seedingIn(store) }),
    },
    stop: async () => {
      await rebuilds.stop();
      await registers.close();
    },
  };
}
