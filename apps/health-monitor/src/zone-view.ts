// What this monitor believes of each zone. Pure: probe results and time go in, states with reasons come out. It advises
// people and routing; it never removes a voter and never stands on a request's way. Values: mesh reference C.
import { assert } from '@zonehold/primitives';

/** What is probed in each zone. */
export const probeTargets = [
  'gateway',
  'key-manager',
  'canary',
  'crypto-worker',
  'redis',
  'health-monitor',
] as const;
export type ProbeTarget = (typeof probeTargets)[number];

/** What a zone is judged by: probes, and what real requests met there (observers/traffic.ts). */
export type ViewTarget = ProbeTarget | 'traffic';
const viewTargets: readonly ViewTarget[] = [...probeTargets, 'traffic'];

/** `unwell`: it answered, and not well. `refused`: nobody took the connection. `silent`: no answer before the deadline. */
export type ProbeVerdict = 'ok' | 'unwell' | 'refused' | 'silent';

export interface ProbeResult {
  readonly zone: string;
  readonly target: ViewTarget;
  readonly verdict: ProbeVerdict;
  readonly latencyMs: number;
  /** A sentence for people; empty when ok. */
  readonly reason: string;
}

/**
 * - `healthy`     everything answers well
 * - `suspect`     something failed twice in its last three probes
 * - `down`        suspect for long, or nothing answers at all
 * - `recovering`  everything answers again, but not for long enough; also before the first look
 */
export type ZoneState = 'healthy' | 'suspect' | 'down' | 'recovering';
export const zoneStates: readonly ZoneState[] = ['healthy', 'suspect', 'down', 'recovering'];

export const zoneViewPolicy = {
  /** A target fails when `failedMin` of its last `recentMax` probes failed: one lost packet is no outage. */
  recentMax: 3,
  failedMin: 2,
  /** From suspect to down: with the looks that suspicion takes, and the others' words, within 5 s. */
  suspectMs: 2_000,
  /** From the first round without any answer at all to down: all in all within 3 s. Longer than `wordLifeMs`, which see. */
  deafMs: 1_500,
  /** From the first clean round to healthy. */
  cleanMs: 5_000,
  /** More time than this between two rounds means that we were stopped, not they: it does not count. Two rounds. */
  roundMaxMs: 1_000,
} as const;

/** A monitor that is gone harms nobody's requests (promise P7): its zone is suspect, never down for that alone. */
const harmless: ReadonlySet<ViewTarget> = new Set(['health-monitor']);

export interface ServiceView {
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly reason: string;
}

export interface ZoneView {
  readonly zone: string;
  readonly state: ZoneState;
  /** ISO time of the last change of state. */
  readonly since: string;
  readonly reasons: readonly string[];
  readonly services: Readonly<Partial<Record<ViewTarget, ServiceView>>>;
}

interface Seen {
  readonly latest: ProbeResult;
  /** Newest last, at most `recentMax`. */
  readonly recent: readonly boolean[];
}

interface Judged {
  readonly state: ZoneState;
  readonly sinceWallMs: number;
  /** Where recovering falls back to. */
  readonly fallback: 'suspect' | 'down';
  /** Times on the observed clock; undefined while the condition does not hold. */
  readonly suspectFromMs: number | undefined;
  readonly deafFromMs: number | undefined;
  readonly cleanFromMs: number | undefined;
  readonly wasEverClean: boolean;
}

export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** The view of one monitor over all zones of its region. */
export class RegionView {
  readonly #zones: readonly string[];
  readonly #seen = new Map<string, Map<ViewTarget, Seen>>();
  readonly #judged = new Map<string, Judged>();
  #lastMs: number | undefined;
  /** Time that was really observed: gaps in which this process was stopped are left out. */
  #observedMs = 0;

