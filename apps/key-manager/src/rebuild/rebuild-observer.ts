// What the rebuild controller reports, as log lines and metrics. Progress is for people and dashboards; nothing acts on it.
import { progressOf, type RebuildObserver, type RebuildProgress } from '@zonehold/caspaxos';
import type { Clock } from '@zonehold/primitives';
import type { Log, Metrics } from '@zonehold/telemetry';

export interface RebuildObserverOptions {
  readonly log: Log;
  readonly metrics: Pick<
    Metrics,
    | 'registersUnderreplicated'
    | 'rebuildActive'
    | 'rebuildRecordsDone'
    | 'rebuildRecords'
    | 'rebuilds'
  >;
  readonly clock: Clock;
}

/** Progress is logged this often at most. */
const progressIntervalMs = 2_000;

/** An observer for one controller. */
export function createRebuildObserver(options: RebuildObserverOptions): RebuildObserver {
  const { log, metrics, clock } = options;
  let loggedAtMs = -Infinity;
  let activeZone: string | undefined;
  const show = (progress: RebuildProgress | undefined): void => {
    if (activeZone !== undefined && activeZone !== progress?.zone) {
      metrics.rebuildActive.of({ zone: activeZone }).set(0);
    }
    activeZone = progress?.zone;
    if (activeZone !== undefined) metrics.rebuildActive.of({ zone: activeZone }).set(1);
    const { done, total } = progress ?? { done: 0, total: 0 };
    metrics.rebuildRecordsDone.of({}).set(done);
    metrics.rebuildRecords.of({}).set(total);
    metrics.registersUnderreplicated.of({}).set(total - done);
  };
  return {
    step: (zone, what) => log.info('rebuild.step', { rebuiltZone: zone, what }),
    record: ({ open }) => {
      const progress = open === null ? undefined : progressOf(open, clock.wallMs());
      show(progress);
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
    finished: ({ zone, cause, records, openedAtMs, finishedAtMs }) => {
      metrics.rebuilds.of({ cause }).inc();
      const tookMs = finishedAtMs - openedAtMs;
      log.info('rebuild.finished', { rebuiltZone: zone, cause, records, tookMs });
    },
  };
}
