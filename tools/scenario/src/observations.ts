// What is written down while a scenario runs: plain facts with their times, nothing judged. Times are milliseconds from the start of the
// quiet time; what came before it is negative.
import type { ZoneVerdict } from '@zonehold/api-contract';
import type { ServiceName } from '@zonehold/mesh';

export type Operation = 'wrap' | 'unwrap' | 'read' | 'create';

/** One request of the load. */
export interface Sample {
  readonly operation: Operation;
  readonly beganMs: number;
  readonly latencyMs: number;
  /** Why it counts as failed: a status, an error's code, `wrong answer`. */
  readonly failure?: string;
}

/** Counters of all gateways, added up: those of a killed process would begin anew. */
export interface Counters {
  readonly retries: number;
  readonly ejections: number;
  readonly panics: number;
  /** Attempts on key-managers, by their zone. */
  readonly attemptsByZone: Readonly<Record<string, number>>;
}

/** One look at the region. */
export interface Look {
  readonly atMs: number;
  readonly counters: Counters;
  /** Of gateways and key-managers: open or half-open. */
  readonly openCircuits: number;
  /** What the monitors say, as the first of them that can tell counts it. */
  readonly verdicts: Readonly<Record<string, ZoneVerdict>>;
}

export const decisionKinds = [
  'endpoint.ejected',
  'endpoint.ejection-capped',
  'endpoint.returned',
  'circuit.open',
  'circuit.closed',
  'link.down',
  'link.up',
  'zone.latency-spill',
  'mesh.panic',
  'mesh.calm',
] as const;
export type DecisionKind = (typeof decisionKinds)[number];

/** What one process decided for itself, as its log tells it. */
export interface Decision {
  readonly atMs: number;
  readonly kind: DecisionKind;
  /** Who decided. */
  readonly service: string;
  readonly zone: string;
  /** About whom. A panic is about no zone. */
  readonly peerService: ServiceName;
  readonly peerZone: string | undefined;
  readonly reason: string | undefined;
  /** Of an ejection. */
  readonly lastsMs: number | undefined;
}

/** A change of a zone's verdict, as one monitor counted it. */
export interface VerdictChange {
  readonly atMs: number;
  readonly observer: string;
  readonly zone: string;
  readonly from: string;
  readonly to: string;
  readonly reasons: readonly string[];
}

/** A step as it was really done. */
export interface DoneStep {
  readonly what: string;
  /** False of more load alone. */
  readonly isHarm: boolean;
  readonly startedMs: number;
  readonly endedMs: number;
}

export interface Acknowledged {
  readonly keys: number;
  /** Acknowledged keys whose ciphertext did not open to the same plaintext at the end, or that could not be read and have none. */
  readonly lost: number;
}

export interface Observations {
  readonly samples: readonly Sample[];
  /** Requests that were due and not sent, because too many were under way. */
  readonly notSent: number;
  readonly looks: readonly Look[];
  readonly decisions: readonly Decision[];
  readonly verdictChanges: readonly VerdictChange[];
  readonly steps: readonly DoneStep[];
  readonly acknowledged: Acknowledged;
}
