// What a client is told when Node's parser or its clock gives up on a request, and when it must be told nothing. It sees no
// parsed request and opens no socket.
import type { ApiRefusal } from '@zonehold/api-contract';

/** What there is to know of the last answer begun on a connection: members of Node's ServerResponse. */
export interface OwedAnswer {
  /** Null while answers to earlier requests go first. */
  readonly socket: object | null;
  readonly headersSent: boolean;
  readonly writableFinished: boolean;
  /** `complete`: the whole request has arrived, so it may be at work. */
  readonly req: { readonly complete: boolean };
}

/** Codes of Node's parser and connection check that have an answer of their own. */
const refusalByParserCode: Readonly<Record<string, ApiRefusal>> = {
  HPE_HEADER_OVERFLOW: { code: 'HEADERS_TOO_LARGE_ERR' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'REQUEST_TIMEOUT_ERR' },
};
/** What is no HTTP that we speak. */
export const malformedRequest: ApiRefusal = {
  code: 'BAD_BODY_ERR',
  detail: 'the request is not HTTP/1.1',
};

/**
 * The refusal to write to the connection. Undefined when its client still waits for another answer: it would take the
 * refusal for that one, and believe that a change which was applied was not (promise P6). A connection that is cut says
 * nothing, and a repeat is safe.
 */
export function parserRefusal(
  parserCode: string | undefined,
  last: OwedAnswer | undefined,
): ApiRefusal | undefined {
  const isAnswerFree =
    last === undefined ||
    last.writableFinished ||
    (last.socket !== null && !last.headersSent && !last.req.complete);
  if (!isAnswerFree) return undefined;
  return refusalByParserCode[parserCode ?? ''] ?? malformedRequest;
}
