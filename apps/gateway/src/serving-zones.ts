// How many zones' gateways serve the region now, as far as this one can see without asking anybody: a zone whose key-manager cannot be
// reached is taken for one without a gateway. Too few only gives this gateway a larger share of a limit (docs/limits.md).
import type { MeshObserver } from '@zonehold/mesh';

export class ServingZones {
  readonly #own: string;
  readonly #zones: readonly string[];
  readonly #lost = new Set<string>();

  constructor(own: string, zones: readonly string[]) {
    this.#own = own;
    this.#zones = zones;
  }

  /** At least one: the gateway that asks serves. */
  get count(): number {
    return this.#zones.length - this.#lost.size;
  }

  /** `observer`, and this beside it. */
  watching(observer: MeshObserver): MeshObserver {
    return {
      ...observer,
      linkChanged: (service, zone, state, reason) => {
        observer.linkChanged(service, zone, state, reason);
        if (service !== 'key-manager' || zone === this.#own || !this.#zones.includes(zone)) return;
        if (state === 'up') this.#lost.delete(zone);
        else this.#lost.add(zone);
      },
    };
  }
}
