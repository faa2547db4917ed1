// Zonal shifts: an operator keeps requests away from a zone, with a reason and an end. Pure; time is an argument. Monitors tell each
// other what they know with their words, and nothing is stored: who starts anew learns it from the others. Ends travel as remaining time,
// because clocks differ (docs/decisions/0028).
import type { Verdict } from '../observers/verdicts.ts';
import type { Moment } from '../zone-view.ts';

export const drainPolicy = {
  /** Mesh reference B4: a zone is not given up for good by a drain. */
  lengthMaxMs: 72 * 3_600_000,
  /** Gateways look every second. */
  lengthMinMs: 1_000,
  reasonMaxChars: 200,
  /** Zones that must be left to serve: a majority of three. */
  servingMin: 2,
  /** Kept at once, those that are lifted or over among them; the lifted make room. */
  keptMax: 64,
  /** Known for so long after the end, so that a monitor whose clock runs slower does not bring one back: 72 h at 100 ppm are 26 s. */
  rememberedMs: 60_000,
  /** So far may the wall clock run ahead before the machine is taken to have slept. Less than `rememberedMs`, more than slewing does in 72 h. */
  aheadMaxMs: 30_000,
} as const;

/** As monitors tell each other. */
export interface ToldDrain {
  /** Of the operator's request: the same request twice is one drain. */
  readonly id: string;
  readonly zone: string;
  readonly reason: string;
  readonly startedWallMs: number;
  readonly remainingMs: number;
  /** Lifted before its end. Kept until then if there is room, so that no monitor brings it back. */
  readonly isLifted: boolean;
}

/** One that is in force. */
export interface ActiveDrain {
  readonly id: string;
  readonly zone: string;
  readonly reason: string;
  readonly remainingMs: number;
}

/** `lifted` before its end; `outranked` by an older one, beside which too few zones would be left. */
export type DrainStep = 'begun' | 'lifted' | 'ended' | 'outranked';
export interface DrainChange {
  readonly step: DrainStep;
  readonly zone: string;
  readonly reason: string;
  /** 0 when it is over. */
  readonly remainingMs: number;
}

interface Kept extends Omit<ToldDrain, 'remainingMs'> {
  readonly endsAtMs: number;
}

/** The same order for everybody. */
function byAge(a: Kept, b: Kept): number {
  return a.startedWallMs - b.startedWallMs || (a.id < b.id ? -1 : 1);
}

/** Whether the machine seems to have slept between two moments. */
export function hasSlept(before: Moment, now: Moment): boolean {
  return aheadMs(before, now) > drainPolicy.aheadMaxMs;
}

/** How much more time the wall clock counted. */
function aheadMs(before: Moment, now: Moment): number {
  return now.wallMs - before.wallMs - (now.monotonicMs - before.monotonicMs);
}

/** A sentence why a zone cannot be drained now; undefined when it can. */
export function refusalOfDrain(
  zone: string,
  verdicts: readonly Verdict[],
  drained: readonly string[],
): string | undefined {
  if (!verdicts.some((verdict) => verdict.zone === zone)) return `There is no zone ${zone}.`;
  if (drained.includes(zone)) return `${zone} is drained already; lift that first.`;
  const left = verdicts.filter(
    (verdict) => verdict.zone !== zone && verdict.weight > 0 && !drained.includes(verdict.zone),
  );
  if (left.length >= drainPolicy.servingMin) return undefined;
  const names = left.map((verdict) => verdict.zone).join(', ');
  return `Without ${zone} only ${left.length} of ${verdicts.length} zones would serve (${names}); at least ${drainPolicy.servingMin} are needed.`;
}

/** The drains that one monitor knows of. */
export class Drains {
  readonly #zones: ReadonlySet<string>;
  readonly #kept = new Map<string, Kept>();
  /** In force when changes were last asked for. */
  #shown: readonly ActiveDrain[] = [];
  /** From when the clocks are compared: what is kept was learned later, or set right then. */
  #since: Moment | undefined;

  /** `zones` of the region: a drain of another is nobody's, and would take the place of one. */
  constructor(zones: readonly string[]) {
    this.#zones = new Set(zones);
  }

