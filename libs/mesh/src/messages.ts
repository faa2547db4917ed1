// The JSON inside a frame, both ways, and the checks of what a peer sent. Pure. Member names are one letter: every byte is
// parsed on the hot path (docs/architecture.md §3).
import { isKmsError, KmsError, kmsErrorCodes, type KmsErrorCode } from '@zonehold/primitives';

export interface RequestMessage {
  readonly kind: 'request';
  readonly id: number;
  readonly method: string;
  readonly remainingMs: number;
  readonly correlationId: string;
  /** As the peer wrote it; whoever joins the trace judges it. */
  readonly traceparent?: string;
  readonly body: unknown;
}
export type Message =
  | RequestMessage
  | { readonly kind: 'reply'; readonly id: number; readonly body: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: KmsError }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'pong'; readonly id: number; readonly takesCancels: boolean }
  /** Nobody waits for the answer to request `id` any more. Not answered. */
  | { readonly kind: 'cancel'; readonly id: number };

/** Peers' words are cut to this before they are believed or logged. */
const textMaxChars = 500;

/** What a request says of itself besides its body. */
export interface RequestHeaders {
  readonly method: string;
  readonly remainingMs: number;
  readonly correlationId: string;
  /** Needs no escaping (`TraceCarrier`). */
  readonly traceparent?: string | undefined;
}

/** `bodyText` is JSON already: a call that is tried twice is written once. */
export function requestText(id: number, headers: RequestHeaders, bodyText: string): string {
  const { method, remainingMs, correlationId, traceparent } = headers;
  const trace = traceparent === undefined ? '' : `"w":"${traceparent}",`;
  return `{"i":${id},"m":"${method}","t":${remainingMs},"c":${JSON.stringify(correlationId)},${trace}"b":${bodyText}}`;
}

/** `bodyText` is JSON. */
export function replyText(id: number, bodyText: string): string {
  return `{"i":${id},"b":${bodyText}}`;
}

/** What a peer may know of a failure: code, message and outcome of a KmsError; of anything else only that it happened. */
export function failureText(id: number, error: unknown): string {
  const e = isKmsError(error)
    ? { code: error.code, message: error.message.slice(0, textMaxChars), outcome: error.outcome }
    : { code: 'INTERNAL', message: 'The service failed; its log says why.', outcome: 'unknown' };
  return JSON.stringify({ i: id, e });
}

export function pingText(id: number): string {
  return `{"p":${id}}`;
}

/** Says too that cancels are understood: a peer of before them would take one for a breach of the protocol. */
export function pongText(id: number): string {
  return `{"q":${id},"x":1}`;
}

/** Only for peers whose pong said that they understand it. */
export function cancelText(id: number): string {
  return `{"x":${id}}`;
}

interface WireMessage {
  readonly i?: unknown;
  readonly m?: unknown;
  readonly t?: unknown;
  readonly c?: unknown;
  readonly w?: unknown;
  readonly b?: unknown;
  readonly e?: unknown;
  readonly p?: unknown;
  readonly q?: unknown;
  readonly x?: unknown;
}

/** Reads one parsed frame. Throws PROTOCOL when it is none of the six messages: cut the link. */
export function readMessage(frame: unknown): Message {
  if (typeof frame === 'object' && frame !== null) {
    const wire = frame as WireMessage;
    if (typeof wire.i === 'number') return readNumbered(wire.i, wire);
    if (typeof wire.p === 'number') return { kind: 'ping', id: wire.p };
    if (typeof wire.q === 'number')
      return { kind: 'pong', id: wire.q, takesCancels: wire.x !== undefined };
    if (typeof wire.x === 'number') return { kind: 'cancel', id: wire.x };
  }
  throw new KmsError('PROTOCOL', 'a frame is no message');
}

function readNumbered(id: number, wire: WireMessage): Message {
  if (typeof wire.m === 'string') {
    if (typeof wire.t !== 'number' || typeof wire.c !== 'string') {
      throw new KmsError('PROTOCOL', 'a request lacks its deadline or correlation id');
    }
    return {
      kind: 'request',
      id,
      method: wire.m,
      remainingMs: wire.t,
      correlationId: wire.c.slice(0, textMaxChars),
      ...(typeof wire.w === 'string' ? { traceparent: wire.w.slice(0, textMaxChars) } : {}),
      body: wire.b,
    };
  }
  if (wire.e === undefined) return { kind: 'reply', id, body: wire.b };
  return { kind: 'failure', id, error: readError(wire.e) };
}

function readError(wire: unknown): KmsError {
  const { code, message, outcome } = (wire ?? {}) as {
    code?: unknown;
    message?: unknown;
    outcome?: unknown;
  };
  const knownCode = kmsErrorCodes.find((known) => known === code);
  const text = typeof message === 'string' ? message.slice(0, textMaxChars) : 'no reason given';
  // Whoever does not plainly say "not applied" leaves the outcome unknown.
  return new KmsError((knownCode ?? 'INTERNAL') satisfies KmsErrorCode, text, {
    outcome: outcome === 'not-applied' ? 'not-applied' : 'unknown',
  });
}
