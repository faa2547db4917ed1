// Requests that mean harm, written byte by byte, through a gateway as it runs. Each gets a 4xx in the shape of the contract, or a
// connection that ends; none is served, and none reaches a key-manager but with the refusal that it is to get.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { edgeLimits } from '@zonehold/service-host';
import { goodHead, sendRaw, type RawAnswer } from './hostile-client.ts';
import { startStandIn, type StandIn } from './stand-in.ts';

let region: StandIn;
const wrap = 'POST /api/v2/keys/key1/actions/wrap HTTP/1.1';
const express = 'POST /api/v2/keys/%6bey1/actions/wrap HTTP/1.1';

beforeAll(async () => {
  region = await startStandIn();
});
afterAll(() => region.close());
beforeEach(() => {
  region.asked.length = 0;
  region.script.operation = async ({ refusal }) =>
    refusal === undefined ? { ok: true, status: 200, body: {} } : { ok: false, refusal };
});

/** The whole promise of this file: 4xx, the contract's envelope, no operation without a refusal. */
function expectRefused({ status, head, body }: RawAnswer, wanted: number, code: string): void {
  expect([status, body]).toEqual([wanted, expect.stringContaining(code)]);
  expect(head).toMatch(/\r\nContent-Type: application\/json\r\n/i);
  const parsed = JSON.parse(body) as { resources: { errorMsg: string }[] };
  expect(parsed.resources[0]?.errorMsg).toMatch(/^[A-Z]/);
  expect(region.asked.filter(({ refusal }) => refusal === undefined)).toEqual([]);
}

const withBody = async (body: string | Buffer, line = wrap): Promise<RawAnswer> => {
  const bytes = Buffer.from(body);
  const head = await goodHead(region, line, [`Content-Length: ${bytes.byteLength}`]);
  return sendRaw(region, Buffer.concat([Buffer.from(head), bytes]));
};

