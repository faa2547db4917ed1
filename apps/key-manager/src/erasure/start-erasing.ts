// Puts the background work on erasures of one key-manager together, and starts it. It decides nothing.
import type { ReconfigurableStore } from '@zonehold/caspaxos';
import { addressIn, createAofRewriter, type RegionAccess } from '@zonehold/caspaxos-redis';
import type { MeshClient } from '@zonehold/mesh';
import { toHex, type Random } from '@zonehold/primitives';
import { runRounds } from '../run-rounds.ts';
import { ErasureController } from './erasure-controller.ts';
import { createMaterialCaches } from './material-caches.ts';
import type { ErasurePorts } from './ports.ts';

/** Nobody waits for an erasure; a look costs one read of a list that is mostly empty. */
const passIntervalMs = 5_000;

/** Runs until `signal` is aborted. What is under way then may fail anywhere: it is as after a crash. */
export function startErasing(
  ports: Pick<
    ErasurePorts,
    'store' | 'instances' | 'keys' | 'registrations' | 'erasures' | 'clock' | 'log' | 'metrics'
  >,
  on: {
    readonly registers: ReconfigurableStore;
    readonly access: RegionAccess;
    readonly mesh: MeshClient;
    readonly random: Random;
    readonly signal: AbortSignal;
  },
): void {
  const { registers, access, mesh, random, signal } = on;
  const aof = createAofRewriter({
    random,
    // A zone whose Redis was replaced has the address that the configuration names.
    addressOf: (zone) => {
      const { voters } = registers.configuration().members;
      return addressIn(access, zone, voters.find((voter) => voter.zone === zone)?.address);
    },
  });
  const controller = new ErasureController({
    ...ports,
    aof,
    caches: createMaterialCaches(mesh, signal),
    zones: access.zones.map(({ zone }) => zone),
    holder: toHex(random.bytes(8)),
  });
  signal.addEventListener('abort', () => aof.close());
  // It only rejects on a bug, and then the process ends as for any unhandled rejection.
  void runRounds({
    round: () => controller.pass(),
    intervalMs: passIntervalMs,
    waitingEvent: 'erasure.waiting',
    ...{ log: ports.log, random, signal },
  });
}
