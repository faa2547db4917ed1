// What a client is told when Node's parser gives up, by where its connection stood.
import { describe, expect, it } from 'vitest';
import { parserRefusal, type OwedAnswer } from './parser-refusal.ts';

const owed = (over: Partial<OwedAnswer>): OwedAnswer => ({
  socket: {},
  headersSent: false,
  writableFinished: false,
  req: { complete: false },
  ...over,
});

describe('a request that cannot be parsed', () => {
  it.each([
    ['HPE_HEADER_OVERFLOW', 'HEADERS_TOO_LARGE_ERR'],
    // Go closes an idle connection quietly on 408, and takes anything else for an answer.
    ['ERR_HTTP_REQUEST_TIMEOUT', 'REQUEST_TIMEOUT_ERR'],
    ['HPE_INVALID_METHOD', 'BAD_BODY_ERR'],
    [undefined, 'BAD_BODY_ERR'],
  ])('for %s is told %s', (parserCode, code) => {
    expect(parserRefusal(parserCode, undefined)?.code).toBe(code);
  });

  it.each([
    ['the answer before it has gone out', { writableFinished: true }, true],
    ['its own body is what broke', {}, true],
    ['a whole request before it waits for its answer', { req: { complete: true } }, false],
    ['it stands behind another request', { socket: null }, false],
    ['its answer has begun', { headersSent: true }, false],
  ])('when %s', (_where, last, isTold) => {
    expect(parserRefusal('HPE_INVALID_CHUNK_SIZE', owed(last)) !== undefined).toBe(isTold);
  });
});
