// Which fault strikes when during a simulation, drawn from its seed. What each fault does is faults.ts; what it may damage
// is damage.ts.
import { SeededRandom } from '@zonehold/primitives';
import { derivedSeed } from './derived-seed.ts';
import { faults, type Fault, type FaultContext } from './faults.ts';
import { fairWeather } from './network.ts';

export interface NemesisOptions extends Omit<FaultContext, 'random' | 'targets' | 'isOver'> {
  readonly seed: number;
  /** The only strikes to carry out; absent: all. The others are drawn in the same way, and left out. */
  readonly keptStrikes: ReadonlySet<number> | undefined;
}

/** One fault that was drawn. Strike n of a seed is drawn alike whatever becomes of the others. */
export interface Strike {
  /** 0 for the first. */
  readonly number: number;
  readonly atMs: number;
  readonly fault: string;
  /** Zones and processes it was aimed at; not all faults aim. */
  readonly targets: readonly string[];
  readonly isSkipped: boolean;
  /** It was carried out; some find that nothing can be done. */
  readonly hasStruck: boolean;
}

const weightOfAll = faults.reduce((sum, { weight }) => sum + weight, 0);

function drawFault(random: SeededRandom): Fault {
  let pick = random.unit() * weightOfAll;
  return faults.find(({ weight }) => (pick -= weight) < 0)!;
}

/** See the head of the file. */
export class Nemesis {
  readonly #options: NemesisOptions;
  readonly strikes: Strike[] = [];
  #isOver = false;

  constructor(options: NemesisOptions) {
    this.#options = options;
  }

  start(): void {
    const { seed, time } = this.#options;
    const pauses = new SeededRandom(derivedSeed(seed, 'strikes'));
    const strike = (): void => {
      if (this.#isOver) return;
      this.#strike();
      time.schedule(30 + pauses.below(150), strike);
    };
    time.schedule(pauses.below(50), strike);
  }

  /** Ends all faults that can end. What became of disks, and of clocks, stays as it is. */
  heal(): void {
    this.#isOver = true;
    const { network, region, damage, processNames, process } = this.#options;
    network.cuts.clear();
    network.detoursMs.clear();
    network.weather = fairWeather;
    for (const host of region.allHosts()) {
      host.isUnsafe = false;
      host.syncMs = 0;
      if (!host.isUp && !damage.isOff(host)) host.restart();
    }
    for (const name of processNames) process(name).time.resume();
  }

  #strike(): void {
    const { seed, time, keptStrikes } = this.#options;
    const number = this.strikes.length;
    const random = new SeededRandom(derivedSeed(seed, `strike ${number}`));
    const targets: string[] = [];
    const { name, carryOut } = drawFault(random);
    const isSkipped = keptStrikes?.has(number) === false;
    const context: FaultContext = {
      ...this.#options,
      ...{ random, targets, isOver: () => this.#isOver },
    };
    const hasStruck = !isSkipped && carryOut(context);
    this.strikes.push({
      ...{ number, atMs: time.monotonicMs(), fault: name, targets, isSkipped, hasStruck },
    });
  }
}
