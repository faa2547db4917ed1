// The gateway from a client's TLS socket to a key-manager's frames and back.
import { connect } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationReply } from '@zonehold/api-contract';
import { edgeLimits } from '@zonehold/service-host';
import { generateKeyPair } from 'jose';
import { matchHotPath } from './hot-path.ts';
import { instanceId, startStandIn, until, type StandIn } from './stand-in.ts';

let region: StandIn;
const wrapPath = '/api/v2/keys/key1/actions/wrap';
const wrappedBody = { ciphertext: 'Y2lwaGVy' };
const wrapped: OperationReply = { ok: true, status: 200, body: wrappedBody };

beforeAll(async () => {
  region = await startStandIn();
});
afterAll(() => region.close());
beforeEach(() => {
  region.asked.length = 0;
  region.logLines.length = 0;
  region.script.operation = async () => wrapped;
});

function lastAsked() {
  const last = region.asked.at(-1);
  if (last === undefined) throw new Error('the key-manager was not asked');
  return last;
}

interface ContractError {
  metadata: { collectionType: string };
  resources: { errorMsg: string; reasons?: { code: string; status: number }[] }[];
}
const codeOf = (body: unknown) => (body as ContractError).resources[0]?.reasons?.[0]?.code;

describe('the bodies that clients send', () => {
  it.each([
    ['absent', undefined, {}],
    ['the literal null', 'null', {}],
    ['an empty object', '{}', {}],
    ['blanks', ' \n', {}],
    ['JSON called a form', '{}', { 'content-type': 'application/x-www-form-urlencoded' }],
    [
      'JSON of a vendor type',
      '{}',
      { 'content-type': 'application/vnd.ibm.kms.key_action_wrap+json' },
    ],
  ])('%s: a wrap generates a data key', async (_name, body, headers) => {
    const answer = await region.send({
      path: wrapPath,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual(wrappedBody);
    expect(lastAsked()).toMatchObject({
      operation: 'wrapKey',
      keyRef: 'key1',
      instanceId,
      body: { aad: [] },
    });
    expect(lastAsked().refusal).toBeUndefined();
  });

  it('that are no JSON travel as a refusal, so that missing rights win', async () => {
    region.script.operation = async ({ refusal }) => {
      expect(refusal?.code).toBe('BAD_BODY_ERR');
      return { ok: false, refusal: { code: 'UNAUTHORIZED_ERR' } };
    };
    const answer = await region.send({ path: wrapPath, body: '{"plaintext": ' });
    expect(answer.status).toBe(401);
    expect((answer.json() as ContractError).resources[0]?.reasons).toBeUndefined();
  });

  it('that are not UTF-8 are refused rather than repaired', async () => {
    await region.send({ path: wrapPath, body: Buffer.from([0x7b, 0xff, 0x7d]) });
    expect(lastAsked().refusal?.code).toBe('BAD_BODY_ERR');
  });

  it('over the limit get 413 and the connection goes on', async () => {
    const answer = await region.send({
      path: wrapPath,
      body: 'x'.repeat(edgeLimits.bodyMaxBytes + 1),
    });
    expect(answer.status).toBe(413);
    expect(codeOf(answer.json())).toBe('REQUEST_TOO_LARGE_ERR');
    expect(answer.headers['connection']).not.toBe('close');
    expect(region.asked).toEqual([]);
  });

  it('at the limit are read', async () => {
    const body = `{}${' '.repeat(edgeLimits.bodyMaxBytes - 2)}`;
    expect((await region.send({ path: wrapPath, body })).status).toBe(200);
  });
});

describe('who may come in', () => {
  it.each([
    ['no token', ''],
    ['another scheme', 'Basic YTpi'],
    ['a token of nobody', 'Bearer eyJhbGciOiJub25lIn0.e30.'],
  ])('%s: 401 without reasons, and how to authenticate', async (_name, authorization) => {
    const answer = await region.send({ path: wrapPath, headers: { authorization }, body: '{bad' });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    expect((answer.json() as ContractError).resources[0]?.errorMsg).toMatch(/^Unauthorized/);
    expect((answer.json() as ContractError).resources[0]?.reasons).toBeUndefined();
    expect(region.asked).toEqual([]);
  });

  it('takes the word Bearer in any case', async () => {
    const authorization = `bEARER ${await region.sign()}`;
    expect((await region.send({ path: wrapPath, headers: { authorization } })).status).toBe(200);
  });

  it('a token without a subject gets 400 BEARER_SUB_EXTRACTION_ERR', async () => {
    const token = await region.sign({ claims: { sub: undefined, iam_id: undefined } });
    const answer = await region.send({
      path: wrapPath,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(400);
    expect(codeOf(answer.json())).toBe('BEARER_SUB_EXTRACTION_ERR');
  });

  it('a token that is none gets 400 BEARER_SUB_EXTRACTION_ERR', async () => {
    const answer = await region.send({
      path: wrapPath,
      headers: { authorization: 'Bearer rubbish' },
    });
    expect(codeOf(answer.json())).toBe('BEARER_SUB_EXTRACTION_ERR');
  });

  it.each([
    ['expired', async () => region.sign({ expiresAtS: 1_000 })],
    ['of another issuer', async () => region.sign({ claims: { iss: 'https://elsewhere' } })],
    [
      'signed by another key',
      async () => region.sign({ key: (await generateKeyPair('ES256')).privateKey }),
    ],
    ['without an end', async () => region.sign({ claims: { exp: undefined } })],
  ])('a token %s gets 401', async (_name, make) => {
    const authorization = `Bearer ${await make()}`;
    expect((await region.send({ path: wrapPath, headers: { authorization } })).status).toBe(401);
  });

  it('a verified token is refused again when it has expired', async () => {
    const expiresAtS = Math.floor(Date.now() / 1_000) + 1;
    const authorization = `Bearer ${await region.sign({ expiresAtS })}`;
    expect((await region.send({ path: wrapPath, headers: { authorization } })).status).toBe(200);
    await until(() => Date.now() > expiresAtS * 1_000);
    expect((await region.send({ path: wrapPath, headers: { authorization } })).status).toBe(401);
  });

  it.each([[''], ['not-a-uuid']])('an instance header %j gets 400', async (value) => {
    const answer = await region.send({ path: wrapPath, headers: { 'bluemix-instance': value } });
    expect(answer.status).toBe(400);
    expect(codeOf(answer.json())).toBe('INVALID_HEADER_ERR');
  });
});

describe('what a request carries inside', () => {
  it('the caller of the token, the ring, the preference and where it came from', async () => {
    const headers = { 'x-kms-key-ring': 'ring1', prefer: 'return=representation' };
    await region.send({ method: 'DELETE', path: '/api/v2/keys/key1?force=true', headers });
    expect(lastAsked()).toMatchObject({
      operation: 'deleteKey',
      caller: { credentialId: 'cred1', iamId: 'iam-ServiceId-1', accountId: 'a1' },
      keyRingId: 'ring1',
      prefer: 'representation',
      query: { isForced: true },
      clientAddress: '127.0.0.1',
    });
  });

  it('the ring that a path names, well formed or with the refusal to give', async () => {
    await region.send({ path: '/api/v2/key_rings/ring-a' });
    expect(lastAsked()).toMatchObject({ operation: 'createKeyRing', subRef: 'ring-a' });
    expect(lastAsked()).not.toHaveProperty('refusal');
    await region.send({ path: '/api/v2/key_rings/ring%20a' });
    expect(lastAsked()).toMatchObject({
      subRef: 'ring a',
      refusal: { code: 'INVALID_FIELD_ERR', target: { name: 'key-ring-id' } },
    });
    await region.send({ method: 'DELETE', path: '/api/v2/key_rings/ring%20a?force=true' });
    expect(lastAsked()).toMatchObject({ operation: 'deleteKeyRing', query: { isForced: true } });
    await region.send({ method: 'GET', path: '/api/v2/key_rings?totalCount=true' });
    expect(lastAsked()).toMatchObject({ operation: 'listKeyRings', query: { limit: 100 } });
    const body = '{"KeyRingID":"ring-b"}';
    await region.send({ method: 'PATCH', path: '/api/v2/keys/key1', body });
    expect(lastAsked()).toMatchObject({ operation: 'patchKey', body: { keyRingId: 'ring-b' } });
  });

  it('the alias that a path gives to a key, well formed or with the refusal to give', async () => {
    await region.send({ path: '/api/v2/keys/key1/aliases/payroll' });
    expect(lastAsked()).toMatchObject({
      operation: 'createKeyAlias',
      keyRef: 'key1',
      subRef: 'payroll',
    });
    expect(lastAsked()).not.toHaveProperty('refusal');
    await region.send({ path: '/api/v2/keys/key1/aliases/policies' });
    expect(lastAsked()).toMatchObject({ refusal: { target: { name: 'alias' } } });
    await region.send({ method: 'DELETE', path: '/api/v2/keys/payroll/aliases/payroll' });
    expect(lastAsked()).toMatchObject({ operation: 'deleteKeyAlias', keyRef: 'payroll' });
  });

  it('one token for equal requests, and another for the same in another ring', async () => {
    const tokenIn = async (ring?: string): Promise<string> => {
      const headers = { 'correlation-id': 'c1', ...(ring && { 'x-kms-key-ring': ring }) };
      await region.send({ path: '/api/v2/keys/key1/actions/rotate', headers });
      return lastAsked().token.value;
    };
    expect(await tokenIn('ring1')).toBe(await tokenIn('ring1'));
    expect(new Set([await tokenIn(), await tokenIn('ring1'), await tokenIn('ring2')]).size).toBe(3);
  });

  it('an operation id of its own, even when everything else is the same', async () => {
    await region.send({ path: wrapPath });
    await region.send({ path: wrapPath });
    const [first, second] = region.asked;
    expect(first?.operationId).toMatch(/^[0-9a-f]{32}$/);
    expect(first?.operationId).not.toBe(second?.operationId);
  });

  it('echoes a harmless Correlation-Id and replaces any other', async () => {
    const echoed = await region.send({ path: wrapPath, headers: { 'correlation-id': 'abc-1' } });
    expect(echoed.headers['correlation-id']).toBe('abc-1');
    const replaced = await region.send({ path: wrapPath, headers: { 'correlation-id': 'a"b{}' } });
    expect(replaced.headers['correlation-id']).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/,
    );
  });

  it('turns a legacy action into its operation, and an unknown one into a refusal', async () => {
    await region.send({ path: '/api/v2/keys/key1?action=rotate', body: 'null' });
    expect(lastAsked().operation).toBe('rotateKey');
    await region.send({ path: '/api/v2/keys/key1?action=explode' });
    expect(lastAsked()).toMatchObject({
      operation: 'actionOnKey',
      refusal: { code: 'INVALID_QUERY_PARAM_ERR' },
    });
  });

  it('gives a path with codes its plain key reference', async () => {
    await region.send({ method: 'GET', path: '/api/v2/keys/my%20key/metadata' });
    expect(lastAsked().keyRef).toBe('my key');
  });
});

describe('answers', () => {
  it('of 204 have no body, and HEAD gives its header', async () => {
    region.script.operation = async () => ({ ok: true, status: 204 });
    const disabled = await region.send({ path: '/api/v2/keys/key1/actions/disable' });
    expect([disabled.status, disabled.text]).toEqual([204, '']);
    region.script.operation = async () => ({
      ok: true,
      status: 200,
      headers: { 'Key-Total': '7' },
    });
    const counted = await region.send({ method: 'HEAD', path: '/api/v2/keys' });
    expect([counted.status, counted.headers['key-total']]).toEqual([200, '7']);
  });

  it('for unknown paths and methods have the shape of the contract', async () => {
    const lost = await region.send({ method: 'GET', path: '/nowhere' });
    expect([lost.status, codeOf(lost.json())]).toEqual([404, 'ROUTE_NOT_FOUND_ERR']);
    const wrong = await region.send({ method: 'PUT', path: '/api/v2/keys' });
    expect([wrong.status, codeOf(wrong.json())]).toEqual([405, 'METHOD_NOT_ALLOWED_ERR']);
    expect(wrong.headers['allow']).toBe('HEAD, POST, GET');
    const broken = await region.send({ method: 'GET', path: '/api/v2/keys/%E0%A4%A' });
    expect(broken.status).toBe(404);
    const capitals = await region.send({ method: 'GET', path: '/api/v2/keys/REGISTRATIONS' });
    expect([capitals.status, lastAsked().operation]).toEqual([200, 'getKey']);
    expect((await region.send({ path: '/API/v2/keys/key1/actions/wrap' })).status).toBe(404);
  });

  it('pass on what a key-manager says of an operation that is not there yet', async () => {
    region.script.operation = async ({ refusal }) => {
      expect(refusal?.code).toBe('NOT_IMPLEMENTED_ERR');
      return { ok: false, refusal: { code: 'NOT_IMPLEMENTED_ERR' } };
    };
    const answer = await region.send({ method: 'GET', path: '/api/v2/keys/key1/migrationIntent' });
    expect([answer.status, codeOf(answer.json())]).toEqual([501, 'NOT_IMPLEMENTED_ERR']);
  });

  it('are logged and counted by route, never by path', async () => {
    await region.send({
      path: '/api/v2/keys/a-very-own-alias/actions/wrap',
      headers: { 'correlation-id': 'c9' },
    });
    const line = region.logLines.find((text) => text.includes('request.served')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      method: 'POST',
      route: '/api/v2/keys/:keyRef/actions/wrap',
      status: 200,
      correlationId: 'c9',
      attempts: 1,
      servedZone: 'us-south-1',
    });
    expect(region.logLines.join('')).not.toContain('a-very-own-alias');
    expect(await region.metrics.text()).toMatch(
      /kms_edge_requests_total\{operation="wrapKey",status="200".*\} \d+/,
    );
  });
});

describe('the two hosts', () => {
  /** Express takes the spelling with a percent code, the hot path the plain one. */
  const spellings = ['/api/v2/keys/key1', '/api/v2/keys/%6bey1'];
  const heads = { good: instanceId, bad: 'x' };

  async function exchange(path: string, instance: string, body: string): Promise<string> {
    const token = await region.sign();
    const lines = [
      `POST ${path} HTTP/1.1`,
      'Host: kms',
      `Authorization: Bearer ${token}`,
      `Bluemix-Instance: ${instance}`,
      'Correlation-Id: same',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    const socket = connect({ host: '127.0.0.1', port: region.regionalPort, ca: region.ca });
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks)
      .toString('latin1')
      .replace(/\r\nDate: [^\r]*/, '');
  }

  it.each([
    ['a wrap', '/actions/wrap', heads.good, '{"aad":["a"]}'],
    ['a legacy unwrap', '?action=unwrap', heads.good, '{"ciphertext":"YQ=="}'],
    ['a rewrap without a body', '/actions/rewrap', heads.good, ''],
    ['a bad instance', '/actions/wrap', heads.bad, ''],
  ])('give the same bytes: %s', async (_name, suffix, instance, body) => {
    region.script.operation = async ({ refusal }) =>
      refusal === undefined ? wrapped : { ok: false, refusal };
    const [hot, express] = await Promise.all(
      spellings.map((path) => exchange(path + suffix, instance, body)),
    );
    const taken = spellings.map((path) => matchHotPath('POST', path + suffix) !== undefined);
    expect(taken).toEqual([true, false]);
    expect(hot).toMatch(/^HTTP\/1\.1 \d{3} /);
    expect(express).toBe(hot);
    const [first, second] = region.asked;
    const one = { ...first, operationId: '-' };
    const other = { ...second, operationId: '-' };
    expect(other).toEqual(one);
  });
});
