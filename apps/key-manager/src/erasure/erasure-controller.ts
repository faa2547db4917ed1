// Carries erasures to their end, in the background: any key-manager, whichever holds the lease. Looks for work in the lists,
// takes each erasure as far as it goes, and comes back. Decides nothing about keys; keeps nothing that a crash could lose.
import { correlationTokenMs } from '@zonehold/key-domain';
import { assert, Deadline, isKmsError } from '@zonehold/primitives';
import { callUp, dueAmong } from './calendar.ts';
import {
  closedRecord,
  erasureKinds,
  isComplete,
  type ErasureRecord,
  type FinishedRounds,
} from './erasure-record.ts';
import type { ListedErasure, ReadErasure } from './erasure-repository.ts';
import { forget } from './forget.ts';
import { IntentAges } from './intent-ages.ts';
import { takeLease } from './lease.ts';
import { stepTimeoutMs, type ErasurePorts } from './ports.ts';
import { advanceRewrite } from './rewrite-zones.ts';
import { spread } from './spread.ts';

/** Erasures read and advanced in one pass. */
const batchMax = 200;
/** Under way at once: each is a few rounds, and requests come first. */
const parallelMax = 8;
/** Back-off of one erasure that cannot go on (issue 3). */
const backOffBaseMs = 2_000;
const backOffMaxMs = 60_000;
/** The calendar holds weeks of deletions: its list may be long, and minutes do not matter. */
export const calendarIntervalMs = 10 * 60_000;

/** Not in scope `erasure`: where voters differ, a list names registers that have no line in it, and all there are erasures. */
const leaseRegister = { scope: 'erasure-lease', name: 'lease' } as const;

interface Patience {
  readonly attempts: number;
  readonly nextAtMs: number;
}

export class ErasureController {
  readonly #ports: ErasurePorts;
  readonly #intents: IntentAges;
  readonly #patience = new Map<string, Patience>();
  #calendarLookedAtMs = -Infinity;
  /** By the wall clock: one that was set makes deletions of weeks ago due at once. */
  #calendarLookedAtWallMs = -Infinity;
  /** A zone may have been rebuilt on an old disk: now and then its files are looked at although no erasure waits. */
  #isRewriteLookDue = true;

  constructor(ports: ErasurePorts) {
    this.#ports = ports;
    this.#intents = new IntentAges(ports.clock);
  }

