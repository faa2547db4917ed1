// What the rebuild controller reports, as log lines and metrics. Progress is for people and dashboards; nothing acts on it.
import { progressOf, type RebuildObserver } from '@zonehold/caspaxos';
import type { Clock } from '@zonehold/primitives';
import type { Log, Metrics } from '@zonehold/telemetry';

export interface RebuildObserverOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Progress is logged this often at most. */
const progressIntervalMs = 2_000;

export function createRebuildObserver(options: RebuildObserverOptions): RebuildObserver {
  const { log, metrics, clock } = options;
  let loggedAtMs = -Infinity;
  return {
    step: (zone, what) => log.info('rebuild.step', { rebuiltZone: zone, what }),
    record: ({ open }) => {
      const progress = open === null ? undefined : progressOf(open, clock.wallMs());
      const left = progress === undefined ? 0 : progress.total - progress.done;
      metrics.registersUnderreplicated.of({}).set(left);
      if (progress === undefined || clock.monotonicMs() - loggedAtMs < progressIntervalMs) return;
      loggedAtMs = clock.monotonicMs();
      const { zone, done, total, recordsPerSecond, leftMs, waitsFor } = progress;
      const leftS = leftMs === undefined ? undefined : Math.round(leftMs / 1_000);
      log.info('rebuild.progress', {
        ...{ rebuiltZone: zone, done, total, waitsFor },
        recordsPerSecond: Math.round(recordsPerSecond),
        ...(leftS === undefined ? {} : { leftS }),
      });
    },
  };
}
