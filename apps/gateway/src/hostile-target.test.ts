// Paths, queries and habits that mean harm, through a gateway as it runs. A name in a path is one text, whatever is in it: it leads to no
// other route, and whether a key has it is for the key-manager to say (its hostile-names.test.ts). What cannot be read is refused.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { goodHead, sendRaw, type RawAnswer } from './hostile-client.ts';
import { startStandIn, type StandIn } from './stand-in.ts';

let region: StandIn;
const keys = '/api/v2/keys';

beforeAll(async () => {
  region = await startStandIn();
});
afterAll(() => region.close());
beforeEach(() => {
  region.asked.length = 0;
  region.script.operation = async ({ refusal }) =>
    refusal === undefined ? { ok: true, status: 200, body: {} } : { ok: false, refusal };
});

const ask = async (
  target: string,
  method = 'GET',
  lines: readonly string[] = [],
): Promise<RawAnswer> =>
  sendRaw(region, await goodHead(region, `${method} ${target} HTTP/1.1`, lines));

describe('a name in a path', () => {
  it.each([
    ['..%2f..%2fadmin', '../../admin'],
    ['%2e%2e', '..'],
    ['..', '..'],
    ['%252e%252e%252f', '%2e%2e%2f'],
    ['a%00b', 'a\0b'],
    ['a%0d%0aX-Evil:%20yes', 'a\r\nX-Evil: yes'],
    ['%ef%bc%8e%ef%bc%8e', '．．'],
    ['__proto__', '__proto__'],
    ['a;b=c', 'a;b=c'],
    ['a+b', 'a+b'],
    ['x'.repeat(10_000), 'x'.repeat(10_000)],
  ])('%s stays one name', async (written, keyRef) => {
    const answer = await ask(`${keys}/${written}/metadata`);
    expect(answer.status).toBe(200);
    expect(answer.head).not.toMatch(/evil/i);
    expect(region.asked).toMatchObject([{ operation: 'getKeyMetadata', keyRef }]);
    const wrapped = await ask(`${keys}/${written}/actions/wrap`, 'POST');
    expect(wrapped.status).toBe(200);
    expect(region.asked[1]).toMatchObject({ operation: 'wrapKey', keyRef });
    expect(region.logLines.join('')).not.toContain(
      JSON.stringify(keyRef).slice(1, -1).slice(0, 40),
    );
  });

  it.each([
    `${keys}/%ff`,
    `${keys}/%E0%A4%A`,
    `${keys}/%`,
    `${keys}/%zz/actions/wrap`,
    `${keys}/a/b/metadata`,
    `${keys}/../keys/a/b`,
    '/api/v2/../v2/keys',
    '//api/v2/keys',
    '/api//v2/keys',
    '/api/v2/keys%2fkey1',
    '/API/V2/KEYS',
    '/',
  ])('is not looked for by %s', async (target) => {
    for (const method of ['GET', 'POST']) {
      const answer = await ask(target, method);
      expect([answer.status, answer.body]).toEqual([
        404,
        expect.stringContaining('ROUTE_NOT_FOUND_ERR'),
      ]);
    }
    expect(region.asked).toEqual([]);
  });

  it('is the same when the whole address is written, whoever it says is meant', async () => {
    expect((await ask(`https://elsewhere.example${keys}/key1?force=true`, 'DELETE')).status).toBe(
      200,
    );
    expect(region.asked).toMatchObject([
      { operation: 'deleteKey', keyRef: 'key1', query: { isForced: true } },
    ]);
    expect((await ask(`https://elsewhere.example/api/v2/nothing`)).status).toBe(404);
  });
});

describe('a query', () => {
  it.each([
    ['GET', `${keys}?limit=1&limit=2`],
    ['GET', `${keys}?limit=0`],
    ['GET', `${keys}?limit=5001`],
    ['GET', `${keys}?limit=1e3`],
    ['GET', `${keys}?limit=0x10`],
    ['GET', `${keys}?limit=%00`],
    ['GET', `${keys}?offset=-1`],
    ['GET', `${keys}?offset=99999999999999999999`],
    ['GET', `${keys}?sort=__proto__`],
    ['GET', `${keys}?sort=id&sort=id`],
    ['GET', `${keys}?state=9`],
    ['GET', `${keys}?state=${'1,'.repeat(100)}1`],
    ['GET', `${keys}?extractable=maybe`],
    ['GET', `${keys}?totalCount=TRUE`],
    ['GET', `${keys}/k/versions?allKeyStates=1`],
    ['DELETE', `${keys}/k?force=true&force=false`],
    ['DELETE', `${keys}/k?force=%E0%A4%A`],
    ['POST', `${keys}/k?action=wrap&action=rotate`],
    ['POST', `${keys}/k?action=`],
    ['POST', `${keys}/k?action=constructor`],
    ['GET', `${keys}/k/policies?policy=__proto__`],
    ['GET', '/api/v2/instance/policies?policy=metrics&policy=metrics'],
  ])('%s %s is refused by its parameter', async (method, target) => {
    const answer = await ask(target, method);
    expect([answer.status, answer.body]).toEqual([
      400,
      expect.stringContaining('INVALID_QUERY_PARAM_ERR'),
    ]);
    expect(region.asked.every(({ refusal }) => refusal !== undefined)).toBe(true);
  });

  it('may hold what nobody asked for', async () => {
    const target = `${keys}/k?__proto__=x&constructor=y&a[b]=c&=&&%00=z`;
    expect((await ask(target)).status).toBe(200);
  });
});

describe('habits of clients', () => {
  it.each([
    'Accept: text/html;q=0.1',
    'Accept: application/xml',
    'Accept: , ;;q=9',
    'Accept: */*, */*',
    'Accept-Encoding: br;q=1, identity;q=0',
    'Content-Type: text/plain; charset=utf-7',
    'Upgrade: h2c',
    'Cookie: a=b',
  ])('%s is nothing to refuse', async (line) => {
    const answer = await ask(`${keys}/key1`, 'GET', [line]);
    expect(answer.status).toBe(200);
    expect(answer.head).toMatch(/\r\nContent-Type: application\/json\r\n/i);
  });

  it('Expect: 100-continue gets its word and its answer', async () => {
    const lines = ['Expect: 100-continue', 'Content-Length: 2'];
    const head = await goodHead(region, `POST ${keys}/key1/actions/wrap HTTP/1.1`, lines);
    const answer = await sendRaw(region, `${head}{}`);
    expect(answer.status).toBe(100);
    expect(answer.body).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('Expect: 100-continue is not asked to send what would be refused', async () => {
    const lines = ['Expect: 100-continue', 'Content-Length: 100'];
    const head = await goodHead(region, `POST ${keys}/key1/actions/wrap HTTP/1.1`, lines);
    const answer = await sendRaw(region, head.replace(/Bearer [^\r]*/, 'Bearer x.y.z'));
    expect(answer.head).toMatch(/^HTTP\/1\.1 40[01] [^]*\r\nConnection: close/i);
    expect(region.asked).toEqual([]);
  });

  it('HTTP/1.0 is served, with or without a Host', async () => {
    const head = await goodHead(region, `GET ${keys}/key1 HTTP/1.0`);
    expect((await sendRaw(region, head)).status).toBe(200);
    expect((await sendRaw(region, head.replace('Host: kms\r\n', ''))).status).toBe(200);
  });
});