  constructor(zones: readonly string[], now: Moment) {
    this.#zones = zones;
    for (const zone of zones) {
      this.#seen.set(zone, new Map());
      this.#judged.set(zone, {
        state: 'recovering',
        sinceWallMs: now.wallMs,
        fallback: 'suspect',
        suspectFromMs: undefined,
        deafFromMs: undefined,
        cleanFromMs: undefined,
        wasEverClean: false,
      });
    }
  }

  /** Takes one round of results, and tells which zones changed their state. A target may be missing from a round. */
  observe(results: readonly ProbeResult[], now: Moment): readonly ZoneView[] {
    const elapsedMs = this.#lastMs === undefined ? 0 : now.monotonicMs - this.#lastMs;
    this.#observedMs += Math.min(Math.max(elapsedMs, 0), zoneViewPolicy.roundMaxMs);
    this.#lastMs = now.monotonicMs;
    for (const result of results) this.#remember(result);
    const changed = this.#zones.filter((zone) =>
      this.#judge(
        zone,
        results.filter((result) => result.zone === zone && result.target !== 'traffic'),
        now.wallMs,
      ),
    );
    return changed.map((zone) => this.#viewOf(zone));
  }

  /** All zones, in the order of the topology. */
  zones(): readonly ZoneView[] {
    return this.#zones.map((zone) => this.#viewOf(zone));
  }

  #remember(result: ProbeResult): void {
    const seen = this.#seen.get(result.zone);
    assert(seen !== undefined, 'probes are of zones in the topology');
    const before = seen.get(result.target)?.recent ?? [];
    const recent = [...before, result.verdict === 'ok'].slice(-zoneViewPolicy.recentMax);
    seen.set(result.target, { latest: result, recent });
  }

  #judge(zone: string, round: readonly ProbeResult[], wallMs: number): boolean {
    const before = this.#judged.get(zone);
    assert(before !== undefined, 'every zone is judged');
    const seen = [...(this.#seen.get(zone)?.values() ?? [])];
    const after = judge(before, seen, round, this.#observedMs);
    const isChanged = after.state !== before.state;
    this.#judged.set(zone, isChanged ? { ...after, sinceWallMs: wallMs } : after);
    return isChanged;
  }

  #viewOf(zone: string): ZoneView {
    const judged = this.#judged.get(zone);
    const seen = this.#seen.get(zone);
    assert(judged !== undefined && seen !== undefined, 'every zone is judged');
    const services: Partial<Record<ViewTarget, ServiceView>> = {};
    for (const target of viewTargets) {
      const latest = seen.get(target)?.latest;
      if (latest === undefined) continue;
      services[target] = {
        ok: latest.verdict === 'ok',
        latencyMs: latest.latencyMs,
        reason: latest.reason,
      };
    }
    return {
      zone,
      state: judged.state,
      since: new Date(judged.sinceWallMs).toISOString(),
      reasons: reasonsOf(judged, [...seen.values()]),
      services,
    };
  }
}

/**
 * One step of one zone's state. `round`: the looks of this round alone; what did not answer now may have answered in the last round.
 * `nowMs` is on the observed clock.
 */
function judge(
  before: Judged,
  seen: readonly Seen[],
  round: readonly ProbeResult[],
  nowMs: number,
): Judged {
  const failing = seen.filter(isFailing);
  const isHarmful = failing.some(({ latest }) => !harmless.has(latest.target));
  const isDeaf = round.length > 0 && round.every(({ verdict }) => isUnheard(verdict));
  const isClean =
    seen.length > 0 && seen.every(({ latest }) => latest.verdict === 'ok') && failing.length === 0;
  const marks = {
    suspectFromMs: isHarmful ? (before.suspectFromMs ?? nowMs) : undefined,
    deafFromMs: isDeaf ? (before.deafFromMs ?? nowMs) : undefined,
    cleanFromMs: isClean ? (before.cleanFromMs ?? nowMs) : undefined,
    wasEverClean: before.wasEverClean || isClean,
  };
  const state = nextState(before, { ...marks, isFailing: failing.length > 0 }, nowMs);
  const fallback = state === 'suspect' || state === 'down' ? state : before.fallback;
  return { ...before, ...marks, state, fallback };
}

function nextState(
  before: Judged,
  marks: Pick<Judged, 'suspectFromMs' | 'deafFromMs' | 'cleanFromMs'> & {
    readonly isFailing: boolean;
  },
  nowMs: number,
): ZoneState {
  const { suspectMs, deafMs, cleanMs } = zoneViewPolicy;
  const lastsFor = (fromMs: number | undefined, lengthMs: number): boolean =>
    fromMs !== undefined && nowMs - fromMs >= lengthMs;
  if (lastsFor(marks.deafFromMs, deafMs) || lastsFor(marks.suspectFromMs, suspectMs)) return 'down';
  if (marks.cleanFromMs !== undefined) {
    if (before.state === 'healthy') return 'healthy';
    // The first clean look needs no waiting time: nothing is known against the zone.
    if (!before.wasEverClean && before.state === 'recovering') return 'healthy';
    return lastsFor(marks.cleanFromMs, cleanMs) ? 'healthy' : 'recovering';
  }
  if (before.state === 'down') return 'down';
  if (before.state === 'recovering') return marks.isFailing ? before.fallback : 'recovering';
  // Suspect until it is clean: a zone that fails now and then is not healthy in between.
  return marks.isFailing || before.state === 'suspect' ? 'suspect' : 'healthy';
}

function isFailing({ recent }: Seen): boolean {
  return recent.filter((isOk) => !isOk).length >= zoneViewPolicy.failedMin;
}

function isUnheard(verdict: ProbeVerdict): boolean {
  return verdict === 'refused' || verdict === 'silent';
}

function reasonsOf(judged: Judged, seen: readonly Seen[]): string[] {
  if (judged.state === 'healthy') return [];
  const sentences = seen
    .filter((entry) => isFailing(entry) || entry.latest.verdict !== 'ok')
    .map(
      ({ latest }) =>
        `${latest.target}: ${latest.reason === '' ? 'failed shortly before.' : latest.reason}`,
    );
  if (sentences.length > 0) return sentences;
  return [
    seen.length === 0
      ? 'Not looked at yet.'
      : 'Everything answers again, but not for long enough yet.',
  ];
}
