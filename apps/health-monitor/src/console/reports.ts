// Once a second: the own zone's report, and those of the other monitors. One that is too old is no report.
import type { Clock } from '@zonehold/primitives';
import { sampleOf, Samples } from './samples.ts';
import type { ConsoleState, ZoneReport } from './state.ts';

export const reportIntervalMs = 1_000;
/** Three rounds: one lost answer is not news. */
export const reportLifeMs = 3_000;

export interface ReportsOptions {
  /** The zone of this monitor. */
  readonly self: string;
  readonly zones: readonly string[];
  readonly clock: Clock;
  readonly own: () => Promise<ZoneReport>;
  /** Of another zone's monitor. Rejects when it cannot be had in time. */
  readonly ask: (zone: string) => Promise<ZoneReport>;
}

export class Reports {
  readonly #options: ReportsOptions;
  readonly #latest = new Map<string, { readonly report: ZoneReport; readonly atMs: number }>();
  readonly #asking = new Set<string>();
  readonly samples = new Samples();
  #own: ZoneReport;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ReportsOptions) {
    this.#options = options;
    const nothing = { gateway: null, keyManager: null, acceptors: null };
    this.#own = { observer: options.self, ...nothing };
  }

  start(): void {
    this.#timer = setInterval(() => void this.round(), reportIntervalMs);
    void this.round();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Asks everybody who does not owe an answer; then the second is written down. */
  async round(): Promise<void> {
    const { zones, clock } = this.#options;
    await Promise.all(zones.map((zone) => this.#askOnce(zone)));
    this.samples.add(sampleOf(zones, this.all(), clock.wallMs()));
  }

  /** What this monitor answers others who ask. */
  own(): ZoneReport {
    return this.#own;
  }

  /** Of each zone; null where none is fresh. */
  all(): ConsoleState['reports'] {
    const { zones, clock } = this.#options;
    const oldestMs = clock.monotonicMs() - reportLifeMs;
    return Object.fromEntries(
      zones.map((zone) => {
        const latest = this.#latest.get(zone);
        return [zone, latest !== undefined && latest.atMs > oldestMs ? latest.report : null];
      }),
    );
  }

  async #askOnce(zone: string): Promise<void> {
    if (this.#asking.has(zone)) return;
    this.#asking.add(zone);
    const { self, own, ask, clock } = this.#options;
    const atMs = clock.monotonicMs();
    try {
      const report = await (zone === self ? own() : ask(zone));
      if (zone === self) this.#own = report;
      this.#latest.set(zone, { report, atMs });
    } catch {
      // Not heard: the last report ages, and the next question comes soon.
    } finally {
      this.#asking.delete(zone);
    }
  }
}
