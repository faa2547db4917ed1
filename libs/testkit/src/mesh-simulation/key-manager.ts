// A key-manager of the simulated mesh: a few workers, a queue, and the same limits as a frame server: calls under way above `inFlightMax`
// are shed, and work whose caller has no time left is not begun.
import type { SeededRandom } from '@zonehold/primitives';
import type { EventQueue } from './event-queue.ts';

export interface KeyManagerPlan {
  readonly workers: number;
  /** Mean of an exponential distribution. */
  readonly serviceMs: number;
  readonly inFlightMax: number;
}

export type ServedAs = 'OK' | 'UNAVAILABLE' | 'OVERLOADED' | 'DEADLINE_EXCEEDED';

interface Waiting {
  readonly deadlineMs: number;
  readonly answer: (as: ServedAs) => void;
}

/** Work with less time left is not begun (served-link.ts). */
const remainingMinMs = 10;

export class SimulatedKeyManager {
  readonly zone: number;
  /** Which part of the calls fails, quickly, while probes stay green. */
  failing = 0;
  /** Cold caches, a slow disk: work takes so many times longer. */
  slowness = 1;
  /** The zone has no power: what is sent gets no answer. */
  isDark = false;
  served = 0;
  shed = 0;
  readonly #time: EventQueue;
  readonly #random: SeededRandom;
  readonly #plan: KeyManagerPlan;
  readonly #queue: Waiting[] = [];
  #head = 0;
  #busy = 0;
  #life = 0;

  constructor(zone: number, plan: KeyManagerPlan, time: EventQueue, random: SeededRandom) {
    this.zone = zone;
    this.#plan = plan;
    this.#time = time;
    this.#random = random;
  }

  /** Everything under way is lost. */
  goDark(): void {
    this.isDark = true;
    this.#life += 1;
    this.#queue.length = 0;
    this.#head = 0;
    this.#busy = 0;
  }

  goLight(): void {
    this.isDark = false;
  }

  receive(deadlineMs: number, answer: (as: ServedAs) => void): void {
    if (this.isDark) return;
    if (this.failing > 0 && this.#random.unit() < this.failing) {
      answer('UNAVAILABLE');
      return;
    }
    if (this.#busy + this.#queue.length - this.#head >= this.#plan.inFlightMax) {
      this.shed += 1;
      answer('OVERLOADED');
      return;
    }
    if (this.#busy < this.#plan.workers) this.#work(answer);
    else this.#queue.push({ deadlineMs, answer });
  }

  #work(answer: (as: ServedAs) => void): void {
    this.#busy += 1;
    const life = this.#life;
    const tookMs = -Math.log(1 - this.#random.unit()) * this.#plan.serviceMs * this.slowness;
    this.#time.after(tookMs, () => {
      if (life !== this.#life) return;
      this.#busy -= 1;
      this.served += 1;
      answer('OK');
      this.#next();
    });
  }

  #next(): void {
    while (this.#head < this.#queue.length && this.#busy < this.#plan.workers) {
      const { deadlineMs, answer } = this.#queue[this.#head]!;
      this.#head += 1;
      if (this.#head > 1_024) {
        this.#queue.splice(0, this.#head);
        this.#head = 0;
      }
      if (deadlineMs - this.#time.monotonicMs() < remainingMinMs) answer('DEADLINE_EXCEEDED');
      else this.#work(answer);
    }
  }
}
