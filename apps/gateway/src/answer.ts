// The one way an answer leaves the gateway: status, headers and JSON text in a single write, whichever host (hot path or
// express) found the operation. It does not decide what the answer is.
import type { ServerResponse } from 'node:http';

/** An answer that is ready to send. */
export interface Answer {
  readonly status: number;
  /** JSON text; absent for answers without a body. */
  readonly body?: string;
  /** Names and values in turn, as `writeHead` takes them. */
  readonly headers?: readonly string[];
  /** True when the connection cannot be used again, e.g. after a body that was not read to its end. */
  readonly endsConnection?: boolean;
}

/** RFC 9110 §15.3.5 and §15.4.5: these never have a body, and no Content-Length. */
const bodiless: ReadonlySet<number> = new Set([204, 304]);

/** Answers hold key material or its names: nothing may store, sniff or downgrade them (RFC 9111 §5.2.2.5, RFC 6797). */
const securityHeaders = [
  'Cache-Control',
  'no-store',
  'X-Content-Type-Options',
  'nosniff',
  'Strict-Transport-Security',
  'max-age=31536000',
] as const;

/** Writes `answer` once. A client that has gone is not an error. */
export function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  correlationId: string,
  isDraining: boolean,
): void {
  if (response.destroyed || response.headersSent) return;
  const headers = ['Correlation-Id', correlationId, ...securityHeaders];
  if (answer.headers !== undefined) headers.push(...answer.headers);
  if (isDraining || answer.endsConnection === true) headers.push('Connection', 'close');
  if (answer.body !== undefined) {
    headers.push(
      'Content-Type',
      'application/json',
      'Content-Length',
      String(Buffer.byteLength(answer.body)),
    );
  } else if (!bodiless.has(answer.status) && response.req.method !== 'HEAD') {
    headers.push('Content-Length', '0');
  }
  response.writeHead(answer.status, headers);
  response.end(answer.body);
}