  /**
   * Takes in what an operator or another monitor says; `askedAtMs`, when it was asked. What was said since then is not counted as time that
   * is left, so that a drain never lasts longer by travelling. The end of one that is known stays, and what is lifted stays so.
   */
  learn(told: readonly ToldDrain[], askedAtMs: number, nowMs: number): void {
    this.#forget(nowMs);
    for (const { remainingMs, ...drain } of told) {
      if (!this.#zones.has(drain.zone)) continue;
      const known = this.#kept.get(drain.id);
      if (known !== undefined) {
        if (drain.isLifted) this.#kept.set(drain.id, { ...known, isLifted: true });
        continue;
      }
      const endsAtMs = askedAtMs + Math.min(remainingMs, drainPolicy.lengthMaxMs);
      if (endsAtMs > nowMs && this.#hasRoomFor(drain))
        this.#kept.set(drain.id, { ...drain, endsAtMs });
    }
  }

  /**
   * To be called before all else. The time that the machine slept counts, although monotonic time stood still: the others may have
   * forgotten by now what is over, and would learn it anew.
   */
  mind(now: Moment): void {
    const since = this.#since ?? now;
    const isLate = hasSlept(since, now);
    if (isLate)
      for (const drain of this.#kept.values())
        this.#kept.set(drain.id, { ...drain, endsAtMs: drain.endsAtMs - aheadMs(since, now) });
    if (isLate || this.#kept.size === 0) this.#since = now;
  }

  /** Ends the drains of a zone. Whether there was any. */
  lift(zone: string, nowMs: number): boolean {
    const drains = this.#inForce(nowMs).filter((drain) => drain.zone === zone);
    for (const drain of drains) this.#kept.set(drain.id, { ...drain, isLifted: true });
    return drains.length > 0;
  }

  /** Whether the same request was taken before. */
  knows(id: string): boolean {
    return this.#kept.has(id);
  }

  /** Whether none can be begun: those that were lifted give up their places. */
  get isFull(): boolean {
    return this.#kept.size >= drainPolicy.keptMax && this.#oldestLifted() === undefined;
  }

  /**
   * Those in force, oldest first. Two that were begun at the same time at two monitors may together leave too few zones: the younger
   * ones do not count, for everybody the same.
   */
  active(nowMs: number): readonly ActiveDrain[] {
    const max = Math.max(0, this.#zones.size - drainPolicy.servingMin);
    const byZone = new Map<string, ActiveDrain>();
    for (const { id, zone, reason, endsAtMs } of this.#inForce(nowMs)) {
      if (byZone.size >= max || byZone.has(zone)) continue;
      byZone.set(zone, { id, zone, reason, remainingMs: endsAtMs - nowMs });
    }
    return [...byZone.values()];
  }

  /** What came and went since this was last asked. */
  changes(nowMs: number): readonly DrainChange[] {
    const [before, now] = [this.#shown, this.active(nowMs)];
    this.#shown = now;
    const isIn = (drains: readonly ActiveDrain[], { id }: ActiveDrain): boolean =>
      drains.some((drain) => drain.id === id);
    return [
      ...before
        .filter((drain) => !isIn(now, drain))
        .map(({ id, zone, reason }) => {
          const step = this.#whyNot(id, nowMs);
          return { step, zone, reason, remainingMs: 0 };
        }),
      ...now
        .filter((drain) => !isIn(before, drain))
        .map(({ zone, reason, remainingMs }) => {
          return { step: 'begun' as const, zone, reason, remainingMs };
        }),
    ];
  }

  /** For the other monitors. */
  told(nowMs: number): readonly ToldDrain[] {
    this.#forget(nowMs);
    return [...this.#kept.values()]
      .filter(({ endsAtMs }) => endsAtMs > nowMs)
      .map(({ endsAtMs, ...drain }) => ({ ...drain, remainingMs: Math.floor(endsAtMs - nowMs) }));
  }

  /**
   * Makes it if it must. One that is in force takes the place of the oldest that was lifted, which nobody tells of as in force any more,
   * unless it has heard nothing for as long; one that is lifted itself takes nobody's.
   */
  #hasRoomFor({ isLifted }: Pick<ToldDrain, 'isLifted'>): boolean {
    if (this.#kept.size < drainPolicy.keptMax) return true;
    const oldest = isLifted ? undefined : this.#oldestLifted();
    return oldest !== undefined && this.#kept.delete(oldest.id);
  }

  #oldestLifted(): Kept | undefined {
    return [...this.#kept.values()].filter(({ isLifted }) => isLifted).sort(byAge)[0];
  }

  #whyNot(id: string, nowMs: number): Exclude<DrainStep, 'begun'> {
    const drain = this.#kept.get(id);
    if (drain === undefined || drain.endsAtMs <= nowMs) return 'ended';
    return drain.isLifted ? 'lifted' : 'outranked';
  }

  #inForce(nowMs: number): Kept[] {
    return [...this.#kept.values()]
      .filter(({ isLifted, endsAtMs }) => !isLifted && endsAtMs > nowMs)
      .sort(byAge);
  }

  #forget(nowMs: number): void {
    for (const { id, endsAtMs } of this.#kept.values())
      if (endsAtMs + drainPolicy.rememberedMs <= nowMs) this.#kept.delete(id);
  }
}
