// The pass of a rebuild over all registers: each gets a round that both voters and the learner hold, so that whatever was
// committed is with every later quorum, and the learner has a copy. It can stop anywhere and go on from its record.
import { isKmsError, Deadline, type Clock } from '@zonehold/primitives';
import type { Stamp, Timers } from '../acceptor-port.ts';
import { rowKey } from '../acceptor.ts';
import type { ReconfigurableStore, RegisterId } from '../register-store.ts';
import type { SealProgress } from './record.ts';

/** `superseded`: another configuration is current, or another controller works. `interrupted`: a zone is away. */
export type SealEnd = 'complete' | 'superseded' | 'interrupted';

export interface SealOptions {
  readonly store: ReconfigurableStore;
  readonly clock: Clock;
  readonly timers: Timers;
  /** The configuration with the learner. */
  readonly stamp: Stamp;
  readonly earlier: SealProgress | undefined;
  /** Registers under way at once: what leaves the requests of clients their share of the zones. */
  readonly concurrency: number;
  /** Records how far it is; false: stop, another controller works. */
  save(progress: SealProgress): Promise<boolean>;
  /** True ends the pass early: the process stops. */
  isStopping(): boolean;
}

const scanTimeoutMs = 30_000;
const resealTimeoutMs = 2_000;
/** With the pauses between them, half a minute: a restart of a zone fits in. */
const attemptsMax = 60;
const pauseMs = 500;
const saveIntervalMs = 1_000;
/** Registers are made while the pass runs; they are with both voters already, and the learner mostly has them too. */
const verifyPassesMax = 5;

/** Runs the pass. Fails as the store does when not even a scan is possible. */
export function runSealPass(options: SealOptions): Promise<SealEnd> {
  return new SealPass(options).run();
}

class SealPass {
  readonly #on: SealOptions;
  #ids: readonly RegisterId[] = [];
  #next = 0;
  /** Everything before this position is sealed. */
  #contiguous = 0;
  readonly #ahead = new Set<number>();
  #skipped = 0;
  #end: SealEnd | undefined;
  #startedAtMs = 0;
  #savedAtMs = 0;

  constructor(options: SealOptions) {
    this.#on = options;
  }

  async run(): Promise<SealEnd> {
    const { clock, earlier, stamp } = this.#on;
    const resumed = earlier?.stamp === stamp ? earlier : undefined;
    this.#startedAtMs = resumed?.startedAtMs ?? clock.wallMs();
    // Only now: under this configuration both voters are fenced, and what they list is all that was committed. What only the
    // learner has, from an earlier life, is outvoted here: its row could be later than what is written next.
    const all = sorted([...(await this.#scan()), ...(await this.#scanLearner())]);
    if (!this.#isCurrent()) return 'superseded';
    const cursor = resumed?.cursor ?? '';
    this.#ids = all.filter((id) => rowKey(id) > cursor);
    this.#skipped = all.length - this.#ids.length;
    if (!(await this.#save(false))) return 'superseded';
    await this.#sealAll();
    if (this.#end !== undefined) return this.#end;
    return this.#verify();
  }

  #scan(): Promise<readonly RegisterId[]> {
    const { store, clock } = this.#on;
    return store.scan('', Deadline.after(clock, scanTimeoutMs));
  }

  #scanLearner(): Promise<readonly RegisterId[]> {
    const { store, clock } = this.#on;
    return store.scanLearner(Deadline.after(clock, scanTimeoutMs));
  }

  async #sealAll(): Promise<void> {
    const workers = Array.from({ length: this.#on.concurrency }, () => this.#work());
    await Promise.all(workers);
  }

  async #work(): Promise<void> {
    while (this.#end === undefined && this.#next < this.#ids.length) {
      const position = this.#next;
      this.#next += 1;
      const id = this.#ids[position];
      if (id === undefined) return;
      const end = await this.#seal(id);
      if (end !== 'complete') {
        this.#end ??= end;
        return;
      }
      this.#note(position);
      if (this.#on.clock.monotonicMs() - this.#savedAtMs < saveIntervalMs) continue;
      await this.#saveOrStop();
    }
  }

  /** A save that fails ends the pass for all workers: the next look goes on from the last one. */
  async #saveOrStop(): Promise<void> {
    try {
      if (!(await this.#save(false))) this.#end ??= 'superseded';
    } catch (error) {
      if (!isKmsError(error)) throw error;
      this.#end ??= 'interrupted';
    }
  }

  #note(position: number): void {
    this.#ahead.add(position);
    while (this.#ahead.delete(this.#contiguous)) this.#contiguous += 1;
  }

  async #seal(id: RegisterId): Promise<SealEnd> {
    const { store, clock, timers } = this.#on;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      if (!this.#isCurrent() || this.#end !== undefined) return 'superseded';
      if (this.#on.isStopping()) return 'interrupted';
      try {
        const resealed = await store.reseal(id, Deadline.after(clock, resealTimeoutMs));
        if (!this.#isCurrent()) return 'superseded';
        if (resealed.isEverywhere && this.#isOfThisEpoch(resealed.epoch)) return 'complete';
      } catch (error) {
        if (!isKmsError(error)) throw error;
      }
      await new Promise<void>((resolve) => timers.schedule(pauseMs, resolve));
    }
    return 'interrupted';
  }

  #isOfThisEpoch(epoch: number): boolean {
    return epoch === this.#on.store.configuration().members.epoch;
  }

  #isCurrent(): boolean {
    return this.#on.store.configuration().stamp === this.#on.stamp;
  }

  /** Registers that came up meanwhile, or that the learner missed, are sealed as well before it may vote. */
  async #verify(): Promise<SealEnd> {
    for (let pass = 0; pass < verifyPassesMax; pass += 1) {
      // The learner after the voters: what is made between the two scans is with both voters, and no reason to come again. The
      // other way round a large region under load never ends, since scans take long and always find something new.
      const all = await this.#scan();
      const held = new Set((await this.#scanLearner()).map(rowKey));
      const missing = sorted(all.filter((id) => !held.has(rowKey(id))));
      if (!this.#isCurrent()) return 'superseded';
      if (missing.length === 0) {
        return (await this.#save(true)) ? 'complete' : 'superseded';
      }
      this.#skipped += this.#ids.length;
      this.#ids = missing;
      this.#next = 0;
      this.#contiguous = 0;
      this.#ahead.clear();
      await this.#sealAll();
      if (this.#end !== undefined) return this.#end;
    }
    return 'interrupted';
  }

  async #save(isComplete: boolean): Promise<boolean> {
    this.#savedAtMs = this.#on.clock.monotonicMs();
    const last = this.#ids[this.#contiguous - 1];
    const resumed = this.#on.earlier?.stamp === this.#on.stamp ? this.#on.earlier.cursor : '';
    const reached = last === undefined ? resumed : rowKey(last);
    return this.#on.save({
      stamp: this.#on.stamp,
      cursor: reached > resumed ? reached : resumed,
      done: this.#skipped + this.#contiguous + this.#ahead.size,
      total: this.#skipped + this.#ids.length,
      startedAtMs: this.#startedAtMs,
      isComplete,
    });
  }
}

/** Each once, in the order of their keys; a key is made once, since there may be a hundred thousand. */
function sorted(ids: readonly RegisterId[]): readonly RegisterId[] {
  const byKey = new Map(ids.map((id) => [rowKey(id), id]));
  return [...byKey].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, id]) => id);
}
