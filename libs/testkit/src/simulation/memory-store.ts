// A whole region's replication in memory, for unit tests: the real store over three pure acceptors with an immediate
// network. Not the simulator: nothing fails here unless a test makes a host fail.
import {
  createStore,
  formatStamp,
  selfOf,
  signConfiguration,
  type AcceptorAddress,
  type Authenticator,
  type ReconfigurableStore,
  type SignedConfiguration,
  type StoreLimits,
  type StoreObserver,
  type Timers,
} from '@zonehold/caspaxos';
import { assert, toHex, type Clock, type Random } from '@zonehold/primitives';
import { AcceptorHost, realRules, type AcceptorRules } from './acceptor-host.ts';
import { createTestAuthenticator } from './authenticator.ts';
import type { Transport } from './host-port.ts';
import { HostPorts } from './host-ports.ts';

/** Formatted acceptors and what every process of the region knows of them. */
export interface MemoryRegion {
  /** Where the region was formed: one in each zone. */
  readonly hosts: readonly AcceptorHost[];
  readonly configuration: SignedConfiguration;
  readonly authenticator: Authenticator;
  /** The server at a place: a zone, or what `addHost` named. */
  host(place: string): AcceptorHost;
  /** All servers, in the order of their coming. */
  allHosts(): readonly AcceptorHost[];
  /** Another empty server in a zone, at an address of its own. */
  addHost(zone: string, address: AcceptorAddress): AcceptorHost;
}

/** The cluster and region that memory regions are. */
export const memoryPlace = { clusterId: 'cluster-1', region: 'us-south' } as const;

/** The name under which the server of a zone at `address` is found. */
export function placeOf(zone: string, address: AcceptorAddress | undefined): string {
  return address === undefined ? zone : `${zone}@${address.host}:${address.port}`;
}

/**
 * Where the operator's file says that zones have their Redis, for those that were moved: read when a process starts. The
 * launcher writes it when the moved zone has its vote again.
 */
export type OperatorsFile = ReadonlyMap<string, AcceptorAddress>;

/** Three zones (or `zoneCount`), formatted with epoch 1. */
export function createMemoryRegion(
  authenticator: Authenticator = createTestAuthenticator(),
  zoneCount = 3,
  rules: AcceptorRules = realRules,
): MemoryRegion {
  const hosts = Array.from(
    { length: zoneCount },
    (_, index) => new AcceptorHost(`us-south-${index + 1}`, rules),
  );
  const configuration = signConfiguration(
    { epoch: 1, voters: hosts.map(({ zone }) => memberOf(zone)), learner: null },
    authenticator,
  );
  const stamp = formatStamp(1, authenticator.digest(configuration.text));
  for (const host of hosts) {
    host.decide(rules.format(host.state, selfIn(host.zone), configuration, stamp));
  }
  const places = new Map(hosts.map((host) => [host.zone, host]));
  return {
    ...{ hosts, configuration, authenticator },
    host: (place) => {
      const found = places.get(place);
      assert(found, `no server at ${place}`);
      return found;
    },
    allHosts: () => [...places.values()],
    addHost: (zone, address) => {
      const host = new AcceptorHost(zone, rules);
      places.set(placeOf(zone, address), host);
      return host;
    },
  };
}

/** The configured acceptor of a zone of a memory region. */
export function memberOf(zone: string): { zone: string; acceptorId: string; incarnation: string } {
  return { zone, acceptorId: `acceptor-${zone}`, incarnation: `incarnation-${zone}` };
}

/** The identity an acceptor of a memory region bears. */
export function selfIn(zone: string): string {
  return selfOf({ ...memoryPlace, ...memberOf(zone) });
}

/** Delivers at once; a host that is down does not answer. */
export function immediateTransport(region: MemoryRegion): Transport {
  return {
    call: async (place, operation) => {
      const host = region.host(place);
      return host.isUp ? operation(host) : undefined;
    },
  };
}

const realTimers: Timers = {
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * A store over a memory region (its own unless one is given; several stores over one region are several processes).
 * Back-off runs on real timers; deadlines on `clock`.
 */
export function createMemoryStore(options: {
  readonly clock: Clock;
  readonly random: Random;
  readonly region?: MemoryRegion;
  readonly observer?: StoreObserver;
  readonly limits?: Partial<StoreLimits>;
}): ReconfigurableStore {
  const { clock, random, region = createMemoryRegion(), observer, limits } = options;
  return createStore({
    ports: new HostPorts(region, immediateTransport(region)),
    configuration: region.configuration,
    authenticator: region.authenticator,
    clock,
    random,
    timers: realTimers,
    proposerId: toHex(random.bytes(8)),
    ...(observer === undefined ? {} : { observer }),
    ...(limits === undefined ? {} : { limits }),
  });
}
