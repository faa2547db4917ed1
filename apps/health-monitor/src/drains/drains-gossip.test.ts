// What holds however words travel: late, out of order, past monitors that start anew.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Drains, type ToldDrain } from './drains.ts';

const zones = ['a', 'b', 'c'] as const;
const observer = fc.nat(2);
const zone = fc.constantFrom(...zones);
const step = fc.oneof(
  fc.record({ kind: fc.constant('drain'), at: observer, zone, lengthMs: fc.nat(60_000) }),
  fc.record({ kind: fc.constant('lift'), at: observer, zone }),
  fc.record({ kind: fc.constant('word'), at: observer, from: observer, askedAgoMs: fc.nat(400) }),
  fc.record({ kind: fc.constant('restart'), at: observer }),
  fc.record({ kind: fc.constant('wait'), forMs: fc.nat(10_000) }),
);
type Step = typeof step extends fc.Arbitrary<infer Kind> ? Kind : never;

/** Three monitors, and the truth about when each drain ends. */
class Gossip {
  readonly monitors = zones.map(() => new Drains(zones));
  readonly #ends = new Map<string, number>();
  #nowMs = 0;

  take(taken: Step): void {
    if ('forMs' in taken) this.#nowMs += taken.forMs;
    else if ('lengthMs' in taken) this.#begin(taken.at, taken.zone, taken.lengthMs);
    else if ('zone' in taken) this.monitors[taken.at]?.lift(taken.zone, this.#nowMs);
    else if ('from' in taken) this.#word(taken.at, taken.from, taken.askedAgoMs);
    else this.monitors[taken.at] = new Drains(zones);
  }

  /** Everybody hears everybody, until nothing new is told. */
  settle(): void {
    for (let round = 0; round < 2; round += 1)
      for (const [at] of zones.entries())
        for (const [from] of zones.entries()) this.#word(at, from, 0);
  }

  zonesOf(monitor: Drains): string[] {
    return monitor.active(this.#nowMs).map((drain) => drain.zone);
  }

  /** Drains that some monitor follows although they are over. */
  overdue(): string[] {
    return this.monitors
      .flatMap((monitor) => monitor.active(this.#nowMs))
      .filter(({ id }) => this.#nowMs >= (this.#ends.get(id) ?? 0))
      .map(({ id }) => id);
  }

  /** Near its end monitors may differ for as long as words were under way. */
  get isNearAnEnd(): boolean {
    return [...this.#ends.values()].some((end) => Math.abs(end - this.#nowMs) < 5_000);
  }

  #begin(at: number, drained: string, lengthMs: number): void {
    const id = `d-${this.#ends.size}`;
    this.#ends.set(id, this.#nowMs + lengthMs);
    const drain: ToldDrain = {
      ...{ id, zone: drained, reason: 'r', startedWallMs: this.#nowMs },
      ...{ remainingMs: lengthMs, isLifted: false },
    };
    this.monitors[at]?.learn([drain], this.#nowMs, this.#nowMs);
  }

  /** Asked some time ago, answered at once, heard now: the slowest way for what is told. */
  #word(at: number, from: number, askedAgoMs: number): void {
    const askedAtMs = this.#nowMs - askedAgoMs;
    const told = this.monitors[from]?.told(askedAtMs) ?? [];
    this.monitors[at]?.learn(told, askedAtMs, this.#nowMs);
  }
}

it('no drain lasts longer than it was asked for, and at most one of three zones is drained', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const gossip = new Gossip();
      for (const taken of steps) {
        gossip.take(taken);
        expect(gossip.overdue()).toEqual([]);
        for (const monitor of gossip.monitors)
          expect(gossip.zonesOf(monitor).length).toBeLessThanOrEqual(1);
      }
    }),
  );
});

it('monitors that have heard each other agree', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const gossip = new Gossip();
      for (const taken of steps) gossip.take(taken);
      gossip.settle();
      fc.pre(!gossip.isNearAnEnd);
      const [first, ...others] = gossip.monitors.map((monitor) => gossip.zonesOf(monitor));
      for (const other of others) expect(other).toEqual(first);
    }),
  );
});
