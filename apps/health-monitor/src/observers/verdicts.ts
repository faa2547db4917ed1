// The verdicts: what the monitors together say of each zone, as one of them counts it. Pure: an electorate and time go in,
// states come out. No monitor leads; two may differ for the length of a pull. Values: mesh reference C.
import { assert } from '@zonehold/primitives';
import type { Moment, ZoneState } from '../zone-view.ts';
import { majorityOf, type Electorate } from './electorate.ts';
import type { Word } from './word.ts';

/** `unknown`: this monitor is isolated, or has not been in touch with a majority yet, and says nothing of any zone. */
export type VerdictState = ZoneState | 'unknown';
export const verdictStates: readonly VerdictState[] = [
  'healthy',
  'suspect',
  'down',
  'recovering',
  'unknown',
];

export const verdictPolicy = {
  /** A zone that was down before within `forgetDownMs` waits so long before it is healthy: twice as long each time. */
  holdDownBaseMs: 10_000,
  holdDownMaxMs: 300_000,
  forgetDownMs: 300_000,
  /** A zone that was down is given its share of requests little by little. */
  rampMs: 30_000,
  rampFrom: 0.1,
} as const;

export interface Verdict {
  readonly zone: string;
  readonly state: VerdictState;
  /** ISO time of the last change of state. */
  readonly since: string;
  /** Which monitors say what; only those that were counted. */
  readonly votes: Readonly<Record<string, ZoneState>>;
  /** The part of its usual requests that the zone should have, 0 to 1. */
  readonly weight: number;
}

export interface VerdictChange {
  readonly zone: string;
  readonly from: VerdictState;
  readonly to: VerdictState;
}

interface Judged {
  readonly state: ZoneState;
  readonly shown: VerdictState;
  readonly sinceWallMs: number;
  /** How often it went down without `forgetDownMs` of health in between. */
  readonly downs: number;
  /** The last moment at which it was down; undefined when it never was. */
  readonly lastDownMs: number | undefined;
  readonly healthyFromMs: number | undefined;
  /** Healthy again since it was last down. */
  readonly isBack: boolean;
  readonly votes: Readonly<Record<string, ZoneState>>;
}

/** The verdicts of one monitor over all zones of its region. */
export class Verdicts {
  readonly #zones: readonly string[];
  readonly #judged = new Map<string, Judged>();

  constructor(zones: readonly string[], now: Moment) {
    this.#zones = zones;
    for (const zone of zones) {
      this.#judged.set(zone, {
        ...{ state: 'recovering', shown: 'unknown', sinceWallMs: now.wallMs, downs: 0 },
        ...{ lastDownMs: undefined, healthyFromMs: undefined, isBack: false, votes: {} },
      });
    }
  }

  /** Counts once, and tells what changed. An isolated monitor forgets nothing and decides nothing. */
  count({ isIsolated, words }: Electorate, now: Moment): readonly VerdictChange[] {
    return this.#zones.flatMap((zone) => {
      const before = this.#of(zone);
      const next = isIsolated
        ? { ...before, shown: 'unknown' as const, votes: {} }
        : this.#judge(before, votesOn(zone, words), now.monotonicMs);
      if (next.shown === before.shown) {
        this.#judged.set(zone, next);
        return [];
      }
      this.#judged.set(zone, { ...next, sinceWallMs: now.wallMs });
      return [{ zone, from: before.shown, to: next.shown }];
    });
  }

  /** All zones, in the order of the topology. */
  all(nowMs: number): readonly Verdict[] {
    return this.#zones.map((zone) => {
      const judged = this.#of(zone);
      return {
        zone,
        state: judged.shown,
        since: new Date(judged.sinceWallMs).toISOString(),
        votes: judged.votes,
        weight: weightOf(judged, nowMs),
      };
    });
  }

  #of(zone: string): Judged {
    const judged = this.#judged.get(zone);
    assert(judged !== undefined, 'every zone is judged');
    return judged;
  }

  #judge(before: Judged, votes: Judged['votes'], nowMs: number): Judged {
    const state = nextState(before, tally(votes, majorityOf(this.#zones.length)), nowMs);
    const isHealthy = state === 'healthy';
    const healthyFromMs = isHealthy ? (before.healthyFromMs ?? nowMs) : undefined;
    const isForgiven =
      healthyFromMs !== undefined && nowMs - healthyFromMs >= verdictPolicy.forgetDownMs;
    const isNewDown = state === 'down' && before.state !== 'down';
    const downs = (isForgiven ? 0 : before.downs) + (isNewDown ? 1 : 0);
    const lastDownMs = state === 'down' ? nowMs : isForgiven ? undefined : before.lastDownMs;
    const isBack = isHealthy || (before.isBack && state !== 'down');
    return { ...before, state, shown: state, downs, lastDownMs, healthyFromMs, isBack, votes };
  }
}

function votesOn(zone: string, words: readonly Word[]): Record<string, ZoneState> {
  const votes: Record<string, ZoneState> = {};
  for (const { observer, zones } of words) {
    const state = zones[zone];
    if (state !== undefined) votes[observer] = state;
  }
  return votes;
}

/** Whether a majority of all monitors, heard or not, says one of `states`. */
type Says = (...states: readonly ZoneState[]) => boolean;

function tally(votes: Judged['votes'], majority: number): Says {
  const said = Object.values(votes);
  return (...states) => said.filter((state) => states.includes(state)).length >= majority;
}

function nextState(before: Judged, says: Says, nowMs: number): ZoneState {
  if (says('down')) return 'down';
  const isWell = says('healthy') && !isHeldDown(before, nowMs);
  switch (before.state) {
    case 'down':
      return says('healthy', 'recovering') ? 'recovering' : 'down';
    case 'recovering':
      if (isWell) return 'healthy';
      return says('suspect', 'down') ? 'suspect' : 'recovering';
    case 'suspect':
      if (isWell) return 'healthy';
      return says('healthy', 'recovering') ? 'recovering' : 'suspect';
    case 'healthy':
      return says('suspect', 'down') ? 'suspect' : 'healthy';
  }
}

function isHeldDown({ downs, lastDownMs }: Judged, nowMs: number): boolean {
  if (lastDownMs === undefined || downs < 2) return false;
  const { holdDownBaseMs, holdDownMaxMs } = verdictPolicy;
  return nowMs - lastDownMs < Math.min(holdDownBaseMs * 2 ** (downs - 2), holdDownMaxMs);
}

function weightOf(judged: Judged, nowMs: number): number {
  const { shown, lastDownMs, healthyFromMs, isBack } = judged;
  // Who cannot tell advises nothing.
  if (shown === 'unknown' || lastDownMs === undefined) return 1;
  // Not by its state: who falls from recovering to suspect has become worse, and must not be given more.
  if (!isBack) return 0;
  const { rampFrom, rampMs } = verdictPolicy;
  if (healthyFromMs === undefined) return rampFrom;
  return Math.min(1, rampFrom + (1 - rampFrom) * ((nowMs - healthyFromMs) / rampMs));
}
