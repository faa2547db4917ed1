// Why this key-manager should not get requests now. It counts on its own view only: no other service is asked.
import { quorumSize, type RegisterStore } from '@zonehold/caspaxos';

export const keysUnknown = 'No crypto-worker has given the keys of the region yet.';

/** Sentences; empty when a quorum of acceptors takes part. */
export function storeReasons(store: Pick<RegisterStore, 'zones'>): readonly string[] {
  const zones = store.zones();
  const voters = zones.filter(({ standing }) => standing === 'voter').length;
  const needed = quorumSize(zones.length);
  if (voters >= needed) return [];
  const away = zones.filter(({ standing }) => standing !== 'voter');
  return [
    `${voters} of ${zones.length} zones take part; ${needed} are needed.`,
    ...away.map(({ zone, standing, reason }) => `${zone}: ${reason === '' ? standing : reason}`),
  ];
}
