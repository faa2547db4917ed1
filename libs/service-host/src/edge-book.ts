// What this process's calls meet, zone by zone, for people who look (docs/console.md): rates and latencies of the last seconds, and how
// each zone stands with the mesh. Numbers for pictures; alerts and verdicts have their own (mesh-metrics.ts, recent-calls.ts).
import type { CircuitState, MeshObserver, ServiceName } from '@zonehold/mesh';
import type { Clock } from '@zonehold/primitives';
import { isFailure } from './recent-calls.ts';

/** Calls to one service of one zone, as one process sees them. */
export interface EdgeView {
  readonly zone: string;
  readonly callsPerSecond: number;
  readonly failedPerSecond: number;
  /** To an eighth; null without calls. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly isLinkUp: boolean;
  readonly circuit: CircuitState;
  /** Endpoints of the zone that get no calls just now. */
  readonly ejected: number;
  /** 0 to 1: the part of the own zone's calls that leave it because it is slow. */
  readonly spillShare: number;
}

export interface EdgeBookView {
  readonly service: ServiceName;
  /** So few endpoints look fit that all are used alike. */
  readonly isPanic: boolean;
  readonly edges: readonly EdgeView[];
}

const bucketMs = 1_000;
/** Whole seconds that are shown: fewer would flicker, more would hide the moment of a failure. */
const shownSeconds = 3;
/** And the second that is not over. */
const seconds = shownSeconds + 1;
/** Bounds of latency grow by this factor, from `firstBoundMs` to beyond every deadline: 60 of them reach 14 s. */
const growth = 1.25;
const firstBoundMs = 0.03;
const bounds = 60;
const logGrowth = Math.log(growth);

export class EdgeBook {
  readonly #service: ServiceName;
  readonly #clock: Clock;
  readonly #edges = new Map<string, Edge>();
  #isPanic = false;

  /** Of the calls to `service`. */
  constructor(service: ServiceName, clock: Clock) {
    this.#service = service;
    this.#clock = clock;
  }

  /** `observer`, and this beside it. */
  watching(observer: MeshObserver): MeshObserver {
    const on = (service: ServiceName, zone: string, change: (edge: Edge) => void): void => {
      if (service === this.#service) change(this.#of(zone));
    };
    return {
      ...observer,
      attemptEnded: (service, zone, method, code, durationMs) => {
        observer.attemptEnded(service, zone, method, code, durationMs);
        if (service === this.#service)
          this.#of(zone).add(isFailure(code), durationMs, this.#second());
      },
      circuitChanged: (service, zone, state) => {
        observer.circuitChanged(service, zone, state);
        on(service, zone, (edge) => (edge.circuit = state));
      },
      linkChanged: (service, zone, state, reason) => {
        observer.linkChanged(service, zone, state, reason);
        on(service, zone, (edge) => (edge.isLinkUp = state === 'up'));
      },
      ejected: (service, zone, reason, lastsMs) => {
        observer.ejected(service, zone, reason, lastsMs);
        on(service, zone, (edge) => (edge.ejected += 1));
      },
      returned: (service, zone, reason) => {
        observer.returned(service, zone, reason);
        if (reason === 'ejection-over')
          on(service, zone, (edge) => (edge.ejected = Math.max(0, edge.ejected - 1)));
      },
      latencySpillChanged: (service, zone, share) => {
        observer.latencySpillChanged(service, zone, share);
        on(service, zone, (edge) => (edge.spillShare = share));
      },
      panicChanged: (service, isPanic) => {
        observer.panicChanged(service, isPanic);
        if (service === this.#service) this.#isPanic = isPanic;
      },
    };
  }

  /** Every zone that was ever met, by name. */
  view(): EdgeBookView {
    const now = this.#second();
    const edges = [...this.#edges]
      .map(([zone, edge]) => edge.view(zone, now))
      .toSorted((left, right) => (left.zone < right.zone ? -1 : 1));
    return { service: this.#service, isPanic: this.#isPanic, edges };
  }

  #second(): number {
    return Math.floor(this.#clock.monotonicMs() / bucketMs);
  }

  #of(zone: string): Edge {
    const known = this.#edges.get(zone);
    if (known !== undefined) return known;
    const fresh = new Edge();
    this.#edges.set(zone, fresh);
    return fresh;
  }
}

class Edge {
  isLinkUp = false;
  circuit: CircuitState = 'closed';
  ejected = 0;
  spillShare = 0;
  readonly #ring = Array.from({ length: seconds }, () => new Second());

  add(isFailed: boolean, durationMs: number, second: number): void {
    const slot = this.#ring[second % seconds];
    if (slot === undefined) return;
    if (slot.second !== second) slot.begin(second);
    slot.calls += 1;
    if (isFailed) slot.failed += 1;
    const bound = boundOf(durationMs);
    slot.counts[bound] = (slot.counts[bound] ?? 0) + 1;
  }

  view(zone: string, now: number): EdgeView {
    const shown = this.#ring.filter(({ second }) => second < now && second >= now - shownSeconds);
    const sum = (of: (second: Second) => number): number =>
      shown.reduce((total, second) => total + of(second), 0);
    const calls = sum((second) => second.calls);
    const counts = Array.from({ length: bounds }, (_, at) =>
      sum((second) => second.counts[at] ?? 0),
    );
    const { isLinkUp, circuit, ejected, spillShare } = this;
    return {
      zone,
      callsPerSecond: calls / shownSeconds,
      failedPerSecond: sum((second) => second.failed) / shownSeconds,
      p50Ms: quantile(counts, calls, 0.5),
      p99Ms: quantile(counts, calls, 0.99),
      ...{ isLinkUp, circuit, ejected, spillShare },
    };
  }
}

class Second {
  second = -1;
  calls = 0;
  failed = 0;
  readonly counts = new Uint32Array(bounds);

  begin(second: number): void {
    this.second = second;
    this.calls = 0;
    this.failed = 0;
    this.counts.fill(0);
  }
}

function boundOf(durationMs: number): number {
  const bound = Math.ceil(Math.log(durationMs / firstBoundMs) / logGrowth);
  // A duration of nought has no logarithm.
  return Number.isFinite(bound) ? Math.min(Math.max(bound, 0), bounds - 1) : 0;
}

/** The middle of the bucket in which the quantile lies, by its logarithm. */
function quantile(counts: readonly number[], total: number, part: number): number | null {
  if (total === 0) return null;
  const wanted = Math.ceil(total * part);
  let seen = 0;
  const at = counts.findIndex((count) => (seen += count) >= wanted);
  const ms = firstBoundMs * growth ** (at - 0.5);
  return Math.round(ms * 100) / 100;
}
