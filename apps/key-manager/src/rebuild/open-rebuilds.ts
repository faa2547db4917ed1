// Puts the rebuild controller of one key-manager together: the region's store, disks and zones.
import { RebuildController, type ReconfigurableStore } from '@zonehold/caspaxos';
import { createRedisDisks, systemTimers, type RegionAccess } from '@zonehold/caspaxos-redis';
import type { Clock } from '@zonehold/primitives';
import { createRebuildObserver, type RebuildObserverOptions } from './rebuild-observer.ts';

/** A controller that looks from now on; stop it before its store is closed. */
export function openRebuilds(
  store: ReconfigurableStore,
  access: RegionAccess,
  telemetry: RebuildObserverOptions & { readonly clock: Clock },
): RebuildController {
  const { clusterId, region, zones, random } = access;
  const controller = new RebuildController({
    ...{ store, clusterId, region, random },
    disks: createRedisDisks(access),
    homes: zones.map(({ zone, acceptorId }) => ({ zone, acceptorId })),
    clock: telemetry.clock,
    timers: systemTimers,
    observer: createRebuildObserver(telemetry),
  });
  controller.start();
  return controller;
}
