// Simulated time for millions of events: a clock and a binary heap by (time, order). Unlike virtual-time.ts no promise is awaited: what runs here
// is pure and synchronous, and fractions of a millisecond count.
import type { Clock } from '@zonehold/primitives';

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly task: () => void;
}

export class EventQueue implements Clock {
  readonly #heap: Event[] = [];
  #nowMs = 0;
  #order = 0;

  wallMs(): number {
    return Date.UTC(2026, 0, 1) + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): void {
    this.#push({ atMs: this.#nowMs + delayMs, order: (this.#order += 1), task });
  }

  /** Runs all events up to `untilMs`. */
  run(untilMs: number): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.atMs > untilMs) break;
      this.#pop();
      this.#nowMs = first.atMs;
      first.task();
    }
    this.#nowMs = untilMs;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
