// Simulated time: a clock and timers over one queue of events, in whole milliseconds. Same seed, same order. Promises
// settle between milliseconds, so the code under test is the real asynchronous code.
import type { Timers } from '@zonehold/caspaxos';
import type { Clock } from '@zonehold/primitives';

interface Event {
  readonly atMs: number;
  readonly order: number;
  task: (() => void) | undefined;
}

/** A binary heap by (atMs, order). */
export class VirtualTime implements Clock, Timers {
  readonly #heap: Event[] = [];
  #nowMs = 0;
  #order = 0;

  wallMs(): number {
    return Date.UTC(2026, 0, 1) + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const event: Event = {
      atMs: this.#nowMs + Math.max(0, Math.ceil(delayMs)),
      order: (this.#order += 1),
      task,
    };
    this.#push(event);
    return () => {
      event.task = undefined;
    };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.schedule(delayMs, resolve));
  }

  /** Runs events until `isDone`, the queue is empty, or `untilMs` is reached. True when `isDone` said so. */
  async run(untilMs: number, isDone: () => boolean): Promise<boolean> {
    await settled();
    while (!isDone()) {
      const first = this.#heap[0];
      if (first === undefined || first.atMs > untilMs) return false;
      this.#nowMs = first.atMs;
      let hasRun = false;
      while (this.#heap[0]?.atMs === this.#nowMs) {
        const { task } = this.#pop();
        if (task === undefined) continue;
        task();
        hasRun = true;
      }
      if (hasRun) await settled();
    }
    return true;
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

  #pop(): Event {
    const heap = this.#heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
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
    return top;
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}

/** All promise callbacks that can run have run: the macrotask queue comes after them. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