describe('bodies', () => {
  const create = 'POST /api/v2/keys HTTP/1.1';
  const rings = 'PATCH /api/v2/keys/key1 HTTP/1.1';
  const policies = 'PUT /api/v2/instance/policies HTTP/1.1';
  const key = (resource: string): string =>
    `{"metadata":{"collectionTotal":1},"resources":[${resource}]}`;
  const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

  it.each([
    ['an array', wrap, '[]', 'BAD_BODY_ERR'],
    ['a text', wrap, '"x"', 'BAD_BODY_ERR'],
    ['a number', wrap, '7', 'BAD_BODY_ERR'],
    ['cut off', wrap, '{"plaintext":"', 'BAD_BODY_ERR'],
    ['with more behind its end', wrap, '{}{}', 'BAD_BODY_ERR'],
    ['not JSON but JavaScript', wrap, "{plaintext:'x'}", 'BAD_BODY_ERR'],
    ['with a NUL', wrap, '{}\0', 'BAD_BODY_ERR'],
    ['with a byte order mark', wrap, '\ufeff{}', 'BAD_BODY_ERR'],
    ['that is no UTF-8', wrap, Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]), 'BAD_BODY_ERR'],
    ['of overlong UTF-8', wrap, Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'BAD_BODY_ERR'],
    ['of half a surrogate', wrap, Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'BAD_BODY_ERR'],
    ['of UTF-16', wrap, Buffer.from('{}', 'utf16le'), 'BAD_BODY_ERR'],
    ['nested in 33 levels', wrap, nested(33), 'BAD_BODY_ERR'],
    ['nested in 100,000 levels', wrap, '['.repeat(100_000), 'BAD_BODY_ERR'],
    ['nested in 80,000 objects', wrap, nested(80_000), 'BAD_BODY_ERR'],
    ['with a member twice', wrap, '{"plaintext":"YQ==","plaintext":"Yg=="}', 'BAD_BODY_ERR'],
    ['with a member twice, once in capitals', wrap, '{"aad":[],"AAD":["a"]}', 'BAD_BODY_ERR'],
    ['with a member twice, once escaped', wrap, '{"aad":[],"\\u0061ad":["a"]}', 'BAD_BODY_ERR'],
    [
      'with a member twice deep inside',
      create,
      key('{"name":"ab","x":{"y":1,"y":2}}'),
      'BAD_BODY_ERR',
    ],
    ['with a plaintext that is a number', wrap, '{"plaintext":7}', 'INVALID_FIELD_ERR'],
    ['with a plaintext that is an object', wrap, '{"plaintext":{"a":1}}', 'INVALID_FIELD_ERR'],
    ['with URL-safe base64', wrap, '{"plaintext":"_-8="}', 'INVALID_FIELD_ERR'],
    ['with base64 and a line break', wrap, '{"plaintext":"YWJj\\nYWJj"}', 'INVALID_FIELD_ERR'],
    ['with AAD that is a text', wrap, '{"aad":"a"}', 'INVALID_FIELD_ERR'],
    ['with AAD of numbers', wrap, '{"aad":[1]}', 'INVALID_FIELD_ERR'],
    ['with half a surrogate in AAD', wrap, '{"aad":["\\ud800"]}', 'INVALID_FIELD_ERR'],
    ['with more AAD than may be', wrap, `{"aad":[${'"a",'.repeat(255)}"a"]}`, 'INVALID_FIELD_ERR'],
    [
      'that are none where one must be',
      'POST /api/v2/keys/k/actions/unwrap HTTP/1.1',
      '',
      'NO_BODY_ERR',
    ],
    ['of a create without a key', create, key(''), 'COLLECTION_TOTAL_MISMATCH_ERR'],
    [
      'of a create whose total lies',
      create,
      '{"metadata":{"collectionTotal":2},"resources":[{}]}',
      'COLLECTION_TOTAL_MISMATCH_ERR',
    ],
    [
      'of a create with a total that is no number',
      create,
      '{"metadata":{"collectionTotal":"1"},"resources":[{}]}',
      'BAD_BODY_ERR',
    ],
    ['of a create with a name that is a list', create, key('{"name":["ab"]}'), 'INVALID_FIELD_ERR'],
    [
      'of a create named by half a surrogate',
      create,
      key('{"name":"a\\ud800"}'),
      'INVALID_FIELD_ERR',
    ],
    ['of a move without a ring', rings, '{"__proto__":{"keyRingID":"ring"}}', 'INVALID_FIELD_ERR'],
    [
      'of a policy with a member nobody knows',
      policies,
      key('{"policy_type":"metrics","policy_data":{"enabled":true},"x":1}'),
      'BAD_BODY_ERR',
    ],
  ])('%s', async (_what, line, body, code) => {
    expectRefused(await withBody(body, line), 400, code);
  });

  it('with a member of Object.prototype say nothing: what is asked is what is written', async () => {
    const answer = await withBody('{"__proto__":{"plaintext":"YQ=="},"constructor":1}');
    expect(answer.status).toBe(200);
    expect(region.asked[0]?.body).toEqual({ aad: [] });
  });

  it.each([
    ['a length', (size: number) => [`Content-Length: ${size}`]],
    ['chunks', () => ['Transfer-Encoding: chunked']],
  ])('of 1 MiB, announced by %s, are too large', async (how, lines) => {
    const size = 1024 * 1024;
    const head = await goodHead(region, wrap, lines(size));
    const body = 'x'.repeat(size);
    const framed = how === 'chunks' ? `${size.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
    expectRefused(await sendRaw(region, head + framed), 413, 'REQUEST_TOO_LARGE_ERR');
    expect(region.asked).toEqual([]);
  });
});

describe('heads', () => {
  const filler = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `X-Filler-${index}: x`);

  it.each([
    ['16 KiB and more', [`Padding: ${'x'.repeat(edgeLimits.headersMaxBytes)}`]],
    [
      '64 KiB and more, where the parser stops',
      [`Padding: ${'x'.repeat(edgeLimits.headersParsedMaxBytes)}`],
    ],
    // Four come with every good head.
    ['101 headers', filler(edgeLimits.headersMaxCount - 3)],
    ['many more than 100 headers', filler(900)],
  ])('of %s are too large', async (_what, lines) => {
    for (const line of [wrap, express]) {
      const answer = await sendRaw(region, await goodHead(region, line, lines));
      expectRefused(answer, 431, 'HEADERS_TOO_LARGE_ERR');
      expect(region.asked).toEqual([]);
    }
  });

  it('of a HEAD that are too large or no HTTP are refused without a body', async () => {
    const large = [`Padding: ${'x'.repeat(edgeLimits.headersMaxBytes)}`];
    const line = 'HEAD /api/v2/keys HTTP/1.1';
    const answers = [
      await sendRaw(region, await goodHead(region, line, large)),
      await sendRaw(region, await goodHead(region, line, ['X(Odd): x'])),
    ];
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [431, ''],
      [400, ''],
    ]);
  });

  it('of 100 headers are served whole', async () => {
    const lines = [...filler(edgeLimits.headersMaxCount - 5), 'X-Kms-Key-Ring: last'];
    const line = 'GET /api/v2/keys/key1 HTTP/1.1';
    expect((await sendRaw(region, await goodHead(region, line, lines))).status).toBe(200);
    expect(region.asked[0]?.keyRingId).toBe('last');
  });

  it.each([
    ['Authorization twice', ['Authorization: Bearer x'], 401, 'Unauthorized'],
    [
      'Bluemix-Instance twice',
      ['Bluemix-Instance: 22222222-2222-4333-8444-555555555555'],
      400,
      'INVALID_HEADER_ERR',
    ],
    ['X-Kms-Key-Ring twice', ['X-Kms-Key-Ring: a', 'X-Kms-Key-Ring: b'], 400, 'INVALID_HEADER_ERR'],
    [
      'Idempotency-Key twice',
      ['Idempotency-Key: a', 'Idempotency-Key: b'],
      400,
      'INVALID_HEADER_ERR',
    ],
    ['Host twice', ['Host: other'], 400, 'INVALID_HEADER_ERR'],
    ['an expectation nobody can meet', ['Expect: 200-ok'], 400, 'INVALID_HEADER_ERR'],
    ['a length twice', ['Content-Length: 0', 'Content-Length: 2'], 400, 'BAD_BODY_ERR'],
    ['a length that is no number', ['Content-Length: 0x2'], 400, 'BAD_BODY_ERR'],
    ['a length below nothing', ['Content-Length: -1'], 400, 'BAD_BODY_ERR'],
    [
      'a length and chunks',
      ['Content-Length: 2', 'Transfer-Encoding: chunked'],
      400,
      'BAD_BODY_ERR',
    ],
    [
      'chunks that are not the last coding',
      ['Transfer-Encoding: chunked, identity'],
      400,
      'BAD_BODY_ERR',
    ],
    ['chunks in disguise', ['Transfer-Encoding: xchunked'], 400, 'BAD_BODY_ERR'],
    ['a blank before the colon', ['X-Odd : x'], 400, 'BAD_BODY_ERR'],
    ['a folded line', ['X-Odd: x', ' more'], 400, 'BAD_BODY_ERR'],
    ['a NUL', ['X-Odd: \0'], 400, 'BAD_BODY_ERR'],
    ['a line feed alone', ['X-Odd: x\nX-More: y'], 400, 'BAD_BODY_ERR'],
    ['a carriage return alone', ['X-Odd: x\rX-More: y'], 400, 'BAD_BODY_ERR'],
    ['a name that is none', ['X(Odd): x'], 400, 'BAD_BODY_ERR'],
  ])('with %s', async (_what, lines, status, code) => {
    for (const line of ['GET /api/v2/keys/key1 HTTP/1.1', wrap]) {
      region.asked.length = 0;
      const answer = await sendRaw(region, await goodHead(region, line, lines));
      expectRefused(answer, status, code);
    }
  });

  it('without a Host, which HTTP/1.1 demands', async () => {
    expectRefused(await sendRaw(region, `${wrap}\r\nConnection: close\r\n\r\n`), 400, 'Host');
  });

  it.each([
    ['an unknown method', 'EXPLODE /api/v2/keys HTTP/1.1', 400, 'BAD_BODY_ERR'],
    ['a method in small letters', 'get /api/v2/keys HTTP/1.1', 400, 'BAD_BODY_ERR'],
    ['a method of something else', 'PROPFIND /api/v2/keys HTTP/1.1', 405, 'METHOD_NOT_ALLOWED_ERR'],
    ['TRACE', 'TRACE /api/v2/keys HTTP/1.1', 405, 'METHOD_NOT_ALLOWED_ERR'],
    ['the asterisk', 'OPTIONS * HTTP/1.1', 404, 'ROUTE_NOT_FOUND_ERR'],
    ['HTTP/2 without having agreed on it', 'PRI * HTTP/2.0', 400, 'BAD_BODY_ERR'],
    ['HTTP/0.9', 'GET /api/v2/keys', 400, 'BAD_BODY_ERR'],
    ['HTTP of another world', 'GET /api/v2/keys HTTP/9.9', 400, 'BAD_BODY_ERR'],
    ['a blank in the path', 'GET /api/v2/keys /x HTTP/1.1', 400, 'BAD_BODY_ERR'],
    ['a NUL in the path', 'GET /api/v2/keys\0 HTTP/1.1', 400, 'BAD_BODY_ERR'],
  ])('that begin with %s', async (_what, line, status, code) => {
    expectRefused(await sendRaw(region, await goodHead(region, line)), status, code);
    expect(region.asked).toEqual([]);
  });

  it('of a tunnel are cut', async () => {
    const answer = await sendRaw(region, await goodHead(region, 'CONNECT kms:443 HTTP/1.1'));
    expect(answer.status).toBe(0);
  });
});

describe('two requests in one', () => {
  it('never hide the second in the body of the first', async () => {
    const hidden = 'GET /api/v2/keys/hidden HTTP/1.1\r\nHost: kms\r\n\r\n';
    const lines = [`Content-Length: ${hidden.length}`, 'Transfer-Encoding: chunked'];
    const head = await goodHead(region, wrap, lines);
    expectRefused(await sendRaw(region, `${head}0\r\n\r\n${hidden}`), 400, 'BAD_BODY_ERR');
    expect(region.asked).toEqual([]);
  });

  it.each([
    ['a size that is no number', 'zz\r\n{}\r\n0\r\n\r\n'],
    ['a size that is too large', 'fffffffffffffffff\r\n{}\r\n'],
    ['a chunk that is longer than it says', '2\r\n{}}\r\n0\r\n\r\n'],
  ])('never begin behind chunks with %s', async (_what, body) => {
    const head = await goodHead(region, wrap, ['Transfer-Encoding: chunked']);
    expectRefused(await sendRaw(region, head + body), 400, 'BAD_BODY_ERR');
    expect(region.asked).toEqual([]);
  });

  it('say nothing in trailers: those of chunks are read and forgotten', async () => {
    const head = await goodHead(region, wrap, ['Transfer-Encoding: chunked']);
    const trailers = 'Bluemix-Instance: x\r\nAuthorization: Bearer x\r\nX-Kms-Key-Ring: r\r\n';
    const answer = await sendRaw(region, `${head}2\r\n{}\r\n0\r\n${trailers}\r\n`);
    expect(answer.status).toBe(200);
    expect(region.asked[0]).not.toHaveProperty('keyRingId');
  });
});
