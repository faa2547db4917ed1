// What goes wrong during a simulation, and when. Only faults the protocol claims to survive: at most one acceptor loses
// its disk or its recent past, and the past it loses is on record with its peers (promise P3 and its stated window).
import { formatStamp, signConfiguration, type AcceptorState } from '@zonehold/caspaxos';
import type { SeededRandom } from '@zonehold/primitives';
import type { AcceptorHost } from './acceptor-host.ts';
import { memberOf, selfIn, type MemoryRegion } from './memory-store.ts';
import { fairWeather, type Network } from './network.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface NemesisOptions {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly network: Network;
  readonly region: MemoryRegion;
  readonly processes: readonly string[];
  /** Replaces a process by a new one of the same name: new proposer id, empty memory. */
  readonly reboot: (process: string) => void;
  /** A negative control: a wiped acceptor is given its old identity back, empty. */
  readonly readmitsWiped: boolean;
}

/** See the head of the file. */
export class Nemesis {
  readonly #options: NemesisOptions;
  readonly #images = new Map<string, AcceptorState>();
  #damaged: AcceptorHost | undefined;
  #epoch = 1;
  #isOver = false;

  constructor(options: NemesisOptions) {
    this.#options = options;
  }

  start(): void {
    const { time, random } = this.#options;
    const strike = (): void => {
      if (this.#isOver) return;
      this.#strike();
      time.schedule(30 + random.below(150), strike);
    };
    time.schedule(random.below(50), strike);
  }

  /** Ends all faults that can end. A wiped or rolled-back acceptor stays as it is. */
  heal(): void {
    this.#isOver = true;
    const { network, region } = this.#options;
    network.cuts.clear();
    network.detoursMs.clear();
    network.weather = fairWeather;
    for (const host of region.hosts) {
      if (!host.isUp) host.restart();
      this.#install(host);
    }
  }

  #strike(): void {
    const faults: readonly (readonly [weight: number, fault: () => void])[] = [
      [3, () => this.#changeWeather()],
      [6, () => this.#slowEdges()],
      [3, () => this.#cutEdge()],
      [2, () => this.#isolate(this.#anyHost())],
      [2, () => this.#crash()],
      [1, () => this.#rebootProcess()],
      [2, () => this.#reconfigure()],
      [4, () => this.#takeImage()],
      [1, () => this.#wipe()],
      [4, () => this.#rollBack()],
    ];
    let pick = this.#options.random.unit() * faults.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, fault] of faults) {
      pick -= weight;
      if (pick < 0) {
        fault();
        return;
      }
    }
  }

  #anyHost(): AcceptorHost {
    const { random, region } = this.#options;
    return region.hosts[random.below(region.hosts.length)]!;
  }

  #anyProcess(): string {
    const { random, processes } = this.#options;
    return processes[random.below(processes.length)]!;
  }

  #changeWeather(): void {
    const { network, random } = this.#options;
    network.weather = {
      dropChance: random.unit() < 0.5 ? random.unit() * 0.15 : 0,
      duplicateChance: random.unit() * 0.2,
      delayMaxMs: 1 + random.below(10),
      lateChance: random.unit() * 0.1,
    };
  }

  #cut(edges: readonly string[]): void {
    const { network, time, random } = this.#options;
    for (const edge of edges) network.cuts.add(edge);
    time.schedule(50 + random.below(400), () => {
      for (const edge of edges) network.cuts.delete(edge);
    });
  }

  #cutEdge(): void {
    const { zone } = this.#anyHost();
    const process = this.#anyProcess();
    this.#cut([this.#options.random.unit() < 0.5 ? `${process}>${zone}` : `${zone}>${process}`]);
  }

  /** Some edges take much longer than others: a write reaches one zone long before the next. */
  #slowEdges(): void {
    const { network, processes, region, random } = this.#options;
    network.detoursMs.clear();
    for (const process of processes) {
      for (const { zone } of region.hosts) {
        for (const edge of [`${process}>${zone}`, `${zone}>${process}`]) {
          if (random.unit() < 0.25) network.detoursMs.set(edge, random.below(80));
        }
      }
    }
  }

  #isolate({ zone }: AcceptorHost): void {
    this.#cut(
      this.#options.processes.flatMap((process) => [`${process}>${zone}`, `${zone}>${process}`]),
    );
  }

  #crash(): void {
    const { region, time, random } = this.#options;
    const host = this.#anyHost();
    if (region.hosts.some(({ isUp }) => !isUp)) return;
    host.crash();
    time.schedule(20 + random.below(300), () => {
      if (!host.isUp) host.restart();
    });
  }

  #rebootProcess(): void {
    this.#options.reboot(this.#anyProcess());
  }

  /** The same voters under the next epoch, reaching the acceptors one by one. */
  #reconfigure(): void {
    const { region, time, random } = this.#options;
    const hosts = region.hosts.filter((host) => host !== this.#damaged);
    const { stamp } = this.#configuration(this.#epoch);
    if (hosts.some(({ state }) => state.header?.stamp !== stamp)) return;
    this.#epoch += 1;
    for (const host of hosts) {
      const tryInstall = (): void => {
        if (host.isUp && this.#install(host)) return;
        if (!this.#isOver && host !== this.#damaged) time.schedule(20, tryInstall);
      };
      time.schedule(random.below(200), tryInstall);
    }
  }

  #configuration(epoch: number) {
    const { region } = this.#options;
    const { authenticator } = region;
    const voters = region.hosts.map(({ zone }) => memberOf(zone));
    const configuration = signConfiguration({ epoch, voters, learner: null }, authenticator);
    return { configuration, stamp: formatStamp(epoch, authenticator.digest(configuration.text)) };
  }

  #install(host: AcceptorHost): boolean {
    if (host === this.#damaged || this.#epoch === 1) return true;
    const expected = this.#configuration(this.#epoch - 1).stamp;
    const next = this.#configuration(this.#epoch);
    const decided = host.rules.installConfiguration(host.state, selfIn(host.zone), expected, next);
    return host.decide(decided).kind === 'installed';
  }

  #takeImage(): void {
    const host = this.#anyHost();
    this.#images.set(host.zone, host.diskImage());
  }

  #wipe(): void {
    if (this.#damaged !== undefined) return;
    const host = this.#anyHost();
    const { header } = host.state;
    this.#isolateSomeOther(host);
    host.wipe();
    if (this.#options.readmitsWiped && header !== null) {
      host.decide(host.rules.format(host.state, header.self, header.configuration, header.stamp));
    } else {
      this.#damaged = host;
    }
  }

  /** The moment a damaged acceptor matters is when it is needed for the quorum. */
  #isolateSomeOther(host: AcceptorHost): void {
    const others = this.#options.region.hosts.filter((other) => other !== host);
    if (this.#options.random.unit() < 0.7) this.#isolate(others[this.#options.random.below(2)]!);
  }

  /** Only into a past that both peers know to be past: what nobody saw cannot be missed. */
  #rollBack(): void {
    if (this.#damaged !== undefined) return;
    const host = this.#anyHost();
    const image = this.#images.get(host.zone);
    if (image === undefined) return;
    const { acceptorId, incarnation } = memberOf(host.zone);
    const recordName = `${acceptorId}/${incarnation}`;
    const seq = image.header?.seq ?? 0;
    const peers = this.#options.region.hosts.filter((peer) => peer !== host);
    if (!peers.every(({ state }) => (state.header?.peers[recordName] ?? 0) > seq)) return;
    this.#damaged = host;
    this.#isolateSomeOther(host);
    host.rollBackTo(image);
  }
}
