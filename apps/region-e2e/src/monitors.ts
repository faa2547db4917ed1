// What the health-monitors of a region say, and what their verdicts are about, as tests see it.
import type { TestRegion } from './region.ts';

interface ZoneView {
  readonly zone: string;
  readonly state: string;
  readonly drain?: { readonly reason: string; readonly endsAt: string };
}

/** `GET /v1/zones` of one monitor, as far as tests look at it. */
export interface MonitorPage {
  readonly isIsolated: boolean;
  readonly zones: readonly ZoneView[];
  readonly advice: { readonly weights: Readonly<Record<string, number>> };
}

export interface MonitorEvent {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly zone: string;
  readonly from: string;
  readonly to: string;
}

export class Monitors {
  readonly #region: TestRegion;

  constructor(region: TestRegion) {
    this.#region = region;
  }

  /** What the monitor of `zone` shows. Rejects when it does not answer. */
  async page(zone: string): Promise<MonitorPage> {
    return (await this.#ask(zone, '/v1/zones')) as MonitorPage;
  }

  /** Everything it remembers, oldest first. */
  async events(zone: string): Promise<readonly MonitorEvent[]> {
    const { events } = (await this.#ask(zone, '/v1/events')) as { events: MonitorEvent[] };
    return events;
  }

  /** Whether every monitor finds every zone healthy and undrained. Rejects when one does not answer. */
  async allWell(): Promise<boolean> {
    const pages = await Promise.all(this.#region.zones.map((zone) => this.page(zone)));
    return pages
      .flatMap(({ zones }) => zones)
      .every(({ state, drain }) => state === 'healthy' && drain === undefined);
  }

  /** Requests of tenants that the key-manager of `zone` has served since it started. */
  async servedBy(zone: string): Promise<number> {
    const { host, opsPort } = this.#region.endpoint(zone, 'key-manager');
    const text = await (await fetch(`http://${host}:${opsPort}/metrics`)).text();
    const line =
      /^kms_mesh_requests_total\{(?=.*reporter="server")(?=.*route="key-manager\.operation").*\} (\d+)$/gm;
    return [...text.matchAll(line)].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  async #ask(zone: string, path: string): Promise<unknown> {
    const { host, opsPort } = this.#region.endpoint(zone, 'health-monitor');
    const response = await fetch(`http://${host}:${opsPort}${path}`, {
      signal: AbortSignal.timeout(2_000),
    });
    return response.json();
  }
}
