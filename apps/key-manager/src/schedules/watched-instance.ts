// One instance as the work by date sees it: when its list is to be looked at again, and the look itself. What it keeps is small
// and only saves work: a process that has just started knows nothing, and finds everything.
import type { ListMark, ListNews } from '@zonehold/caspaxos';
import { unpackSummary } from '@zonehold/key-domain';
import { isKmsError } from '@zonehold/primitives';
import { keyNamePrefix } from '../key-repository.ts';
import { carryOut, foundIn, type FoundDue } from './carry-out.ts';
import type { SchedulePorts } from './ports.ts';
import { rankOf } from './rank.ts';

/** Changes show in the list at once, and nothing new is due sooner than weeks after it was made known. */
export const lookIntervalMs = 120_000;
/** Each zone that follows waits so much longer than the one before it. */
export const takeOverAfterMs = 60_000;
/** Back-off while the region cannot do what is due. */
const retryBaseMs = 2_000;
const retryMaxMs = 60_000;
/** Changes of one page under way at once: each is a few rounds, and requests come first. */
const parallelMax = 4;

/** What one voter has said of the list. */
interface Heard {
  /** Undefined: it is to be read from the beginning. */
  readonly mark: ListMark | undefined;
  /** No key has anything due before this; Infinity: none has at all. */
  readonly nextDueAtMs: number;
}

/** What a look has left undone. */
interface Left {
  /** The longest due. */
  dueAtMs: number;
  /** `waiting`: it is another zone's turn. */
  reason: 'waiting' | 'refused' | 'failed' | undefined;
}

export class WatchedInstance {
  readonly #ports: SchedulePorts;
  readonly #instanceId: string;
  readonly #rank: number;
  readonly #heard = new Map<string, Heard>();
  #turn: number;
  #lookAtMs = -Infinity;
  #notBeforeMs = -Infinity;
  #overdueSinceMs: number | undefined;
  #failures = 0;
  #left: Left = nothingLeft();

  constructor(ports: SchedulePorts, instanceId: string) {
    this.#ports = ports;
    this.#instanceId = instanceId;
    this.#rank = rankOf(ports.zone, ports.zones, instanceId);
    this.#turn = Math.floor(ports.random.unit() * ports.zones.length);
  }

  /** Since when its longest due change has been; Infinity when the last look left none. */
  get oldestDueAtMs(): number {
    return this.#left.dueAtMs;
  }

  /** The clock was set: what was far away may be due, and what was due a moment ago may be far away. */
  wake(): void {
    this.#heard.clear();
    this.#lookAtMs = -Infinity;
  }

