// What of a rebuild is counted and shown to Prometheus.
import { noRebuild, type OpenRebuild } from '@zonehold/caspaxos';
import { ManualClock } from '@zonehold/primitives';
import { createLog, createMetrics } from '@zonehold/telemetry';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRebuildObserver } from './rebuild-observer.ts';

const progress = { done: 30, total: 100, startedAtMs: 0, isComplete: false };
const seal = { stamp: 's', cursor: '', ...progress };
const open: OpenRebuild = { zone: 'z-2', cause: 'wiped', incarnation: 'i1', openedAtMs: 0, seal };
const place = { service: 'key-manager', zone: 'z-1', region: 'z' };
let metrics: ReturnType<typeof createMetrics>;
let observer: ReturnType<typeof createRebuildObserver>;

beforeEach(() => {
  metrics = createMetrics(place);
  const clock = new ManualClock();
  const log = createLog({ ...place, level: 'silent' });
  observer = createRebuildObserver({ log, metrics, clock });
});

/** The sample of one metric, without the labels that each has. */
async function valueOf(metric: string): Promise<string | undefined> {
  const text = await metrics.text();
  return new RegExp(`^${metric}(?:\\{.*\\})? (\\S+)$`, 'm').exec(text)?.[1];
}

describe('the rebuild observer', () => {
  it('shows which zone is rebuilt and how far, and nothing once it has ended', async () => {
    observer.record({ ...noRebuild, open });
    expect(await valueOf('kms_rebuild_active')).toBe('1');
    expect(await valueOf('kms_rebuild_records_done')).toBe('30');
    expect(await valueOf('kms_rebuild_records')).toBe('100');
    expect(await valueOf('kms_registers_underreplicated')).toBe('70');
    observer.record(noRebuild);
    expect(await valueOf('kms_rebuild_active')).toBe('0');
    expect(await valueOf('kms_registers_underreplicated')).toBe('0');
  });

  it('counts what this process has ended, by cause', async () => {
    const { zone, cause, openedAtMs } = open;
    observer.finished?.({ zone, cause, openedAtMs, finishedAtMs: 9, records: 100 });
    expect(await valueOf('kms_rebuilds_total')).toBe('1');
    expect(await metrics.text()).toContain('cause="wiped"');
  });
});
