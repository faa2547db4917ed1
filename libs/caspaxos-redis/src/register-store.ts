// The region's registers over one Redis per zone: acceptors, integrity key, timers and the proposer put together. What
// key-manager opens at its start.
import {
  createStore,
  signConfiguration,
  type AcceptorStanding,
  type Authenticator,
  type ReconfigurableStore,
  type SignedConfiguration,
  type StoreObserver,
  type Timers,
} from '@zonehold/caspaxos';
import { assert, toHex } from '@zonehold/primitives';
import { createAuthenticator, createSequenceRecords } from './integrity-key.ts';
import { RegionPorts, type RegionOptions, type ZoneAddress } from './region-acceptors.ts';

/** What the store reports: the proposer's events, every change of a zone's standing, and what time it is there. */
export interface RegisterStoreObserver extends StoreObserver {
  standing(zone: string, standing: AcceptorStanding, reason: string): void;
  /** The wall clock of the zone's machine as it just was, at every look of its gate. */
  clockShown?(zone: string, wallMs: number): void;
}

export interface RegisterStoreOptions extends Omit<
  RegionOptions,
  'records' | 'standingChanged' | 'recordForged' | 'clockShown'
> {
  /** 32 bytes, the same in every key-manager of the region. Copied into a KeyObject. */
  readonly integrityKey: Uint8Array;
  readonly observer?: RegisterStoreObserver;
}

/** The process's timers. */
export const systemTimers: Timers = {
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/** The configuration a region is formed with: epoch 1, every zone votes. Later ones are learnt from the acceptors. */
export function firstConfiguration(
  zones: readonly Pick<ZoneAddress, 'zone' | 'acceptorId' | 'incarnation'>[],
  authenticator: Authenticator,
): SignedConfiguration {
  return signConfiguration({ epoch: 1, voters: zones, learner: null }, authenticator);
}

/**
 * Opens the store; connecting goes on in the background, and until a majority has passed its gates operations fail with
 * UNAVAILABLE. Closing it closes the connections.
 */
export function createRegisterStore(options: RegisterStoreOptions): ReconfigurableStore {
  const { clusterId, zones, integrityKey, clock, random, observer } = options;
  assert(zones.length > 0, 'a region has at least one zone');
  const authenticator = createAuthenticator(clusterId, integrityKey);
  const ports = new RegionPorts({
    ...options,
    records: createSequenceRecords(clusterId, integrityKey),
    recordForged: (zone) => observer?.alarm('forged', zone),
    standingChanged: (zone, standing, reason) => observer?.standing(zone, standing, reason),
    clockShown: (zone, wallMs) => observer?.clockShown?.(zone, wallMs),
  });
  return createStore({
    ports,
    configuration: firstConfiguration(zones, authenticator),
    authenticator,
    clock,
    timers: systemTimers,
    random,
    proposerId: toHex(random.bytes(8)),
    ...(observer && { observer }),
  });
}
