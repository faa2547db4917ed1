// The one way an answer leaves the gateway: status, headers and JSON text in a single write, whichever host (hot path or
// express) found the operation. It does not decide what the answer is.
import type { ServerResponse } from 'node:http';
import { contentSecurityPolicy, type Page } from './pages.ts';

/** An answer that is ready to send. */
export interface Answer {
  readonly status: number;
  /** JSON text; absent for answers without a body. */
  readonly body?: string;
  /** A public file instead of a JSON text. */
  readonly page?: Page;
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

/** Public files may be kept, and asked for again by their tag. */
const pageHeaders = [
  'Cache-Control',
  'public, max-age=300',
  'Content-Security-Policy',
  contentSecurityPolicy,
  'Referrer-Policy',
  'no-referrer',
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
  const { page } = answer;
  const kindHeaders = page === undefined ? securityHeaders : pageHeaders;
  const headers = ['Correlation-Id', correlationId, ...kindHeaders];
  if (answer.headers !== undefined) headers.push(...answer.headers);
  if (isDraining || answer.endsConnection === true) headers.push('Connection', 'close');
  if (page !== undefined) {
    headers.push('ETag', page.etag);
    if (answer.status === 200) {
      headers.push('Content-Type', page.contentType, 'Content-Length', String(page.bytes.length));
    }
  } else if (answer.body !== undefined) {
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
  response.end(answer.status === 304 ? undefined : (page?.bytes ?? answer.body));
}
