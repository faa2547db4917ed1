// The simulated network between processes and zones: loses, delays, repeats and reorders messages, and cuts edges in one
// direction. Every choice comes from one seeded generator.
import type { SeededRandom } from '@zonehold/primitives';
import type { AcceptorHost } from './acceptor-host.ts';
import type { Transport } from './host-port.ts';
import type { MemoryRegion } from './memory-store.ts';
import type { ProcessTime } from './process-time.ts';
import { ServerLoop } from './server-loop.ts';
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
  readonly #loops = new Map<AcceptorHost, ServerLoop>();
  /** `<from>><to>` edges, between processes and zones, that swallow everything. */
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
  transportOf(process: string, time: ProcessTime): Transport {
    return {
      call: (place, operation, timeoutMs) =>
        this.#call({ process, time }, place, operation, timeoutMs),
    };
  }

  #call<Reply>(
    { process, time }: { readonly process: string; readonly time: ProcessTime },
    place: string,
    operation: (host: AcceptorHost) => Reply,
    timeoutMs: number,
  ): Promise<Reply | undefined> {
    return new Promise((resolve) => {
      const cancel = time.schedule(timeoutMs, () => resolve(undefined));
      const host = this.#region.host(place);
      const handOut = (reply: Reply): void =>
        this.#deliver(host.zone, process, () =>
          time.receive(() => {
            cancel();
            resolve(reply);
          }),
        );
      this.#deliver(process, host.zone, () => {
        if (!host.isUp) return;
        this.#loopOf(host).arrive(() => {
          const reply = operation(host);
          return () => handOut(reply);
        });
      });
    });
  }

  #loopOf(host: AcceptorHost): ServerLoop {
    let loop = this.#loops.get(host);
    if (loop === undefined) this.#loops.set(host, (loop = new ServerLoop(host, this.#time)));
    return loop;
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
