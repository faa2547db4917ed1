// zones: what this process knows of each zone's acceptor, and of the rebuild under way.
import { formatTimestamp, type AdminReplies, type RebuildView } from '@zonehold/api-contract';
import { progressOf, type OpenRebuild, type RebuildRecord } from '@zonehold/caspaxos';
import { isKmsError } from '@zonehold/primitives';
import type { AdminPorts } from './admin.ts';

/** Never fails for zones that are away: what can be said without them is what is asked for then. */
export async function zones(
  ports: Pick<AdminPorts, 'store' | 'rebuilds' | 'machineClock'>,
): Promise<AdminReplies['zones']> {
  const record = await readRecord(ports);
  const last = record?.last ?? null;
  return {
    zones: ports.store.zones().map((zone) => ({ ...zone })),
    epoch: ports.rebuilds.epoch(),
    rebuild: record?.open ? rebuildView(record.open, ports.machineClock.wallMs()) : null,
    lastRebuild: last && {
      zone: last.zone,
      cause: last.cause,
      records: last.records,
      openedAt: formatTimestamp(last.openedAtMs),
      finishedAt: formatTimestamp(last.finishedAtMs),
    },
  };
}

async function readRecord({
  rebuilds,
}: Pick<AdminPorts, 'rebuilds'>): Promise<RebuildRecord | undefined> {
  try {
    return await rebuilds.record();
  } catch (error) {
    if (!isKmsError(error)) throw error;
    return undefined;
  }
}

function rebuildView(open: OpenRebuild, nowMs: number): RebuildView {
  const { leftMs, openedAtMs, recordsPerSecond, ...progress } = progressOf(open, nowMs);
  return {
    ...progress,
    recordsPerSecond: Math.round(recordsPerSecond),
    leftS: leftMs === undefined ? null : Math.round(leftMs / 1_000),
    openedAt: formatTimestamp(openedAtMs),
  };
}
