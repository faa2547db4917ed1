// The event loop of one simulated Redis: what has arrived runs together, one flush follows, then the replies leave. What
// arrives during a flush waits. Without a slow disk there is nothing to wait for, and nothing is queued.
import type { Timers } from '@zonehold/caspaxos';
import type { AcceptorHost } from './acceptor-host.ts';

/** Runs a request; the result hands its reply out. */
export type Served = () => () => void;

/** See the head of the file. */
export class ServerLoop {
  readonly #host: AcceptorHost;
  readonly #timers: Timers;
  #queue: Served[] = [];
  #isSyncing = false;
  #run: number;

  constructor(host: AcceptorHost, timers: Timers) {
    this.#host = host;
    this.#timers = timers;
    this.#run = host.run;
  }

  /** A request has arrived at a server that is up. */
  arrive(serve: Served): void {
    const { run, syncMs } = this.#host;
    if (this.#run !== run) {
      this.#run = run;
      this.#queue = [];
      this.#isSyncing = false;
    }
    if (syncMs === 0 && !this.#isSyncing) {
      serve()();
      return;
    }
    this.#queue.push(serve);
    if (!this.#isSyncing) this.#turn();
  }

  #turn(): void {
    const host = this.#host;
    const run = this.#run;
    this.#isSyncing = true;
    host.beginSync();
    const handOuts = this.#queue.splice(0).map((serve) => serve());
    this.#timers.schedule(host.syncMs, () => {
      if (host.run !== run || !host.isUp) return;
      host.endSync();
      for (const handOut of handOuts) handOut();
      this.#isSyncing = false;
      if (this.#queue.length > 0) this.#turn();
    });
  }
}
