// What the mesh tells whoever watches: events, never logs or metrics of its own. Positional arguments where a call passes on
// the hot path. service-host's `meshMetrics` fits this shape; the mesh imports no telemetry.
import type { KmsErrorCode } from '@zonehold/primitives';
import type { ReturnReason } from './balancer.ts';
import type { CircuitState } from './circuit.ts';
import type { EjectionReason } from './outlier.ts';
import type { ServiceIdentity, ServiceName } from './ports.ts';

export type CallCode = 'OK' | KmsErrorCode;
export type LinkState = 'up' | 'down';
export type RefusalReason =
  'certificate' | 'identity' | 'cluster' | 'region' | 'caller' | 'protocol';
export type ShedReason = 'in-flight' | 'deadline' | 'draining';

/** Events of a mesh client. */
export interface ClientObserver {
  /** One attempt of a call ended. */
  attemptEnded(
    service: ServiceName,
    zone: string,
    method: string,
    code: CallCode,
    durationMs: number,
  ): void;
  /** A call is tried again; `code` is why the attempt before failed. */
  retried(service: ServiceName, code: CallCode): void;
  retryBudgetExhausted(service: ServiceName): void;
  /** No zone looked fit, and one is tried all the same. */
  panicked(service: ServiceName): void;
  /** A call was not sent: as many as may be are under way to an endpoint in `zone`. */
  bulkheadFull(service: ServiceName, zone: string): void;
  circuitChanged(service: ServiceName, zone: string, state: CircuitState): void;
  linkChanged(service: ServiceName, zone: string, state: LinkState, reason: string): void;
  /** An endpoint in `zone` gets no calls for `lastsMs`, by what became of the calls before. */
  ejected(service: ServiceName, zone: string, reason: EjectionReason, lastsMs: number): void;
  /** One more would have been ejected, but that would leave too few. */
  ejectionCapped(service: ServiceName, zone: string, reason: EjectionReason): void;
  /** A newer snapshot has `added` endpoints of the service that the one before had not, and lacks `removed` of its. */
  endpointsChanged(service: ServiceName, added: number, removed: number): void;
  /** An endpoint in `zone` gets calls again, at first a few. */
  returned(service: ServiceName, zone: string, reason: ReturnReason): void;
  /** `share` (0 to 1) of what `zone`, the own one, would get goes to the others, because it is slow. */
  latencySpillChanged(service: ServiceName, zone: string, share: number): void;
  /** So few look fit that judgement is set aside and calls are spread over all. */
  panicChanged(service: ServiceName, isPanic: boolean): void;
  /** `zone` gets no calls, because an operator wants it so. */
  drained(service: ServiceName, zone: string): void;
  /** It gets calls although it is drained: too few others are fit. */
  drainSetAside(service: ServiceName, zone: string): void;
}

/** Events of a frame server. */
export interface ServerObserver {
  served(peer: ServiceIdentity, method: string, code: CallCode, durationMs: number): void;
  /** A connection or call was refused for who the peer is, or for what it sent. `detail` is for the log. */
  peerRefused(reason: RefusalReason, detail: string): void;
  shed(reason: ShedReason): void;
  /** A handler threw what is no KmsError; the peer was told INTERNAL. */
  handlerFailed(method: string, correlationId: string, error: unknown): void;
}

export type MeshObserver = ClientObserver & ServerObserver;
