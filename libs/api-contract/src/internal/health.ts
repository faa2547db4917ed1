// The `health` frame method, which every service answers to any service of its region.

export interface HealthReply {
  readonly service: string;
  readonly zone: string;
  readonly isReady: boolean;
  /** Sentences; empty when ready. */
  readonly reasons: readonly string[];
  readonly uptimeS: number;
}

/** `key-manager.canary`: a wrap and an unwrap with a key of nobody's, sometimes after a change of its register (docs/health-monitor.md). */
export interface CanaryReply {
  readonly zone: string;
  /** How often its register was changed. */
  readonly changes: number;
}

/** `unknown`: the monitor is not in touch with most others, and cannot tell. */
export type ZoneVerdict = 'healthy' | 'suspect' | 'down' | 'recovering' | 'unknown';

/** Frame methods of a health-monitor besides `health`. Drains are asked for by operators, read by gateways. */
export const healthMonitorMethods = {
  word: 'health-monitor.word',
  drain: 'health-monitor.drain',
  undrain: 'health-monitor.undrain',
  drains: 'health-monitor.drains',
} as const;

/** `health-monitor.drain`: keep requests away from a zone for some time. The same `id` twice is one drain. A monitor that is isolated answers UNAVAILABLE. */
export interface DrainRequest {
  readonly id: string;
  readonly zone: string;
  readonly reason: string;
  readonly lengthMs: number;
}
export interface UndrainRequest {
  readonly zone: string;
}
/** What became of it. `reason`: a sentence why not. */
export type DrainReply = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** `health-monitor.drains`: those in force. Whoever reads it ends them by itself when their time is over. */
export interface DrainsReply {
  readonly drains: readonly {
    readonly zone: string;
    readonly reason: string;
    readonly remainingMs: number;
  }[];
}

/** `GET /zones` on a health-monitor's ops port: what the monitors together say of every zone, as one of them counts it. */
export interface ZonesReply {
  readonly region: string;
  /** ISO time of the last round of probes. */
  readonly observedAt: string;
  /** The zone whose monitor says so. */
  readonly observer: string;
  readonly zones: readonly {
    readonly zone: string;
    readonly state: ZoneVerdict;
    /** ISO time of the last change of state. */
    readonly since: string;
    /** Sentences; empty when healthy. */
    readonly reasons: readonly string[];
    readonly services: Readonly<
      Record<string, { readonly ok: boolean; readonly latencyMs: number; readonly reason: string }>
    >;
    /** Present while an operator keeps requests away from it. */
    readonly drain?: { readonly reason: string; readonly endsAt: string };
  }[];
}

/** Something that is made to go wrong on purpose. */
export interface ActiveFault {
  readonly id: string;
  /** What it does to which messages, in one line. */
  readonly fault: string;
  readonly reason: string;
  readonly scenario?: string;
  readonly expiresAt: string;
}

/** What one monitor sees of a zone with its own eyes. */
export type ZoneSight = Exclude<ZoneVerdict, 'unknown'>;

/** `GET /v1/zones` on a health-monitor's ops port. */
export interface RegionHealthReply {
  readonly region: string;
  readonly observedAt: string;
  readonly observer: string;
  /** The monitor that answers is not in touch with a majority of all monitors: it says `unknown` of every zone. */
  readonly isIsolated: boolean;
  readonly monitors: readonly {
    readonly zone: string;
    /** Its word is fresh. The monitor that answers hears itself. */
    readonly isHeard: boolean;
    readonly isIsolated: boolean;
    /** What it sees, zone by zone: the edges of the region. */
    readonly sees: Readonly<Record<string, ZoneSight>>;
  }[];
  readonly zones: readonly (ZonesReply['zones'][number] & {
    /** Who says what; only those that were counted. */
    readonly votes: Readonly<Record<string, ZoneSight>>;
  })[];
  /** Only in a region that was started with faults: those in force (docs/faults.md). */
  readonly faults?: readonly ActiveFault[];
  /** What routing may make of it. It ends by itself and never empties the region. */
  readonly advice: {
    readonly weights: Readonly<Record<string, number>>;
    readonly isPanic: boolean;
    readonly expiresAt: string;
  };
}
