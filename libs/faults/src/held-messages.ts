// What one direction of one connection holds back, and until when. Messages that one rule slows keep their order, as on TCP: jitter
// makes a wait longer, it never lets one overtake another. What no rule slows passes by.
import type { FaultRule } from './rule.ts';

/** Node fires a longer timer at once, again and again. */
const timerMaxMs = 2 ** 31 - 1;
/** More is a connection whose buffers are full: it is cut. Above every bound on calls under way of the links themselves. */
const heldMax = 8_192;
/** A narrow edge lets through at once what it carries in this time. */
const burstMs = 100;

interface Held {
  readonly dueMs: number;
  readonly rules: readonly FaultRule[];
  readonly deliver: () => void;
}

export class HeldMessages {
  readonly #nowMs: () => number;
  readonly #unit: () => number;
  #queue: Held[] = [];
  /** By rule: when the last message it held is due. */
  readonly #lastDueMs = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  /** `nowMs`: monotonic. `unit`: a number in [0, 1), for jitter. */
  constructor(nowMs: () => number, unit: () => number) {
    this.#nowMs = nowMs;
    this.#unit = unit;
  }

  /** Holds a message as long as all `rules` say, one after the other. False: there is no more room. */
  hold(rules: readonly FaultRule[], bytes: number, deliver: () => void): boolean {
    if (this.#queue.length >= heldMax) return false;
    const nowMs = this.#nowMs();
    const dueMs = rules.reduce((atMs, rule) => this.#dueMs(rule, atMs, bytes), nowMs);
    const at = this.#queue.findLastIndex((held) => held.dueMs <= dueMs) + 1;
    this.#queue.splice(at, 0, { dueMs, rules, deliver });
    if (at === 0) this.#wakeAt(dueMs, nowMs);
    return true;
  }

  /** Delivers at once what was held by a rule that is not among `inForce`. */
  release(inForce: ReadonlySet<FaultRule>): void {
    const isFree = ({ rules }: Held): boolean => rules.some((rule) => !inForce.has(rule));
    const free = this.#queue.filter(isFree);
    if (free.length === 0) return;
    this.#queue = this.#queue.filter((held) => !isFree(held));
    for (const { deliver } of free) deliver();
  }

  /** Forgets all. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#queue = [];
  }

  #dueMs(rule: FaultRule, atMs: number, bytes: number): number {
    const { action, id } = rule;
    const lastMs = this.#lastDueMs.get(id) ?? 0;
    let dueMs = atMs;
    if (action.kind === 'delay') {
      const jitterMs = (action.jitterMs ?? 0) * this.#unit();
      dueMs = Math.max(lastMs, atMs + action.delayMs + jitterMs);
    } else if (action.kind === 'bandwidth') {
      // A bucket of tokens, kept as the time at which it would be full again.
      dueMs = Math.max(lastMs, atMs - burstMs) + (bytes * 1_000) / action.bytesPerSecond;
    }
    this.#lastDueMs.set(id, dueMs);
    return Math.max(atMs, dueMs);
  }

  #wakeAt(dueMs: number, nowMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      this.#deliverDue,
      Math.min(Math.max(0, dueMs - nowMs), timerMaxMs),
    ).unref();
  }

  readonly #deliverDue = (): void => {
    const nowMs = this.#nowMs();
    // Timers fire up to a millisecond early against the monotonic clock.
    const count = this.#queue.findLastIndex(({ dueMs }) => dueMs <= nowMs + 1) + 1;
    const due = this.#queue.splice(0, count);
    const next = this.#queue[0];
    if (next !== undefined) this.#wakeAt(next.dueMs, nowMs);
    for (const { deliver } of due) deliver();
  };
}
