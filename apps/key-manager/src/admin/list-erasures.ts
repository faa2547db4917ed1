// list-erasures: every erasure that is not done, and which zone still lacks which step. For operators: ids, times and reasons.
import { formatTimestamp, type AdminReplies, type ErasureView } from '@zonehold/api-contract';
import type { RegisterStore } from '@zonehold/caspaxos';
import { cachesToAsk, zonesToRewrite, type ErasureRecord } from '../erasure/erasure-record.ts';
import type { ErasureScope, ListedErasure } from '../erasure/erasure-repository.ts';
import { readRewrites } from '../erasure/rewrite-zones.ts';
import { describeWait, noRewrites, type ZoneRewrites } from '../erasure/zone-rewrites.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';

/** About 300 characters each: far from the limit of a frame, and more than anybody reads. */
const shownMax = 1_000;

/** Work under way first, oldest due first; then deleted keys that wait for their restore window to close. */
export async function listErasures(
  ports: AdminPorts,
  _request: AdminRequestOf<'list-erasures'>,
  { deadline }: AdminContext,
): Promise<AdminReplies['list-erasures']> {
  const { store, erasures, clock } = ports;
  const working = await erasures.list('erasure', deadline);
  const later = await erasures.list('erasure-later', deadline);
  const zones = store.zones().map(({ zone }) => zone);
  const rewrites = await readRewrites({ store, zones }, deadline);
  const shownOf = async (
    scope: ErasureScope,
    listed: readonly ListedErasure[],
    countMax: number,
  ): Promise<readonly ErasureRecord[]> => {
    const names = byDue(listed)
      .slice(0, countMax)
      .map(({ name }) => name);
    return (await erasures.read(scope, names, deadline)).map(({ record }) => record);
  };
  const shown = await shownOf('erasure', working, shownMax);
  const waiting = await shownOf('erasure-later', later, shownMax - shown.length);
  const nowMs = clock.wallMs();
  return {
    erasures: [
      ...shown.map((record) => viewOf(record, lacksOf(record, store, rewrites, nowMs))),
      ...waiting.map((record) => viewOf(record, [])),
    ],
    total: working.length + later.length,
  };
}

function viewOf(record: ErasureRecord, lacks: ErasureView['lacks']): ErasureView {
  const { instanceId, keyId, kind, requestedAtMs, dueAtMs } = record;
  const requestedAt = formatTimestamp(requestedAtMs);
  return { instanceId, keyId, kind, requestedAt, dueAt: formatTimestamp(dueAtMs), lacks };
}

/** Before its first step is done, an erasure is held up by whoever is away, or by nobody: then it is about to go on. */
function lacksOf(
  record: ErasureRecord,
  store: Pick<RegisterStore, 'zones'>,
  rewrites: Readonly<Record<string, ZoneRewrites>>,
  nowMs: number,
): ErasureView['lacks'] {
  const standings = store.zones();
  const away = new Map(
    standings
      .filter(({ standing }) => standing !== 'voter')
      .map(({ zone, standing, reason }) => [zone, reason === '' ? standing : reason]),
  );
  if (record.spread === undefined) {
    if (away.size === 0) {
      return [{ zone: '-', step: 'spread', reason: 'it is about to be told to every zone' }];
    }
    return [...away].map(([zone, reason]) => ({ zone, step: 'spread', reason }));
  }
  const zones = standings.map(({ zone }) => zone);
  const finished = Object.fromEntries(
    zones.map((zone) => [zone, rewrites[zone]?.finished ?? 0] as const),
  );
  return [
    ...zonesToRewrite(record, zones, finished).map((zone) => ({
      zone,
      step: 'rewrite' as const,
      reason: away.get(zone) ?? describeWait(rewrites[zone] ?? noRewrites, nowMs),
    })),
    ...cachesToAsk(record, zones).map(([service, zone]) => ({
      zone,
      step: 'caches' as const,
      reason: `its ${service} has not answered yet`,
    })),
  ];
}

function byDue(listed: readonly ListedErasure[]): readonly ListedErasure[] {
  const dueAtOf = ({ summary }: ListedErasure): number => summary?.dueAtMs ?? -Infinity;
  return listed.toSorted((left, right) => dueAtOf(left) - dueAtOf(right));
}
