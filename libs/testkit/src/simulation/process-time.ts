// The time of one simulated process: its timers and receipts go through here, so that the process can be stopped and go
// on, or die, and its wall clock can be wrong. The monotonic clock is everybody's.
import type { Timers } from '@zonehold/caspaxos';
import type { Clock } from '@zonehold/primitives';
import type { VirtualTime } from './virtual-time.ts';

/** See the head of the file. */
export class ProcessTime implements Clock, Timers {
  readonly #time: VirtualTime;
  #backlog: (() => void)[] | undefined;
  #isDead = false;
  /** How wrong the wall clock is. */
  wallOffsetMs = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  wallMs(): number {
    return this.#time.wallMs() + this.wallOffsetMs;
  }

  monotonicMs(): number {
    return this.#time.monotonicMs();
  }

  schedule(delayMs: number, task: () => void): () => void {
    let isCancelled = false;
    const cancel = this.#time.schedule(delayMs, () =>
      this.receive(() => {
        if (!isCancelled) task();
      }),
    );
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** Something happens to the process: at once, when it goes on, or never. */
  receive(task: () => void): void {
    if (this.#isDead) return;
    if (this.#backlog === undefined) task();
    else this.#backlog.push(task);
  }

  /** SIGSTOP. */
  pause(): void {
    this.#backlog ??= [];
  }

  /** SIGCONT: all that came meanwhile comes at once, in its order. */
  resume(): void {
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    for (const task of backlog) this.receive(task);
  }

  /** SIGKILL. */
  kill(): void {
    this.#isDead = true;
    this.#backlog = undefined;
  }
}
