// `GET /acceptors` on the ops port: how the zones' acceptors stand, and the rebuild under way, for the health-monitor of the own zone
// and for people. The rebuild's record is read by a majority, so that however many ask, it is read once in a while.
import type { AdminReplies } from '@zonehold/api-contract';
import type { Clock } from '@zonehold/primitives';
import { zones } from './zones.ts';

/** A rebuild is watched by people: they see no difference to "at once". */
const lifeMs = 1_000;

export type AcceptorsReply = AdminReplies['zones'] | { readonly problem: string };

export class AcceptorsPage {
  readonly #clock: Clock;
  readonly #ports: () => Parameters<typeof zones>[0] | undefined;
  #latest: Promise<AdminReplies['zones']> | undefined;
  #readAtMs = 0;

  /** `ports`: undefined until the region's keys are known. */
  constructor(clock: Clock, ports: () => Parameters<typeof zones>[0] | undefined) {
    this.#clock = clock;
    this.#ports = ports;
  }

  /** Never rejects for zones that are away. */
  async view(): Promise<AcceptorsReply> {
    const ports = this.#ports();
    if (ports === undefined) return { problem: "The region's keys are not known yet." };
    const nowMs = this.#clock.monotonicMs();
    if (this.#latest === undefined || nowMs - this.#readAtMs >= lifeMs) {
      this.#readAtMs = nowMs;
      this.#latest = zones(ports);
    }
    return this.#latest;
  }
}