  /** True when it is time to look. */
  isDue(): boolean {
    const { clock } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (nowMs < this.#notBeforeMs) return false;
    if (nowMs >= this.#lookAtMs) return true;
    return [...this.#heard.values()].some(({ nextDueAtMs }) => nextDueAtMs <= clock.wallMs());
  }

  /**
   * Asks one voter what is new, and for the whole list when something in it has come due; carries out what is due. Each look asks
   * another voter: what one has missed, or hides, another one says. UNAVAILABLE when none answers.
   */
  async look(): Promise<void> {
    const { zones } = this.#ports;
    this.#left = nothingLeft();
    for (let silent = 0; ; silent += 1) {
      const zone = zones[this.#turn % zones.length] ?? '';
      this.#turn += 1;
      try {
        await this.#listenTo(zone);
        break;
      } catch (error) {
        // It will be asked for everything: what it said was due may have been done meanwhile.
        this.#heard.delete(zone);
        if (!isKmsError(error) || silent + 1 >= zones.length) {
          this.#left.reason = 'failed';
          this.#plan();
          throw error;
        }
      }
    }
    this.#plan();
  }

  async #listenTo(zone: string): Promise<void> {
    const { lists, clock, rest, signal } = this.#ports;
    const before = this.#heard.get(zone);
    const isFollowing = before?.mark !== undefined && before.nextDueAtMs > clock.wallMs();
    let mark = isFollowing ? before.mark : undefined;
    let nextDueAtMs = isFollowing ? before.nextDueAtMs : Infinity;
    for (let isComplete = false; !isComplete;) {
      const startedAtMs = clock.monotonicMs();
      const news = await lists.news(this.#instanceId, zone, mark);
      nextDueAtMs = Math.min(nextDueAtMs, await this.#take(news));
      ({ mark, isComplete } = news);
      // Enough is known: the whole list will be read when the wait is over.
      if (signal.aborted || this.#mustWait) mark = undefined;
      if (mark === undefined) break;
      await rest(clock.monotonicMs() - startedAtMs);
    }
    this.#heard.set(zone, { mark, nextDueAtMs });
  }

  /** Carries out what is due on a page; the earliest date on it that is still to come, or was left. */
  async #take({ changes }: ListNews): Promise<number> {
    const nowMs = this.#ports.clock.wallMs();
    const due: FoundDue[] = [];
    let nextDueAtMs = Infinity;
    for (const { name, summary: text } of changes) {
      const summary =
        text === null || !name.startsWith(keyNamePrefix) ? undefined : unpackSummary(text);
      if (summary === undefined) continue;
      const keyId = name.slice(keyNamePrefix.length);
      const found = foundIn(this.#instanceId, keyId, summary, nowMs);
      if (found === undefined) continue;
      if (found.dueAtMs <= nowMs) due.push(found);
      else nextDueAtMs = Math.min(nextDueAtMs, found.dueAtMs);
    }
    const work = async (): Promise<void> => {
      for (let next = due.pop(); next !== undefined; next = due.pop()) {
        if (this.#ports.signal.aborted || this.#mustWait || !(await this.#isFinished(next))) {
          nextDueAtMs = Math.min(nextDueAtMs, next.dueAtMs);
        }
      }
    };
    await Promise.all(Array.from({ length: parallelMax }, work));
    return nextDueAtMs;
  }

  /** It is another zone's turn, or the region cannot do such work now. */
  get #mustWait(): boolean {
    return this.#left.reason === 'waiting' || this.#left.reason === 'failed';
  }

  /** False when it is left. A change that another made first is finished: its new line says what comes next. */
  async #isFinished(found: FoundDue): Promise<boolean> {
    const outcome = this.#isOurTurn(found) ? await carryOut(this.#ports, found) : 'waiting';
    if (outcome === 'done' || outcome === 'overtaken') return true;
    this.#left.dueAtMs = Math.min(this.#left.dueAtMs, found.dueAtMs);
    if (!this.#mustWait) this.#left.reason = outcome;
    return false;
  }

  /** Those who follow act on what has been due, and seen to be due, for long enough that those before them do not. */
  #isOurTurn({ dueAtMs }: FoundDue): boolean {
    if (this.#rank === 0) return true;
    const { clock } = this.#ports;
    const patienceMs = this.#rank * takeOverAfterMs;
    this.#overdueSinceMs ??= clock.monotonicMs();
    const isSeenLong = clock.monotonicMs() - this.#overdueSinceMs >= patienceMs;
    return isSeenLong && clock.wallMs() - dueAtMs >= patienceMs;
  }

  /** When to look next. */
  #plan(): void {
    const { clock, random } = this.#ports;
    const nowMs = clock.monotonicMs();
    const { reason } = this.#left;
    if (reason === undefined) this.#overdueSinceMs = undefined;
    this.#failures = reason === 'failed' ? this.#failures + 1 : 0;
    const jitter = 0.75 + random.unit() / 2;
    this.#lookAtMs = nowMs + lookIntervalMs * jitter;
    this.#notBeforeMs = nowMs + this.#pauseMs(nowMs) * jitter;
  }

  #pauseMs(nowMs: number): number {
    switch (this.#left.reason) {
      case undefined:
        return 0;
      case 'failed':
        return Math.min(retryMaxMs, retryBaseMs * 2 ** Math.min(this.#failures, 10));
      case 'refused':
        return lookIntervalMs;
      case 'waiting': {
        const sinceMs = nowMs - (this.#overdueSinceMs ?? nowMs);
        return Math.max(retryBaseMs, this.#rank * takeOverAfterMs - sinceMs);
      }
    }
  }
}

function nothingLeft(): Left {
  return { dueAtMs: Infinity, reason: undefined };
}
