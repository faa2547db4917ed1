// Everything that is not a read train: writes, lists, the gate's questions. Calls of one event-loop turn leave in one
// write to the socket; each is answered by itself, or given up at its deadline.
import { SlotTable } from '@zonehold/primitives';
import type { RedisLink, Swept } from './redis-link.ts';

/** Calls waiting or under way. Above it the zone counts as failed at once: it is not keeping up. */
const callsMax = 4_000;

export type RedisCommand = readonly [name: string, ...args: string[]];

/** `error` is an error reply of Redis; `none` no reply in time, or a broken link. */
export type CallOutcome =
  | { readonly kind: 'reply'; readonly reply: unknown }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'none'; readonly wasSent: boolean; readonly reason: string };

interface Call {
  readonly commands: readonly RedisCommand[];
  readonly deadlineMs: number;
  readonly resolve: (outcome: CallOutcome) => void;
  isSettled: boolean;
}

export class CallQueue implements Swept {
  readonly #link: RedisLink;
  #waiting: Call[] = [];
  readonly #underWay = new SlotTable<Call>();

  constructor(link: RedisLink) {
    this.#link = link;
    link.addSwept(this);
  }

  get isFull(): boolean {
    return this.#waiting.length + this.#underWay.size >= callsMax;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Queues `commands` (several: MULTI ... EXEC); the outcome is that of the last one. */
  add(commands: readonly RedisCommand[], deadlineMs: number): Promise<CallOutcome> {
    return new Promise((resolve) => {
      this.#waiting.push({ commands, deadlineMs, resolve, isSettled: false });
      this.#link.keepSweeping();
    });
  }

  depart(): void {
    if (this.#waiting.length === 0 || !this.#link.isReady) return;
    const calls = this.#waiting;
    this.#waiting = [];
    this.#link.together(() => {
      for (const call of calls) this.#send(call);
    });
  }

  failAll(reason: string): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) settle(call, { kind: 'none', wasSent: false, reason });
    this.#underWay.forEach((call) => settle(call, { kind: 'none', wasSent: true, reason }));
  }

  isIdle(): boolean {
    return this.#waiting.length === 0 && this.#underWay.size === 0;
  }

  sweep(nowMs: number): void {
    let anyLate = false;
    for (const call of this.#waiting) {
      if (nowMs < call.deadlineMs) continue;
      anyLate = true;
      settle(call, { kind: 'none', wasSent: false, reason: 'no connection in time' });
    }
    if (anyLate) this.#waiting = this.#waiting.filter((call) => !call.isSettled);
    this.#underWay.forEach((call) => {
      if (nowMs >= call.deadlineMs)
        settle(call, { kind: 'none', wasSent: true, reason: 'no answer in time' });
    });
  }

  #send(call: Call): void {
    const id = this.#underWay.put(call);
    const last = call.commands.length - 1;
    for (const [position, [name, ...args]] of call.commands.entries()) {
      if (position < last) this.#link.sendUnheard(name, args);
      else this.#link.send(name, args, { settle: (...outcome) => this.#arrive(id, ...outcome) });
    }
  }

  #arrive(id: number, error: Error | null, reply: unknown, isLost: boolean): void {
    const call = this.#underWay.take(id);
    if (call === undefined) return;
    if (error === null) settle(call, { kind: 'reply', reply });
    else if (isLost) settle(call, { kind: 'none', wasSent: true, reason: error.message });
    else settle(call, { kind: 'error', message: error.message });
  }
}

/** A late reply finds its call settled, and is dropped. */
function settle(call: Call, outcome: CallOutcome): void {
  if (call.isSettled) return;
  call.isSettled = true;
  call.resolve(outcome);
}