  /**
   * One look. Resolves when everything that can be done now was tried. Fails as RegisterStore does when no majority answers;
   * what single erasures meet is logged, and they are tried again after 2 to 60 s.
   */
  async pass(): Promise<void> {
    await this.#lookAtCalendar();
    const listed = await this.#ports.erasures.list('erasure', this.#soon());
    this.#measure(listed);
    if (listed.length === 0 && !this.#isRewriteLookDue) return;
    this.#isRewriteLookDue = false;
    if (!(await this.#hasLease())) return;
    const nowMs = this.#ports.clock.monotonicMs();
    const isDue = ({ name }: ListedErasure): boolean =>
      (this.#patience.get(name)?.nextAtMs ?? -Infinity) <= nowMs;
    const unspread = listed.filter((entry) => entry.summary?.isSpread !== true && isDue(entry));
    const spreadNow = new Set<string>();
    await this.#each(await this.#readOldest(unspread), async (erasure) => {
      if (await this.#isSpread(erasure)) spreadNow.add(erasure.name);
    });
    const isSpread = ({ name, summary }: ListedErasure): boolean =>
      summary?.isSpread === true || spreadNow.has(name);
    await this.#finish(await this.#readOldest(listed.filter(isSpread)));
  }

  async #lookAtCalendar(): Promise<void> {
    const { erasures, clock, metrics } = this.#ports;
    const nowMs = clock.monotonicMs();
    const passedMs = Math.max(
      nowMs - this.#calendarLookedAtMs,
      clock.wallMs() - this.#calendarLookedAtWallMs,
    );
    if (passedMs < calendarIntervalMs) return;
    const listed = await erasures.list('erasure-later', this.#soon());
    metrics.erasuresPending.of({ kind: 'scheduled' }).set(listed.length);
    this.#isRewriteLookDue = true;
    const due = dueAmong(listed, clock.wallMs());
    const isOurs = due.length > 0 && (await this.#hasLease());
    // A full batch has others behind it, and an intent that is being watched must be seen again: not in ten minutes.
    if (!isOurs) {
      this.#calendarLookedAtMs = nowMs;
      this.#calendarLookedAtWallMs = clock.wallMs();
      return;
    }
    const names = due.map(({ name }) => name);
    const open = await erasures.read('erasure-later', names, this.#soon());
    await this.#each(open, (entry) => callUp(this.#ports, entry, this.#intents));
  }

  #readOldest(listed: readonly ListedErasure[]): Promise<readonly ReadErasure[]> {
    const names = byAge(listed)
      .slice(0, batchMax)
      .map(({ name }) => name);
    return this.#ports.erasures.read('erasure', names, this.#soon());
  }

  /** Takes step 1 if it is not done yet. */
  async #isSpread(erasure: ReadErasure): Promise<boolean> {
    if (erasure.record.spread !== undefined) return true;
    const outcome = await spread(this.#ports, erasure, this.#intents);
    if (outcome === 'waiting') this.#beginPatience(erasure.name);
    else this.#endPatience(erasure);
    return outcome === 'done';
  }

  /** Steps 2 to 4, for every erasure whose first step is done. */
  async #finish(spreadOnes: readonly ReadErasure[]): Promise<void> {
    const { zones } = this.#ports;
    const isWantedIn = (zone: string) => (finished: number) =>
      spreadOnes.some(({ record }) => finished <= (record.spread?.after[zone] ?? 0));
    const rounds = await Promise.all(
      zones.map(async (zone) => {
        return [zone, await advanceRewrite(this.#ports, zone, isWantedIn(zone))] as const;
      }),
    );
    const finished = Object.fromEntries(rounds);
    const forgotten = await forget(this.#ports, spreadOnes);
    await this.#each(forgotten, (erasure) => this.#closeOne(erasure, finished));
  }

  /** First `doneAtMs`, then the event, then the end: a crash in between tells the auditor twice, never not at all. */
  async #closeOne(erasure: ReadErasure, finished: FinishedRounds): Promise<void> {
    const { erasures, zones, clock, log, metrics } = this.#ports;
    const { record } = erasure;
    if (!isComplete(record, zones, finished)) return;
    if (
      record.asItWas !== undefined &&
      clock.wallMs() < record.requestedAtMs + correlationTokenMs
    ) {
      return;
    }
    const done = await this.#markDone(erasure);
    if (done === undefined) return;
    log.audit(auditEvent(done.record));
    if (!(await erasures.replace(done, closedRecord(done.record, 'done'), this.#soon()))) return;
    metrics.erasuresDone.of({ kind: record.kind }).inc();
    this.#endPatience(erasure);
  }

  async #markDone(erasure: ReadErasure): Promise<ReadErasure | undefined> {
    const { record } = erasure;
    if (record.doneAtMs !== undefined) return erasure;
    const doneAtMs = Math.max(this.#ports.clock.wallMs(), record.spread?.atMs ?? 0);
    const next: ErasureRecord = { ...record, doneAtMs };
    const isOurs = await this.#ports.erasures.replace(erasure, next, this.#soon());
    return isOurs ? { ...erasure, record: next, text: JSON.stringify(next) } : undefined;
  }

  /** A few at a time; one that fails for reasons of the store is logged, and the others go on. */
  async #each(
    erasures: readonly ReadErasure[],
    advance: (erasure: ReadErasure) => Promise<void>,
  ): Promise<void> {
    const waiting = [...erasures];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        try {
          await advance(next);
        } catch (error) {
          if (!isKmsError(error)) throw error;
          const { instanceId, keyId } = next.record;
          this.#beginPatience(next.name);
          this.#ports.log.warn('erasure.step-failed', { instanceId, keyId, error });
        }
      }
    };
    await Promise.all(Array.from({ length: parallelMax }, work));
  }

  #beginPatience(name: string): void {
    const attempts = this.#patience.get(name)?.attempts ?? 0;
    const delayMs = Math.min(backOffMaxMs, backOffBaseMs * 2 ** Math.min(attempts, 10));
    const nextAtMs = this.#ports.clock.monotonicMs() + delayMs;
    this.#patience.set(name, { attempts: attempts + 1, nextAtMs });
  }

  #endPatience(erasure: ReadErasure): void {
    this.#patience.delete(erasure.name);
    this.#intents.forget(erasure);
  }

  #measure(listed: readonly ListedErasure[]): void {
    const { metrics, clock } = this.#ports;
    const summaries = listed.flatMap(({ summary }) => (summary === undefined ? [] : [summary]));
    for (const kind of erasureKinds) {
      const count = summaries.filter((summary) => summary.kind === kind).length;
      metrics.erasuresPending.of({ kind }).set(count);
    }
    const nowMs = clock.wallMs();
    const oldestMs = summaries.reduce((most, { dueAtMs }) => Math.max(most, nowMs - dueAtMs), 0);
    metrics.erasureOldestAge.of({}).set(oldestMs / 1_000);
    for (const name of this.#patience.keys()) {
      if (this.#patience.size <= batchMax) break;
      if (!listed.some((entry) => entry.name === name)) this.#patience.delete(name);
    }
  }

  #hasLease(): Promise<boolean> {
    const { store, holder, clock } = this.#ports;
    return takeLease(store, leaseRegister, holder, clock.wallMs(), this.#soon());
  }

  #soon(): Deadline {
    return Deadline.after(this.#ports.clock, stepTimeoutMs);
  }
}

function byAge(listed: readonly ListedErasure[]): readonly ListedErasure[] {
  const ageOf = ({ summary }: ListedErasure): number => summary?.dueAtMs ?? -Infinity;
  return listed.toSorted((left, right) => ageOf(left) - ageOf(right));
}

function auditEvent(record: ErasureRecord) {
  const { instanceId, keyId, kind, requestedAtMs, spread: step, doneAtMs } = record;
  assert(step !== undefined && doneAtMs !== undefined, 'a done erasure has been spread');
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    event: 'erasure.done' as const,
    ...{ instanceId, keyId, kind },
    requestedAt: iso(requestedAtMs),
    spreadAt: iso(step.atMs),
    doneAt: iso(doneAtMs),
  };
}
