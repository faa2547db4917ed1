// Looks at the region once a second while a scenario runs: counters of gateways and key-managers, and the monitors' verdict.
import type { ZonesReply, ZoneVerdict } from '@zonehold/api-contract';
import type { Clock } from '@zonehold/primitives';
import { samplesOf, sumOf } from './metrics-page.ts';
import type { Counters, Look } from './observations.ts';
import { opsDocument, opsPage } from './ops-page.ts';
import type { Region } from './region.ts';

const intervalMs = 1_000;
const circuitClosed = 0;

export class Watch {
  readonly #region: Region;
  readonly #clock: Clock;
  readonly #originMs: number;
  readonly #looks: Look[] = [];
  readonly #timer: NodeJS.Timeout;
  /** The last page of each process: counters of one that does not answer stay where they were. */
  readonly #pages = new Map<string, string>();
  #looking: Promise<void> = Promise.resolve();

  /** Looks at once, and then every second until `stop`. */
  constructor(region: Region, clock: Clock, originMs: number) {
    this.#region = region;
    this.#clock = clock;
    this.#originMs = originMs;
    this.#next();
    this.#timer = setInterval(() => this.#next(), intervalMs);
  }

  /** In order of time. */
  get looks(): readonly Look[] {
    return this.#looks;
  }

  /** Looks a last time. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#look();
  }

  /** One after the other: a slow look delays the next, and they stay in order. */
  #next(): void {
    this.#looking = this.#looking.then(() => this.#look());
  }

  async #look(): Promise<void> {
    const atMs = this.#clock.monotonicMs() - this.#originMs;
    const [verdicts] = await Promise.all([
      this.#verdicts(),
      ...(['gateway', 'key-manager'] as const).flatMap((service) =>
        this.#region.listeners(service).map(async ({ zone, listener }) => {
          const page = await opsPage(listener, '/metrics');
          if (page !== undefined) this.#pages.set(`${service} ${zone}`, page);
        }),
      ),
    ]);
    this.#looks.push({ atMs, ...this.#sums(), verdicts });
  }

  #sums(): Pick<Look, 'counters' | 'openCircuits'> {
    const all = [...this.#pages.values()];
    const gateways = [...this.#pages]
      .filter(([name]) => name.startsWith('gateway '))
      .map(([, page]) => page);
    const counters = countersOf(gateways, this.#region.zones);
    const openCircuits = all
      .flatMap((page) => samplesOf(page, 'kms_mesh_breaker_state'))
      .filter(({ value }) => value !== circuitClosed).length;
    return { counters, openCircuits };
  }

  async #verdicts(): Promise<Readonly<Record<string, ZoneVerdict>>> {
    const replies = await Promise.all(
      this.#region
        .listeners('health-monitor')
        .map(
          async ({ listener }) => (await opsDocument(listener, '/zones')) as ZonesReply | undefined,
        ),
    );
    const known = replies.filter((reply) => reply !== undefined);
    const telling = known.find(({ zones }) => zones.some(({ state }) => state !== 'unknown'));
    const zones = (telling ?? known[0])?.zones ?? [];
    return Object.fromEntries(zones.map(({ zone, state }) => [zone, state]));
  }
}

/** What the pages of all gateways count together. */
export function countersOf(gateways: readonly string[], zones: readonly string[]): Counters {
  const sum = (name: string, labels = {}): number =>
    gateways.reduce((total, page) => total + sumOf(page, name, labels), 0);
  const attempts = (zone: string): number =>
    sum('kms_mesh_requests_total', {
      ...{ reporter: 'client', service: 'key-manager', dst_zone: zone },
    });
  const capped = sum('kms_mesh_ejections_total', { reason: 'capped' });
  return {
    retries: sum('kms_mesh_retries_total'),
    ejections: sum('kms_mesh_ejections_total') - capped,
    // Of the target alone: what a gateway asks of the monitors can panic too.
    panics: sum('kms_mesh_panic_total', { service: 'key-manager' }),
    attemptsByZone: Object.fromEntries(zones.map((zone) => [zone, attempts(zone)])),
  };
}
