// One monitor whole: its own eyes (watch), the others' words (observers), what happened (history), and the documents people
// and programs read. Probes and frames come from outside; this file decides nothing that the pure parts do not.
import type {
  DrainReply,
  DrainRequest,
  RegionHealthReply,
  UndrainRequest,
  ZonesReply,
} from '@zonehold/api-contract';
import type { Clock } from '@zonehold/primitives';
import type { Log, Metrics } from '@zonehold/telemetry';
import { readDrainRequest, readUndrainRequest } from './drains/drain-request.ts';
import type { DrainChange } from './drains/drains.ts';
import { History } from './events/history.ts';
import { cannotTell, Observers } from './observers/observers.ts';
import type { ZoneTraffic } from './observers/traffic.ts';
import { verdictStates, type Verdict, type VerdictChange } from './observers/verdicts.ts';
import type { Word } from './observers/word.ts';
import type { ProbePoint } from './probe.ts';
import { Watch } from './watch.ts';

export interface MonitorOptions {
  readonly region: string;
  /** The zone of this monitor. */
  readonly self: string;
  readonly zones: readonly string[];
  readonly points: readonly ProbePoint[];
  /** The word of another zone's monitor. Rejects when it cannot be had in time. */
  readonly ask: (zone: string) => Promise<Word>;
  readonly askTraffic: () => Promise<Readonly<Record<string, ZoneTraffic>> | undefined>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<
    Metrics,
    | 'zoneStanding'
    | 'zoneWeight'
    | 'zoneDrained'
    | 'monitorIsolated'
    | 'monitorHeard'
    | 'advicePanic'
    | 'probes'
    | 'probeDuration'
  >;
  /** Differs with each start of the process. */
  readonly life: string;
}

export class Monitor {
  readonly #options: MonitorOptions;
  readonly watch: Watch;
  readonly observers: Observers;
  readonly history: History;

  constructor(options: MonitorOptions) {
    const { self, zones, points, clock, log, metrics, ask, askTraffic } = options;
    this.#options = options;
    this.history = new History(options.life);
    this.watch = new Watch({
      ...{ zones, points, clock, log, metrics },
      traffic: () => this.observers.trafficResults(),
    });
    this.observers = new Observers({
      ...{ self, zones, clock, ask, askTraffic },
      ownView: () => this.watch.views(),
      onChange: (changes) => this.#changed(changes),
      onIsolation: (isIsolated) => this.#isolated(isIsolated),
      onDrains: (changes) => this.#drainsChanged(changes),
    });
    this.showMetrics();
  }

  start(): void {
    this.watch.start();
    this.observers.start();
  }

  stop(): void {
    this.watch.stop();
    this.observers.stop();
  }

