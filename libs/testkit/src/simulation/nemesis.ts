// What goes wrong during a simulation, and when. Only faults the protocol claims to survive: at most one acceptor loses
// its disk or its recent past, and the past it loses is on record with its peers (promise P3 and its stated window).
import { formatStamp, signConfiguration, type AcceptorState } from '@zonehold/caspaxos';
import { SeededRandom } from '@zonehold/primitives';
import type { AcceptorHost } from './acceptor-host.ts';
import { derivedSeed } from './derived-seed.ts';
import { memberOf, selfIn, type MemoryRegion } from './memory-store.ts';
import { fairWeather, type Network } from './network.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface NemesisOptions {
  readonly time: VirtualTime;
  readonly seed: number;
  /** The only strikes to carry out; absent: all. The others are drawn in the same way, and left out. */
  readonly keptStrikes: ReadonlySet<number> | undefined;
  readonly network: Network;
  readonly region: MemoryRegion;
  readonly processes: readonly string[];
  /** Replaces a process by a new one of the same name: new proposer id, empty memory. */
  readonly reboot: (process: string) => void;
  /** A negative control: a wiped acceptor is given its old identity back, empty. */
  readonly readmitsWiped: boolean;
}

type Fault = readonly [weight: number, name: string, carryOut: () => void];

/** One fault that was drawn. Strike n of a seed is drawn alike whatever becomes of the others. */
export interface Strike {
  /** 0 for the first. */
  readonly number: number;
  readonly atMs: number;
  readonly fault: string;
  /** Zones and processes it was aimed at; not all faults aim, and some find that nothing can be done. */
  readonly targets: readonly string[];
  readonly isSkipped: boolean;
}

/** See the head of the file. */
export class Nemesis {
  readonly #options: NemesisOptions;
  readonly strikes: Strike[] = [];
  /** Of the strike that is being carried out. */
  #random: SeededRandom;
  #targets: string[] = [];
  readonly #images = new Map<string, AcceptorState>();
  #damaged: AcceptorHost | undefined;
  #epoch = 1;
  #isOver = false;

  constructor(options: NemesisOptions) {
    this.#options = options;
    this.#random = new SeededRandom(derivedSeed(options.seed, 'strikes'));
  }

  start(): void {
    const { time } = this.#options;
    const pauses = this.#random;
    const strike = (): void => {
      if (this.#isOver) return;
      this.#strike();
      time.schedule(30 + pauses.below(150), strike);
    };
    time.schedule(pauses.below(50), strike);
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
    const { seed, time, keptStrikes } = this.#options;
    const number = this.strikes.length;
    this.#random = new SeededRandom(derivedSeed(seed, `strike ${number}`));
    this.#targets = [];
    const [, fault, carryOut] = this.#drawFault();
    const isSkipped = keptStrikes?.has(number) === false;
    this.strikes.push({
      number,
      atMs: time.monotonicMs(),
      fault,
      targets: this.#targets,
      isSkipped,
    });
    if (!isSkipped) carryOut();
  }

  #drawFault(): Fault {
    const faults: readonly Fault[] = [
      [3, 'change the weather', () => this.#changeWeather()],
      [6, 'slow edges', () => this.#slowEdges()],
      [3, 'cut an edge', () => this.#cutEdge()],
      [2, 'isolate', () => this.#isolate(this.#anyHost())],
      [2, 'crash', () => this.#crash()],
      [1, 'reboot a process', () => this.#rebootProcess()],
      [2, 'reconfigure', () => this.#reconfigure()],
      [4, 'take an image', () => this.#takeImage()],
      [1, 'wipe', () => this.#wipe()],
      [4, 'roll back', () => this.#rollBack()],
    ];
    let pick = this.#random.unit() * faults.reduce((sum, [weight]) => sum + weight, 0);
    return faults.find(([weight]) => (pick -= weight) < 0)!;
  }

  #anyHost(): AcceptorHost {
    const { hosts } = this.#options.region;
    const host = hosts[this.#random.below(hosts.length)]!;
    this.#targets.push(host.zone);
    return host;
  }

  #anyProcess(): string {
    const { processes } = this.#options;
    const process = processes[this.#random.below(processes.length)]!;
    this.#targets.push(process);
    return process;
  }

  #changeWeather(): void {
    const random = this.#random;
    this.#options.network.weather = {
      dropChance: random.unit() < 0.5 ? random.unit() * 0.15 : 0,
      duplicateChance: random.unit() * 0.2,
      delayMaxMs: 1 + random.below(10),
      lateChance: random.unit() * 0.1,
    };
  }

  #cut(edges: readonly string[]): void {
    const { network, time } = this.#options;
    for (const edge of edges) network.cuts.add(edge);
    time.schedule(50 + this.#random.below(400), () => {
      for (const edge of edges) network.cuts.delete(edge);
    });
  }

  #cutEdge(): void {
    const { zone } = this.#anyHost();
    const process = this.#anyProcess();
    this.#cut([this.#random.unit() < 0.5 ? `${process}>${zone}` : `${zone}>${process}`]);
  }

  /** Some edges take much longer than others: a write reaches one zone long before the next. */
  #slowEdges(): void {
    const { network, processes, region } = this.#options;
    network.detoursMs.clear();
    for (const process of processes) {
      for (const { zone } of region.hosts) {
        for (const edge of [`${process}>${zone}`, `${zone}>${process}`]) {
          if (this.#random.unit() < 0.25) {
            network.detoursMs.set(edge, this.#random.below(80));
          }
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
    const { region, time } = this.#options;
    const host = this.#anyHost();
    if (region.hosts.some(({ isUp }) => !isUp)) return;
    host.crash();
    time.schedule(20 + this.#random.below(300), () => {
      if (!host.isUp) host.restart();
    });
  }

  #rebootProcess(): void {
    this.#options.reboot(this.#anyProcess());
  }

  /** The same voters under the next epoch, reaching the acceptors one by one. */
  #reconfigure(): void {
    const { region, time } = this.#options;
    const hosts = region.hosts.filter((host) => host !== this.#damaged);
    const { stamp } = this.#configuration(this.#epoch);
    if (hosts.some(({ state }) => state.header?.stamp !== stamp)) return;
    this.#epoch += 1;
    for (const host of hosts) {
      const tryInstall = (): void => {
        if (host.isUp && this.#install(host)) return;
        if (!this.#isOver && host !== this.#damaged) time.schedule(20, tryInstall);
      };
      time.schedule(this.#random.below(200), tryInstall);
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
    if (this.#random.unit() >= 0.7) return;
    const other = others[this.#random.below(2)]!;
    this.#targets.push(other.zone);
    this.#isolate(other);
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
