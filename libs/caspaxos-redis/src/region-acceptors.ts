// The acceptors of one region as ports: one for each acceptor that the configuration names, made when it first does. They
// belong together because each one's gate asks the others what they remember of it. Not the store: register-store.ts.
import {
  SequenceMemory,
  type AcceptorStanding,
  type ConfigurationShown,
  type ConfiguredAcceptor,
  type PortSource,
} from '@zonehold/caspaxos';
import type { Clock, FaultPort, Random } from '@zonehold/primitives';
import type { SequenceRecords } from './integrity-key.ts';
import { RedisAcceptor } from './redis-acceptor.ts';
import { redisIdentityUri, type RedisAddress, type RedisTls } from './redis-connection.ts';

/** Where a zone's Redis is and which acceptor it must be. As in topology.json. */
export interface ZoneAddress {
  readonly zone: string;
  readonly host: string;
  readonly port: number;
  readonly acceptorId: string;
  readonly incarnation: string;
}

/** How this process reaches the Redis of any zone. */
export interface RegionAccess {
  readonly clusterId: string;
  readonly region: string;
  readonly zones: readonly ZoneAddress[];
  readonly username: string;
  readonly password: string;
  readonly tls: RedisTls;
  readonly random: Random;
  /** What is to go wrong on purpose (docs/faults.md). Without it nothing is asked. */
  readonly faults?: FaultPort | undefined;
}

export interface RegionOptions extends RegionAccess {
  readonly clock: Clock;
  readonly records: SequenceRecords;
  /** How often an open gate looks again; 10 s. */
  readonly gateIntervalMs?: number;
  standingChanged?(zone: string, standing: AcceptorStanding, reason: string): void;
  /** The wall clock of the zone's machine as it just was, at every look of a gate. */
  clockShown?(zone: string, wallMs: number): void;
  /** The zone's acceptor showed a forged record of another's sequence. */
  recordForged?(zone: string): void;
}

/** The address of a zone's Redis: the one given, else where the region was formed with it. */
export function addressIn(
  access: RegionAccess,
  zone: string,
  moved: ConfiguredAcceptor['address'],
): RedisAddress | undefined {
  const { clusterId, region, zones, username, password, tls, faults } = access;
  const found = moved ?? zones.find((home) => home.zone === zone);
  if (found === undefined) return undefined;
  const identityUri = redisIdentityUri(clusterId, region, zone);
  const { host, port } = found;
  return { host, port, username, password, tls, identityUri, ...faultsOnTheWay(faults, zone) };
}

/** For an address: each connection to that zone's Redis is an edge of its own. */
export function faultsOnTheWay(
  faults: FaultPort | undefined,
  zone: string,
): Pick<RedisAddress, 'faults'> {
  return faults === undefined ? {} : { faults: () => faults.edge({ zone, service: 'redis' }) };
}

interface OpenPort {
  readonly acceptor: ConfiguredAcceptor;
  readonly port: RedisAcceptor;
}

/** Ports to a region's acceptors. They connect in the background, and try for ever. */
export class RegionPorts implements PortSource {
  readonly zones: readonly string[];
  readonly #options: RegionOptions;
  readonly #memory = new SequenceMemory();
  readonly #open = new Map<string, OpenPort>();
  #shown: ConfigurationShown = () => undefined;
  #isClosed = false;

  constructor(options: RegionOptions) {
    this.#options = options;
    this.zones = options.zones.map(({ zone }) => zone);
  }

  portTo(acceptor: ConfiguredAcceptor): RedisAcceptor | undefined {
    const known = this.#open.get(acceptor.zone);
    if (known !== undefined && isSame(known.acceptor, acceptor)) return known.port;
    const address = addressIn(this.#options, acceptor.zone, acceptor.address);
    if (address === undefined || this.#isClosed) return undefined;
    void known?.port.close();
    const port = this.#connect(acceptor, address);
    this.#open.set(acceptor.zone, { acceptor, port });
    return port;
  }

  lastOf(zone: string): RedisAcceptor | undefined {
    return this.#open.get(zone)?.port;
  }

  listen(shown: ConfigurationShown): void {
    this.#shown = shown;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#open.values()].map(({ port }) => port.close()));
  }

  #connect(acceptor: ConfiguredAcceptor, address: RedisAddress): RedisAcceptor {
    const { clusterId, region, clock, random, records, gateIntervalMs } = this.#options;
    const { zone, acceptorId, incarnation } = acceptor;
    const isCurrent = (): boolean => this.#open.get(zone)?.acceptor === acceptor;
    return new RedisAcceptor({
      identity: { clusterId, region, zone, acceptorId, incarnation },
      address,
      clock,
      random,
      memory: this.#memory,
      records,
      peerCount: this.zones.length - 1,
      ...(gateIntervalMs !== undefined && { gateIntervalMs }),
      askPeers: (recordName, timeoutMs) => this.#askPeers(zone, recordName, timeoutMs),
      recordForged: () => this.#options.recordForged?.(zone),
      clockShown: (wallMs) => {
        if (isCurrent()) this.#options.clockShown?.(zone, wallMs);
      },
      configurationShown: (configuration) => {
        if (isCurrent()) this.#shown(configuration, zone);
      },
      standingChanged: ({ standing, reason }) => {
        if (!isCurrent()) return;
        this.#options.standingChanged?.(zone, standing, reason);
        // It can be asked from now on: the others may wait for it, or be proven older by what it has on record.
        if (standing === 'comparing' || standing === 'voter') {
          for (const other of this.#othersThan(zone)) other.recheck();
        }
      },
    });
  }

  #othersThan(zone: string): readonly RedisAcceptor[] {
    return [...this.#open.values()].map(({ port }) => port).filter((port) => port.zone !== zone);
  }

  async #askPeers(zone: string, recordName: string, timeoutMs: number): Promise<readonly number[]> {
    const asked = this.#othersThan(zone).map((peer) => peer.recordOf(recordName, timeoutMs));
    return (await Promise.all(asked)).filter((record) => record !== undefined);
  }
}

function isSame(left: ConfiguredAcceptor, right: ConfiguredAcceptor): boolean {
  return (
    left.acceptorId === right.acceptorId &&
    left.incarnation === right.incarnation &&
    left.address?.host === right.address?.host &&
    left.address?.port === right.address?.port
  );
}
