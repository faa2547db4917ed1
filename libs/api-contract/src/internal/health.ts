// The `health` frame method, which every service answers to any service of its region.

export interface HealthReply {
  readonly service: string;
  readonly zone: string;
  readonly isReady: boolean;
  /** Sentences; empty when ready. */
  readonly reasons: readonly string[];
  readonly uptimeS: number;
}

/** `GET /zones` on a health-monitor's ops port: what the monitor of one zone believes of every zone of its region. */
export interface ZonesReply {
  readonly region: string;
  /** ISO time of the last round of probes. */
  readonly observedAt: string;
  /** The zone whose monitor says so. */
  readonly observer: string;
  readonly zones: readonly {
    readonly zone: string;
    readonly state: 'healthy' | 'suspect' | 'down' | 'recovering';
    /** ISO time of the last change of state. */
    readonly since: string;
    /** Sentences; empty when healthy. */
    readonly reasons: readonly string[];
    readonly services: Readonly<
      Record<string, { readonly ok: boolean; readonly latencyMs: number; readonly reason: string }>
    >;
  }[];
}
