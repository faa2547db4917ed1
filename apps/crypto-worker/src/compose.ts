// Puts the crypto-worker together: root, room, frame server. Nothing listens before the root is open.
import type { HealthReply } from '@zonehold/api-contract';
import { startFrameServer } from '@zonehold/mesh';
import {
  drainTimeoutMs,
  listenerOf,
  meshMetrics,
  type RunningService,
  type ServiceContext,
} from '@zonehold/service-host';
import { assert } from '@zonehold/primitives';
import { Traces } from '@zonehold/telemetry';
import { Canary } from './canary.ts';
import type { Settings } from './config.ts';
import { cryptoWorkerFrameMethods } from './methods.ts';
import { createRoom } from './room.ts';
import { openRoot } from './root-of-trust.ts';

/** Starts one crypto-worker. Fails with SEALED when the root does not open; then nothing listens. */
export async function startCryptoWorker(
  context: ServiceContext<Settings>,
): Promise<RunningService> {
  const { settings, self, topology, tls, log, metrics, clock, random } = context;
  const startedAtMs = clock.monotonicMs();
  const root = await openRoot(settings.root, { clusterId: self.clusterId, region: self.region });
  log.info('root.opened', { durationMs: Math.round(clock.monotonicMs() - startedAtMs) });
  const { readyMax, firstAfterMs } = settings.importKeys;
  const room = createRoom(root, random, readyMax);
  const canary = new Canary(room);
  let isDraining = false;
  const reasons = (): readonly string[] =>
    isDraining ? ['This crypto-worker is draining.'] : canary.reasons();
  const health = (): HealthReply => {
    const found = reasons();
    return {
      service: self.service,
      zone: self.zone,
      isReady: found.length === 0,
      reasons: found,
      uptimeS: Math.floor((clock.monotonicMs() - startedAtMs) / 1000),
    };
  };
  const listener = listenerOf(topology, self.zone, 'crypto-worker');
  assert(listener !== undefined, 'the host checked that the topology has this zone');
  const server = await startFrameServer({
    self,
    host: listener.host,
    port: listener.port,
    tls,
    methods: cryptoWorkerFrameMethods(room, health, metrics),
    clock,
    observer: meshMetrics(metrics, self, log),
    traces: new Traces(random),
    faults: context.faults?.port,
  });
  // Somewhere between one and two such times: the workers of one host do not make their first pairs in the same second.
  const delayMs = firstAfterMs * (1 + (random.bytes(1)[0] ?? 0) / 256);
  const firstPairs = setTimeout(() => room.importKeys.fill(), delayMs).unref();
  return {
    reasons,
    drain: () => {
      isDraining = true;
      clearTimeout(firstPairs);
      return server.drain(drainTimeoutMs);
    },
  };
}
