// The rounds: every 500 ms all points are probed at once, and this monitor's own view is told. Nothing waits for it.
import type { Clock } from '@zonehold/primitives';
import type { Log, Metrics } from '@zonehold/telemetry';
import { probe, type ProbePoint } from './probe.ts';
import {
  RegionView,
  type Moment,
  type ProbeResult,
  type ProbeVerdict,
  type ZoneView,
} from './zone-view.ts';

/** Mesh reference C: a zone that answers nothing is down within 3 s, after at least five looks. */
export const roundIntervalMs = 500;

export interface WatchOptions {
  readonly zones: readonly string[];
  readonly points: readonly ProbePoint[];
  /** What real requests met; taken in with the probes of each round. */
  readonly traffic: () => readonly ProbeResult[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'probes' | 'probeDuration'>;
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

  /** ISO time of the end of the last round. */
  get observedAt(): string {
    return new Date(this.#observedAtMs ?? this.#options.clock.wallMs()).toISOString();
  }

  /** All zones, with this monitor's own eyes. */
  views(): readonly ZoneView[] {
    return this.#view.zones();
  }

  /** One round: all points that are due, at once; then the view is told. Ends within the probes' deadline. */
  async round(): Promise<void> {
    // Only when this process was stopped can a round still be under way.
    if (this.#isRoundUnderWay) return;
    this.#isRoundUnderWay = true;
    const { clock, log, traffic } = this.#options;
    try {
      const results = await Promise.all(this.#duePoints().map((point) => probe(point, clock)));
      const now = this.#now();
      this.#observedAtMs = now.wallMs;
      const changed = this.#view.observe([...results, ...traffic()], now);
      for (const { zone, state, reasons } of changed)
        log.info(`zone.seen.${state}`, { peerZone: zone, reasons });
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

  #now(): Moment {
    const { clock } = this.#options;
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
  }
}
