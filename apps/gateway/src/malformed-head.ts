// What no request may have in its head, whatever it asks for: said before anybody looks at path, token or body. Node's parser has
// refused what is no HTTP by then (parser-refusal.ts).
import type { IncomingMessage } from 'node:http';
import type { ApiRefusal } from '@zonehold/api-contract';
import { edgeLimits } from '@zonehold/service-host';
import { malformedRequest } from './parser-refusal.ts';
import { invalidHeader } from './request-head.ts';

/** What is looked at of a request. Headers that came twice are joined by commas (edge.ts). */
export type RequestHeadLike = Pick<
  IncomingMessage,
  'rawHeaders' | 'headers' | 'httpVersion' | 'url'
>;

/**
 * The refusal to give. Too many headers: Node would drop those behind the limit, and a request with half of its head would be
 * served. No Host, or two: RFC 9112 §3.2. An expectation that nobody here can meet: RFC 9110 §10.1.1.
 */
export function malformedHead(request: RequestHeadLike): ApiRefusal | undefined {
  const { rawHeaders, headers, httpVersion } = request;
  if (rawHeaders.length > 2 * edgeLimits.headersMaxCount || isTooLong(request)) {
    return { code: 'HEADERS_TOO_LARGE_ERR' };
  }
  // Node takes a line without a version for HTTP/0.9, and reads on.
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return malformedRequest;
  const { host, expect } = headers;
  if (host === undefined ? httpVersion !== '1.0' : host.includes(',')) {
    return invalidHeader('Host', 'there once');
  }
  if (expect !== undefined && !/^100-continue$/i.test(expect)) {
    return invalidHeader('Expect', '100-continue');
  }
  return undefined;
}

/** Counted here and not by Node's parser, which stops without saying what method it was: an answer to HEAD has no body. */
function isTooLong({ url = '', rawHeaders }: RequestHeadLike): boolean {
  let length = url.length;
  for (const text of rawHeaders) length += text.length;
  return length > edgeLimits.headersMaxBytes;
}
