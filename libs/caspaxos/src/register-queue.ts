// One change of a register at a time in this process: a process never duels with itself. Other processes are met by
// ballots, not by this queue.
import { KmsError, type Deadline } from '@zonehold/primitives';
import type { Timers } from './acceptor-port.ts';
import type { StoreLimits } from './limits.ts';

interface Waiting {
  readonly start: () => void;
}

/** Bounded per register and in all. */
export class RegisterQueue {
  readonly #limits: Pick<StoreLimits, 'queueMax' | 'changesMax'>;
  readonly #timers: Timers;
  readonly #waitingByKey = new Map<string, Waiting[]>();
  #taken = 0;

  constructor(limits: Pick<StoreLimits, 'queueMax' | 'changesMax'>, timers: Timers) {
    this.#limits = limits;
    this.#timers = timers;
  }

  /**
   * Runs `task` when all earlier tasks of `key` have ended. OVERLOADED when a bound is met, DEADLINE_EXCEEDED when the
   * turn does not come in time, CANCELLED when nobody waits for it any more; the task has then not begun.
   */
  async run<Result>(key: string, deadline: Deadline, task: () => Promise<Result>): Promise<Result> {
    deadline.refuseCancelled();
    const waiting = this.#waitingByKey.get(key);
    if (this.#taken >= this.#limits.changesMax || (waiting?.length ?? 0) >= this.#limits.queueMax) {
      throw new KmsError('OVERLOADED', 'too many changes are waiting');
    }
    this.#taken += 1;
    try {
      if (waiting === undefined) this.#waitingByKey.set(key, []);
      else await this.#turn(waiting, deadline);
      try {
        return await task();
      } finally {
        this.#passOn(key);
      }
    } finally {
      this.#taken -= 1;
    }
  }

  #turn(waiting: Waiting[], deadline: Deadline): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        start: () => {
          unschedule();
          leave();
          resolve();
        },
      };
      const give = (code: 'DEADLINE_EXCEEDED' | 'CANCELLED', message: string): void => {
        const at = waiting.indexOf(entry);
        if (at < 0) return;
        waiting.splice(at, 1);
        unschedule();
        leave();
        reject(new KmsError(code, message));
      };
      waiting.push(entry);
      const unschedule = this.#timers.schedule(Math.max(0, deadline.remainingMs()), () =>
        give('DEADLINE_EXCEEDED', 'the register was busy for too long'),
      );
      const leave = deadline.onCancel(() =>
        give('CANCELLED', 'nobody waits for the change any more'),
      );
    });
  }

  #passOn(key: string): void {
    const next = this.#waitingByKey.get(key)?.shift();
    if (next === undefined) this.#waitingByKey.delete(key);
    else next.start();
  }
}