  /** The body of `GET /zones`. */
  zones(): ZonesReply {
    const { region, self } = this.#options;
    const zones = this.observers.verdicts().map((verdict) => this.#zoneOf(verdict));
    return { region, observedAt: this.watch.observedAt, observer: self, zones };
  }

  /** The body of `GET /v1/zones`. */
  regionHealth(): RegionHealthReply {
    const { zones } = this.#options;
    const own = this.observers.word();
    const words = [own, ...this.observers.words()];
    return {
      ...this.zones(),
      isIsolated: own.isIsolated,
      monitors: zones.map((zone) => {
        const word = words.find(({ observer }) => observer === zone);
        const isHeard = word !== undefined;
        return { zone, isHeard, isIsolated: word?.isIsolated ?? false, sees: word?.zones ?? {} };
      }),
      zones: this.observers.verdicts().map((verdict) => ({
        ...this.#zoneOf(verdict),
        votes: verdict.votes,
      })),
      advice: this.observers.advice(),
    };
  }

  /** Keeps requests away from a zone for some time (docs/health-monitor.md). Checks the request; a repeat with its `id` changes nothing. */
  drain(request: DrainRequest): DrainReply {
    const read = readDrainRequest(request);
    return replyOf(typeof read === 'string' ? read : this.observers.drain(read));
  }

  /** Ends a drain before its time. */
  undrain(request: UndrainRequest): DrainReply {
    return replyOf(this.observers.undrain(readUndrainRequest(request)));
  }

  /** Brings the gauges up to date: weights change with time alone. */
  showMetrics(): void {
    const { metrics, zones } = this.#options;
    const { isIsolated, hears } = this.observers.word();
    const { weights, isPanic } = this.observers.advice();
    const drained = new Set(this.observers.drains().map(({ zone }) => zone));
    for (const { zone, state } of this.observers.verdicts()) {
      for (const standing of verdictStates)
        metrics.zoneStanding.of({ zone, standing }).set(standing === state ? 1 : 0);
      metrics.zoneWeight.of({ zone }).set(weights[zone] ?? 1);
      metrics.zoneDrained.of({ zone }).set(drained.has(zone) ? 1 : 0);
    }
    for (const zone of zones.filter((name) => name !== this.#options.self))
      metrics.monitorHeard.of({ zone }).set(hears.includes(zone) ? 1 : 0);
    metrics.monitorIsolated.of({}).set(isIsolated ? 1 : 0);
    metrics.advicePanic.of({}).set(isPanic ? 1 : 0);
  }

  #zoneOf(verdict: Verdict): ZonesReply['zones'][number] {
    const { zone, state, since } = verdict;
    const services = this.watch.views().find((seen) => seen.zone === zone)?.services ?? {};
    const drain = this.observers.drains().find((active) => active.zone === zone);
    return {
      ...{ zone, state, since, reasons: this.#reasonsOf(verdict), services },
      ...(drain === undefined
        ? {}
        : { drain: { reason: drain.reason, endsAt: this.#endOf(drain.remainingMs) } }),
    };
  }

  /** What this monitor saw itself; if it saw nothing, who did. */
  #reasonsOf({ zone, state, votes }: Pick<Verdict, 'zone' | 'state' | 'votes'>): string[] {
    if (state === 'healthy') return [];
    if (state === 'unknown') return [cannotTell];
    const seen = this.watch.views().find((view) => view.zone === zone);
    if (seen !== undefined && seen.reasons.length > 0) return [...seen.reasons];
    const others = Object.entries(votes).filter(([, vote]) => vote !== 'healthy');
    if (others.length === 0) return ['It was down shortly before, and is held back for a while.'];
    return others.map(([observer, vote]) => `${observer} says ${vote}.`);
  }

  #changed(changes: readonly VerdictChange[]): void {
    const { log, clock } = this.#options;
    const verdicts = this.observers.lastVerdicts();
    for (const { zone, from, to } of changes) {
      const votes = verdicts.find((verdict) => verdict.zone === zone)?.votes ?? {};
      const reasons = this.#reasonsOf({ zone, state: to, votes });
      const at = new Date(clock.wallMs()).toISOString();
      this.history.add({ at, kind: 'zone', zone, from, to, reasons });
      log.info(`zone.${to}`, { peerZone: zone, from, reasons, votes });
    }
  }

  #drainsChanged(changes: readonly DrainChange[]): void {
    const { log, clock } = this.#options;
    for (const { step, zone, reason, remainingMs } of changes) {
      const at = new Date(clock.wallMs()).toISOString();
      const isBegun = step === 'begun';
      const reasons = [reason, ...(isBegun ? [`Until ${this.#endOf(remainingMs)}.`] : [])];
      this.history.add({
        ...{ at, kind: 'drain', zone, to: step, reasons },
        from: isBegun ? 'none' : 'begun',
      });
      log.info(`drain.${step}`, { peerZone: zone, reason, remainingMs });
    }
  }

  #endOf(remainingMs: number): string {
    return new Date(this.#options.clock.wallMs() + remainingMs).toISOString();
  }

  #isolated(isIsolated: boolean): void {
    const { self, clock, log } = this.#options;
    const at = new Date(clock.wallMs()).toISOString();
    const [from, to] = isIsolated ? ['in-touch', 'isolated'] : ['isolated', 'in-touch'];
    const reasons = isIsolated ? [cannotTell] : [];
    this.history.add({ at, kind: 'isolation', zone: self, from, to, reasons });
    log.info(isIsolated ? 'monitor.isolated' : 'monitor.in-touch');
  }
}

function replyOf(refusal: string | undefined): DrainReply {
  return refusal === undefined ? { ok: true } : { ok: false, reason: refusal };
}
