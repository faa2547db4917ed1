// The simulated network between processes and zones: loses, delays, repeats and reorders messages, and cuts edges in one
// direction. Every choice comes from one seeded generator.
import type { SeededRandom } from '@zonehold/primitives';
import type { AcceptorHost } from './acceptor-host.ts';
import type { Transport } from './host-port.ts';
import type { MemoryRegion } from './memory-store.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How bad the weather is. Probabilities per message. */
export interface Weather {
  readonly dropChance: number;
  readonly duplicateChance: number;
  readonly delayMaxMs: number;
  /** Chance of a delay ten times as long: overtaking, and messages from long ago. */
  readonly lateChance: number;
}

export const fairWeather: Weather = {
  dropChance: 0,
  duplicateChance: 0,
  delayMaxMs: 3,
  lateChance: 0,
};

/** See the head of the file. */
export class Network {
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #region: MemoryRegion;
  /** `<from>><to>` edges that swallow everything. */
  readonly cuts = new Set<string>();
  /** Edges with a detour: milliseconds added to every message. */
  readonly detoursMs = new Map<string, number>();
  weather: Weather = fairWeather;

  constructor(time: VirtualTime, random: SeededRandom, region: MemoryRegion) {
    this.#time = time;
    this.#random = random;
    this.#region = region;
  }

  /** The transport of one process. */
  transportOf(process: string): Transport {
    return {
      call: (zone, operation, timeoutMs) => this.#call(process, zone, operation, timeoutMs),
    };
  }

  #call<Reply>(
    process: string,
    zone: string,
    operation: (host: AcceptorHost) => Reply,
    timeoutMs: number,
  ): Promise<Reply | undefined> {
    return new Promise((resolve) => {
      const cancel = this.#time.schedule(timeoutMs, () => resolve(undefined));
      this.#deliver(process, zone, () => {
        const host = this.#region.host(zone);
        if (!host.isUp) return;
        const reply = operation(host);
        this.#deliver(zone, process, () => {
          cancel();
          resolve(reply);
        });
      });
    });
  }

  #deliver(from: string, to: string, arrive: () => void): void {
    const { dropChance, duplicateChance } = this.weather;
    const edge = `${from}>${to}`;
    if (this.cuts.has(edge) || this.#random.unit() < dropChance) return;
    const detourMs = this.detoursMs.get(edge) ?? 0;
    const copies = this.#random.unit() < duplicateChance ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1)
      this.#time.schedule(this.#delayMs() + detourMs, arrive);
  }

  #delayMs(): number {
    const { delayMaxMs, lateChance } = this.weather;
    const factor = this.#random.unit() < lateChance ? 10 : 1;
    return 1 + this.#random.below(delayMaxMs) * factor;
  }
}
