// For tests only: key-managers of three zones over real Redis, in one process, with their rebuild controllers. The cipher is
// an honest one of this process; everything from the operations down to the disks is the real thing.
import {
  RebuildController,
  silentObserver,
  type AcceptorStanding,
  type ReconfigurableStore,
} from '@zonehold/caspaxos';
import { createRedisDisks, createRegisterStore, systemTimers } from '@zonehold/caspaxos-redis';
import { systemClock, systemRandom, type Clock } from '@zonehold/primitives';
import { RedisZones, SlowLink, until } from '@zonehold/testkit';
import { HonestCrypto } from './honest-crypto.ts';
import { admin, managerOver, type Credential, type TestManager } from './key-managers.ts';

/** The waits of the contract pass this much faster: 30 s become 60 ms, an hour 7 s. Durations are measured as ever. */
const hurry = 500;
export const hastyClock: Clock = {
  wallMs: () => Date.UTC(2026, 0, 1) + systemClock.monotonicMs() * hurry,
  monotonicMs: () => systemClock.monotonicMs(),
};

/** Each zone's data may grow to this; one fault fills the rest. */
const diskMaxBytesDefault = 96 * 1024 * 1024;
const settleTimeoutMs = 60_000;

export interface RedisRegion {
  readonly zones: RedisZones;
  /** Between the key-managers and each zone's Redis. */
  readonly links: readonly SlowLink[];
  readonly managers: readonly TestManager[];
  /** What each key-manager works on, in the same order. */
  readonly stores: readonly ReconfigurableStore[];
  readonly crypto: HonestCrypto;
  /** `<kind> <zone>`: must stay empty. */
  readonly alarms: readonly string[];
  /** `<zone> <what>` of every rebuild. */
  readonly rebuildSteps: readonly string[];
  /** A new instance with a manager's credential. */
  instance(name: string): Promise<{ readonly instanceId: string; readonly manager: Credential }>;
  /** Waits until every key-manager counts every zone among its voters; how long that took, in milliseconds. */
  whole(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts Redis in three zones, each on a disk of `diskMaxBytes`, and a key-manager for each. */
export async function startRedisRegion(diskMaxBytes = diskMaxBytesDefault): Promise<RedisRegion> {
  const zones = await RedisZones.start({ diskMaxBytes });
  const links = await Promise.all(zones.servers.map((server) => SlowLink.start(server)));
  const alarms: string[] = [];
  const rebuildSteps: string[] = [];
  const crypto = new HonestCrypto();
  const stores: ReconfigurableStore[] = [];
  const managers = links.map(() => {
    const access = {
      ...zones.storeOptions(),
      zones: zones.zones.map((zone, at) => ({ ...zone, port: links[at]!.port })),
      gateIntervalMs: 500,
    };
    const store = createRegisterStore({
      ...access,
      observer: {
        ...silentObserver,
        alarm: (kind, zone) => alarms.push(`${kind} ${zone}`),
        standing: () => undefined,
      },
    });
    stores.push(store);
    const rebuilds = new RebuildController({
      ...{ store, clusterId: zones.clusterId, region: zones.region },
      disks: createRedisDisks(access),
      homes: zones.zones,
      ...{ clock: systemClock, timers: systemTimers, random: systemRandom },
      observer: {
        step: (zone, what) => rebuildSteps.push(`${zone} ${what}`),
        record: () => undefined,
      },
      limits: { lookIntervalMs: 300 },
    });
    rebuilds.start();
    return managerOver({ store, rebuilds, clock: hastyClock, crypto });
  });
  const standings = (): AcceptorStanding[] =>
    stores.flatMap((store) => store.zones().map(({ standing }) => standing));
  return {
    ...{ zones, links, managers, stores, crypto, alarms, rebuildSteps },
    instance: async (name) => {
      const { instanceId } = await admin<'create-instance'>(managers[0]!, {
        kind: 'create-instance',
        name,
      });
      const manager = await admin<'create-api-key'>(managers[0]!, {
        kind: 'create-api-key',
        name,
        grants: [{ instanceId, roles: ['Manager'] }],
      });
      return { instanceId, manager };
    },
    whole: async () => {
      const startedAtMs = systemClock.monotonicMs();
      await until(
        () => `every zone votes again: ${JSON.stringify(stores[0]!.zones())}`,
        () => standings().every((standing) => standing === 'voter'),
        settleTimeoutMs,
      );
      return systemClock.monotonicMs() - startedAtMs;
    },
    stop: async () => {
      await Promise.all(managers.map((manager) => manager.stop()));
      await Promise.all(links.map((link) => link.stop()));
      await zones.stop();
    },
  };
}
