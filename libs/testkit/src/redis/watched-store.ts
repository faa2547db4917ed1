// A register store on RedisZones whose alarms and standings a test can look at.
import {
  silentObserver,
  type AcceptorStanding,
  type RegisterStore,
  type SafetyAlarm,
} from '@zonehold/caspaxos';
import { createRegisterStore, type RegisterStoreOptions } from '@zonehold/caspaxos-redis';
import type { RedisZones } from './redis-zones.ts';
import { until } from './until.ts';

export interface WatchedStore {
  readonly store: RegisterStore;
  /** `<kind> <zone>`, in the order raised. */
  readonly alarms: readonly string[];
  /** `<zone> <standing>`, in the order seen. */
  readonly standings: readonly string[];
  readonly standingOf: (zone: string) => string;
  /** Waits until `zone` has `standing`; fails with what every zone has instead. */
  readonly reached: (zone: string, standing: AcceptorStanding) => Promise<void>;
}

/** Opens a store and, unless told not to, waits until every zone has passed or failed its gate. */
export async function openWatchedStore(
  zones: RedisZones,
  options: Partial<RegisterStoreOptions> = {},
  waits = true,
): Promise<WatchedStore> {
  const alarms: string[] = [];
  const standings: string[] = [];
  const store = createRegisterStore({
    ...zones.storeOptions(),
    observer: {
      ...silentObserver,
      alarm: (kind: SafetyAlarm, zone: string) => alarms.push(`${kind} ${zone}`),
      standing: (zone, standing) => standings.push(`${zone} ${standing}`),
    },
    ...options,
  });
  const standingOf = (zone: string): string =>
    store.zones().find((state) => state.zone === zone)?.standing ?? 'unknown';
  const shown = (): string => JSON.stringify(store.zones());
  const reached = (zone: string, standing: AcceptorStanding): Promise<void> =>
    until(
      () => `${zone} is ${standing}; ${shown()}`,
      () => standingOf(zone) === standing,
    );
  if (waits) {
    await until(
      () => `every gate has looked; ${shown()}`,
      () => store.zones().every(({ standing }) => !['connecting', 'comparing'].includes(standing)),
    );
  }
  return { store, alarms, standings, standingOf, reached };
}
