// A whole region's replication in memory, for unit tests: the real store over three pure acceptors with an immediate
// network. Not the simulator: nothing fails here unless a test makes a host fail.
import {
  createStore,
  formatStamp,
  selfOf,
  SequenceMemory,
  signConfiguration,
  type AcceptorPort,
  type Authenticator,
  type RegisterStore,
  type SignedConfiguration,
  type StoreLimits,
  type StoreObserver,
  type Timers,
} from '@zonehold/caspaxos';
import { assert, toHex, type Clock, type Random } from '@zonehold/primitives';
import { AcceptorHost, realRules, type AcceptorRules } from './acceptor-host.ts';
import { createTestAuthenticator } from './authenticator.ts';
import { HostPort, type HostPortOptions, type Transport } from './host-port.ts';

/** Formatted acceptors and what every process of the region knows of them. */
export interface MemoryRegion {
  readonly hosts: readonly AcceptorHost[];
  readonly configuration: SignedConfiguration;
  readonly authenticator: Authenticator;
  host(zone: string): AcceptorHost;
}

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
  const host = (zone: string): AcceptorHost => {
    const found = hosts.find((candidate) => candidate.zone === zone);
    assert(found, `no such zone: ${zone}`);
    return found;
  };
  return { hosts, configuration, authenticator, host };
}

/** The configured acceptor of a zone of a memory region. */
export function memberOf(zone: string): { zone: string; acceptorId: string; incarnation: string } {
  return { zone, acceptorId: `acceptor-${zone}`, incarnation: `incarnation-${zone}` };
}

/** The identity an acceptor of a memory region bears. */
export function selfIn(zone: string): string {
  return selfOf({ clusterId: 'cluster-1', region: 'us-south', ...memberOf(zone) });
}

/** One process's ports to all zones. */
export function createHostPorts(
  region: MemoryRegion,
  transport: Transport,
  standingOf?: HostPortOptions['standingOf'],
): readonly AcceptorPort[] {
  const sequences = new SequenceMemory();
  return region.hosts.map(
    ({ zone }) =>
      new HostPort({
        zone,
        acceptorId: memberOf(zone).acceptorId,
        self: selfIn(zone),
        peerZones: region.hosts.map((host) => host.zone).filter((other) => other !== zone),
        transport,
        sequences,
        ...(standingOf === undefined ? {} : { standingOf }),
      }),
  );
}

/** Delivers at once; a host that is down does not answer. */
export function immediateTransport(region: MemoryRegion): Transport {
  return {
    call: async (zone, operation) => {
      const host = region.host(zone);
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
}): RegisterStore {
  const { clock, random, region = createMemoryRegion(), observer, limits } = options;
  return createStore({
    ports: createHostPorts(region, immediateTransport(region)),
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
