// The rounds: every 500 ms all points are probed at once, and the view is told. Nothing waits for it.
import type { ZonesReply } from '@zonehold/api-contract';
import type { Clock } from '@zonehold/primitives';
import type { Log, Metrics } from '@zonehold/telemetry';
import { probe, type ProbePoint } from './probe.ts';
import {
  RegionView,
  zoneStates,
  type Moment,
  type ProbeResult,
  type ProbeVerdict,
} from './zone-view.ts';

/** Mesh reference C: a zone that answers nothing is down within 3 s, after at least five looks. */
export const roundIntervalMs = 500;

export interface WatchOptions {
  readonly region: string;
  /** The zone of this monitor. */
  readonly observer: string;
  readonly zones: readonly string[];
  readonly points: readonly ProbePoint[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'zoneStanding' | 'probes' | 'probeDuration'>;
}

const resultOf: Readonly<Record<ProbeVerdict, 'ok' | 'failed' | 'timeout'>> = {
  ok: 'ok',
  unwell: 'failed',
  refused: 'failed',
  silent: 'timeout',
};

/** Probes from `start` to `stop`. */
export class Watch {
  readonly #options: WatchOptions;
  readonly #view: RegionView;
  #timer: NodeJS.Timeout | undefined;
  #isRoundUnderWay = false;
  #observedAtMs: number | undefined;
  #rounds = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#view = new RegionView(options.zones, this.#now());
    this.#showStates();
  }

  start(): void {
    this.#timer = setInterval(() => void this.round(), roundIntervalMs);
    void this.round();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Whether a round has been completed. */
  get hasLooked(): boolean {
    return this.#observedAtMs !== undefined;
  }

  /** The body of `GET /zones`. */
  report(): ZonesReply {
    const { region, observer, clock } = this.#options;
    const observedAt = new Date(this.#observedAtMs ?? clock.wallMs()).toISOString();
    return { region, observedAt, observer, zones: this.#view.zones() };
  }

  /** One round: all points that are due, at once; then the view is told. Ends within the probes' deadline. */
  async round(): Promise<void> {
    // Only when this process was stopped can a round still be under way.
    if (this.#isRoundUnderWay) return;
    this.#isRoundUnderWay = true;
    const { clock, log } = this.#options;
    try {
      const results = await Promise.all(this.#duePoints().map((point) => probe(point, clock)));
      const now = this.#now();
      this.#observedAtMs = now.wallMs;
      const changed = this.#view.observe(results, now);
      for (const { zone, state, reasons } of changed)
        log.info(`zone.${state}`, { peerZone: zone, reasons });
      if (changed.length > 0) this.#showStates();
      for (const result of results) this.#count(result);
    } finally {
      this.#isRoundUnderWay = false;
    }
  }

  /** All points in the first round; later those whose turn it is, spread over the rounds. */
  #duePoints(): readonly ProbePoint[] {
    const round = this.#rounds;
    this.#rounds += 1;
    return this.#options.points.filter(
      ({ everyRounds = 1 }, index) => round === 0 || (round + index) % everyRounds === 0,
    );
  }

  #count({ zone, target, verdict, latencyMs }: ProbeResult): void {
    const { probes, probeDuration } = this.#options.metrics;
    probes.of({ zone, target, result: resultOf[verdict] }).inc();
    probeDuration.of({ zone, target }).observe(latencyMs / 1_000);
  }

  #showStates(): void {
    for (const { zone, state } of this.#view.zones()) {
      for (const standing of zoneStates) {
        this.#options.metrics.zoneStanding.of({ zone, standing }).set(standing === state ? 1 : 0);
      }
    }
  }

  #now(): Moment {
    const { clock } = this.#options;
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
  }
}
