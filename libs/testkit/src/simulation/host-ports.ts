// One process's ports to a simulated region: one for each acceptor of its configuration, made when it is first named. What
// region-acceptors.ts is for Redis.
import {
  selfOf,
  SequenceMemory,
  type AcceptorPort,
  type ConfigurationShown,
  type ConfiguredAcceptor,
  type PortSource,
} from '@zonehold/caspaxos';
import { HostPort, type HostPortOptions, type Peer, type Transport } from './host-port.ts';
import { memoryPlace, placeOf, type MemoryRegion, type OperatorsFile } from './memory-store.ts';

/** Stands between a process and each of its ports: scripted networks, broken variants. */
export type WrapPort = (port: AcceptorPort) => AcceptorPort;

interface OpenPort {
  readonly acceptor: ConfiguredAcceptor;
  readonly place: string;
  readonly port: AcceptorPort;
}

/** See the head of the file. */
export class HostPorts implements PortSource {
  readonly zones: readonly string[];
  readonly #transport: Transport;
  readonly #standingOf: HostPortOptions['standingOf'];
  readonly #wrap: WrapPort;
  readonly #file: OperatorsFile;
  readonly #sequences = new SequenceMemory();
  readonly #open = new Map<string, OpenPort>();
  #shown: ConfigurationShown = () => undefined;

  constructor(
    region: MemoryRegion,
    transport: Transport,
    standingOf?: HostPortOptions['standingOf'],
    wrap: WrapPort = (port) => port,
    file: OperatorsFile = new Map(),
  ) {
    this.zones = region.hosts.map(({ zone }) => zone);
    this.#transport = transport;
    this.#standingOf = standingOf;
    this.#wrap = wrap;
    this.#file = file;
  }

  portTo(acceptor: ConfiguredAcceptor): AcceptorPort {
    const { zone, acceptorId, incarnation, address } = acceptor;
    const place = placeOf(zone, address ?? this.#file.get(zone));
    const known = this.#open.get(zone);
    if (known?.acceptor.incarnation === incarnation && known.place === place) return known.port;
    const port = new HostPort({
      ...{ zone, place },
      recordName: `${acceptorId}/${incarnation}`,
      self: selfIn(acceptor),
      peers: () => this.#peersOf(zone),
      transport: this.#transport,
      sequences: this.#sequences,
      shown: (configuration) => {
        if (this.#open.get(zone)?.acceptor === acceptor) this.#shown(configuration, zone);
      },
      ...(this.#standingOf === undefined ? {} : { standingOf: this.#standingOf }),
    });
    const wrapped = this.#wrap(port);
    this.#open.set(zone, { acceptor, place, port: wrapped });
    return wrapped;
  }

  lastOf(zone: string): AcceptorPort | undefined {
    return this.#open.get(zone)?.port;
  }

  listen(shown: ConfigurationShown): void {
    this.#shown = shown;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ port }) => port.close()));
  }

  #peersOf(zone: string): readonly Peer[] {
    return [...this.#open.values()]
      .filter(({ acceptor }) => acceptor.zone !== zone)
      .map(({ acceptor, place }) => ({ place, self: selfIn(acceptor) }));
  }
}

function selfIn({ zone, acceptorId, incarnation }: ConfiguredAcceptor): string {
  return selfOf({ ...memoryPlace, zone, acceptorId, incarnation });
}
