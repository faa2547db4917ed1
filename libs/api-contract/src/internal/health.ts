// The `health` frame method, which every service answers to any service of its region.

export interface HealthReply {
  readonly service: string;
  readonly zone: string;
  readonly isReady: boolean;
  /** Sentences; empty when ready. */
  readonly reasons: readonly string[];
  readonly uptimeS: number;
}
