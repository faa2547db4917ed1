// Puts a clock beside a store: how long changes take, all their rounds together. Reads are measured by the mesh's own metrics.
import type { RegisterStore } from '@zonehold/caspaxos';
import type { Clock } from '@zonehold/primitives';
import type { Histogram } from '@zonehold/telemetry';

/** The same store; every change, also a failed one, is observed in `durations`. */
export function measureChanges(
  store: RegisterStore,
  durations: Histogram,
  clock: Clock,
): RegisterStore {
  return {
    read: (ids, deadline) => store.read(ids, deadline),
    reseal: (id, deadline) => store.reseal(id, deadline),
    list: (scope, deadline) => store.list(scope, deadline),
    scan: (namePrefix, deadline) => store.scan(namePrefix, deadline),
    zones: () => store.zones(),
    close: () => store.close(),
    change: async (id, change, deadline) => {
      const startedAtMs = clock.monotonicMs();
      try {
        return await store.change(id, change, deadline);
      } finally {
        durations.observe((clock.monotonicMs() - startedAtMs) / 1_000);
      }
    },
  };
}
