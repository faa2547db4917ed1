// The words of the mesh: who is called, by whom, until when.
import type { Deadline } from '@zonehold/primitives';

export type ServiceName = 'gateway' | 'key-manager' | 'crypto-worker' | 'health-monitor';

/** Who a certificate says its holder is. URI SAN: `spiffe://zonehold/<clusterId>/<region>/<zone>/<service>`. */
export interface ServiceIdentity {
  readonly clusterId: string;
  readonly region: string;
  /** A zone, or `-` for the operator. */
  readonly zone: string;
  readonly service: ServiceName | 'operator' | 'redis';
}

/** Where one instance of a service listens for frames. */
export interface Endpoint {
  readonly zone: string;
  readonly service: ServiceName;
  readonly host: string;
  readonly port: number;
}

/** PEM texts of one identity and of the region's own certificate authority. */
export interface TlsIdentity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface CallOptions {
  /**
   * When it is cancelled the call ends as CANCELLED, the peer is told, and nothing is tried again: at once when it was sent, within 250 ms while it
   * waits for a link or between two attempts.
   */
  readonly deadline: Deadline;
  readonly correlationId?: string;
  /**
   * May another zone be tried after a failure? `none`: one attempt. `unsent`: only if the call cannot have been received.
   * `always`: also after bytes were sent, because the call carries an operation id or changes nothing.
   */
  readonly retry: 'none' | 'unsent' | 'always';
  /** What one attempt may take while another zone could still be tried; for long work. Default: the client's policy. */
  readonly attemptTimeoutMs?: number;
  /** Only this zone (probes and administration). Default: own zone first, then the others. */
  readonly zone?: string;
}

export interface CallResult<Reply> {
  readonly reply: Reply;
  readonly zone: string;
  readonly attempts: number;
}

/** Calls a service somewhere in the region. Failures are KmsErrors with outcome; CallFailures say too where it was tried. */
export interface MeshClient {
  call<Reply>(
    service: ServiceName,
    method: string,
    body: unknown,
    options: CallOptions,
  ): Promise<CallResult<Reply>>;
  close(): Promise<void>;
}

/**
 * Carries a request's trace (W3C `traceparent`) through this process: from the frame that is served to the calls that are made
 * for it. Telemetry's `Traces` fits; the mesh imports no telemetry.
 */
export interface TraceCarrier {
  /** What a call made now should carry: visible ASCII without quotes or backslashes. Undefined: nothing. */
  outgoing(): string | undefined;
  /** Runs `work` in the trace that a peer's frame names, and outside of every trace when it names none. */
  join<Result>(traceparent: string | undefined, work: () => Result): Result;
}

/** What a frame handler is told about the call. */
export interface FrameContext {
  /** Cancelled when the peer takes the call back or is gone; the answer is then thrown away. */
  readonly deadline: Deadline;
  readonly correlationId: string;
  readonly peer: ServiceIdentity;
}

/** Serves one method. The body comes from a peer of this region but is still checked by the handler. */
export type FrameHandler = (body: unknown, context: FrameContext) => Promise<unknown>;

/** A method's handler and who may call it. */
export interface FrameMethod {
  readonly callers: readonly ServiceIdentity['service'][];
  readonly handle: FrameHandler;
}
