// Requests byte for byte as clients send them that are not to be had from a package index, or that write them in an odd way: the
// Java and the newer Node client, the old Python client's legacy form, curl as the vendor's examples use it. (Go, Python and Node
// 0.1.2 run themselves: go-client.e2e.test.ts, python-client.e2e.test.ts, sdk.e2e.test.ts.)
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { sendRaw, type RawReply } from './raw-http.ts';
import { attachRegion } from './region.ts';

const region = attachRegion();
const keyType = 'application/vnd.ibm.kms.key+json';
let token = '';

beforeAll(async () => {
  token = await region.bearerToken('MANAGER');
});

/** How a client frames what it says: the headers that it always sends, and its name for a body's media type. */
interface Client {
  readonly name: string;
  readonly headers: readonly string[];
  /** Media type of a body, by what the operation is. No such header when undefined. */
  readonly contentType: (kind: 'key' | 'wrap' | 'unwrap' | 'rotate') => string | undefined;
}

const clients: readonly Client[] = [
  {
    name: 'the newer Node client',
    headers: [
      `Accept: ${keyType}`,
      'Accept-Encoding: gzip, compress, deflate, br',
      'User-Agent: platform-services-node-sdk/0.4.0',
    ],
    contentType: (kind) =>
      kind === 'key' ? keyType : `application/vnd.ibm.kms.key_action_${kind}+json`,
  },
  {
    name: 'the Java client',
    headers: ['Accept: application/json', 'Accept-Encoding: gzip', 'User-Agent: okhttp/4.9.1'],
    contentType: (kind) =>
      kind === 'key' ? keyType : `application/vnd.ibm.kms.key_action_${kind}+json`,
  },
  {
    name: 'the Go client, which names no media type',
    headers: [
      'accept: application/json',
      'User-Agent: Go-http-client/1.1',
      'Accept-Encoding: gzip',
    ],
    contentType: () => undefined,
  },
  {
    name: 'curl -d, which calls every body a form',
    headers: ['Accept: */*', 'User-Agent: curl/7.88.1'],
    contentType: () => 'application/x-www-form-urlencoded',
  },
];

/** Sends one request of the contract. `lines` are the headers that only this request has. */
function say(
  method: string,
  path: string,
  { body, lines = [] }: { body?: string; lines?: readonly string[] } = {},
): Promise<RawReply> {
  const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${new URL(region.url).host}`,
    `authorization: Bearer ${token}`,
    `bluemix-instance: ${region.instanceId}`,
    `correlation-id: ${randomUUID()}`,
    ...lines,
    ...length,
    'Connection: close',
  ];
  return sendRaw(region, head, body);
}

function sayAs(
  client: Client,
  kind: 'key' | 'wrap' | 'unwrap' | 'rotate',
  path: string,
  body: string,
): Promise<RawReply> {
  const contentType = client.contentType(kind);
  const lines = contentType === undefined ? [] : [`Content-Type: ${contentType}`];
  return say('POST', path, { body, lines: [...client.headers, ...lines] });
}

function envelope(resource: object): string {
  return JSON.stringify({
    metadata: { collectionType: keyType, collectionTotal: 1 },
    resources: [{ type: keyType, ...resource }],
  });
}

function keyIn(reply: RawReply): Record<string, unknown> & { id: string } {
  const { resources = [] } = reply.body as { resources?: { id: string }[] };
  expect(resources).toHaveLength(1);
  return resources[0] as Record<string, unknown> & { id: string };
}

async function makeKey(resource: object = { name: 'replayed', extractable: false }) {
  return keyIn(await say('POST', '/api/v2/keys', { body: envelope(resource) })).id;
}

describe.each(clients)('$name', (client) => {
  it('makes a key, wraps, unwraps and rotates, whatever it calls its bodies', async () => {
    const made = await sayAs(
      client,
      'key',
      '/api/v2/keys',
      envelope({ name: 'rk', extractable: false }),
    );
    expect(made.status).toBe(201);
    const { id } = keyIn(made);
    const wrapped = await sayAs(client, 'wrap', `/api/v2/keys/${id}/actions/wrap`, '{}');
    expect(wrapped).toMatchObject({
      status: 200,
      body: { plaintext: expect.any(String) as string, keyVersion: { id } },
    });
    const { ciphertext, plaintext } = wrapped.body as Record<string, string>;
    const rotated = await sayAs(client, 'rotate', `/api/v2/keys/${id}/actions/rotate`, '{}');
    expect(rotated).toMatchObject({ status: 204, body: undefined });
    const body = JSON.stringify({ ciphertext });
    const opened = await sayAs(client, 'unwrap', `/api/v2/keys/${id}/actions/unwrap`, body);
    expect(opened).toMatchObject({ status: 200, body: { plaintext, keyVersion: { id } } });
    expect(opened.body).toHaveProperty('rewrappedKeyVersion.id');
  });
});

describe('a body', () => {
  it.each([
    ['the literal null, as Go sends it', 'null', ['Content-Type: application/json']],
    ['of no bytes, as Node and Java send it', '', []],
    ['of an empty object, as Python sends it', '{}', ['Content-Type: application/json']],
  ])('%s, is none for disable and rotate', async (_what, body, lines) => {
    const id = await makeKey();
    const rotated = await say('POST', `/api/v2/keys/${id}/actions/rotate`, { body, lines });
    expect(rotated.status).toBe(204);
    const disabled = await say('POST', `/api/v2/keys/${id}/actions/disable`, { body, lines });
    expect(disabled.status).toBe(204);
  });

  it('is read by names in any case: Tags at a create, KeyRingID at a move', async () => {
    const ring = `ring-${randomUUID().slice(0, 8)}`;
    expect((await say('POST', `/api/v2/key_rings/${ring}`)).status).toBe(201);
    const id = await makeKey({ name: 'named by Go', extractable: false, Tags: ['one', 'two'] });
    const body = JSON.stringify({ KeyRingID: ring });
    const moved = await say('PATCH', `/api/v2/keys/${id}`, { body });
    expect(moved.status).toBe(200);
    expect(keyIn(moved)).toMatchObject({ keyRingID: ring, tags: ['one', 'two'] });
  });

  it('may hold members that a rotation does not know, as the vendor documents it', async () => {
    const id = await makeKey();
    const body = JSON.stringify({ type: keyType, name: 'x', description: 'y', extractable: false });
    expect((await say('POST', `/api/v2/keys/${id}/actions/rotate`, { body })).status).toBe(204);
  });

  it('may hold an empty payload at a rotation: the same as none', async () => {
    const id = await makeKey();
    const body = JSON.stringify({ payload: '' });
    expect((await say('POST', `/api/v2/keys/${id}/actions/rotate`, { body })).status).toBe(204);
  });
});

describe('the legacy form, which is all that the old Python client uses', () => {
  const lines = ['Content-Type: application/json', 'Accept: */*'];

  it('wraps, unwraps and rotates, and its errors can be read', async () => {
    const id = await makeKey();
    const wrapped = await say('POST', `/api/v2/keys/${id}?action=wrap`, { body: '{}', lines });
    expect(wrapped.status).toBe(200);
    const { ciphertext, plaintext } = wrapped.body as Record<string, string>;
    const opened = await say('POST', `/api/v2/keys/${id}?action=unwrap`, {
      body: JSON.stringify({ ciphertext }),
      lines,
    });
    expect(opened.body).toMatchObject({ plaintext });
    const rotated = await say('POST', `/api/v2/keys/${id}?action=rotate`, { body: '{}', lines });
    expect(rotated.status).toBe(204);
    const refused = await say('POST', `/api/v2/keys/${randomUUID()}?action=wrap`, {
      body: '{}',
      lines,
    });
    expect(refused).toMatchObject({
      status: 404,
      body: { resources: [{ errorMsg: expect.stringContaining('Not Found') as string }] },
    });
  });
});

describe('what clients ask for in headers', () => {
  it('is no reason to refuse: any Accept, and gzip', async () => {
    const id = await makeKey();
    for (const accept of [
      'application/vnd.ibm.collection+json',
      'application/vnd.ibm.kms.key_action+json',
      'application/vnd.ibm.kms.policy+json',
      'text/html',
    ]) {
      const lines = [`Accept: ${accept}`, 'Accept-Encoding: gzip'];
      const read = await say('GET', `/api/v2/keys/${id}/metadata`, { lines });
      expect(read.status).toBe(200);
      expect(keyIn(read).id).toBe(id);
    }
  });

  it('is force=false as Go writes it, and the deletion answers 204 without a body', async () => {
    const id = await makeKey();
    const lines = ['prefer: return=minimal', 'accept: application/json'];
    const deleted = await say('DELETE', `/api/v2/keys/${id}?force=false`, { lines });
    expect(deleted).toMatchObject({ status: 204, body: undefined });
  });

  it('is the correlation id, which comes back', async () => {
    const { headers } = await say('GET', '/api/v2/keys?limit=1');
    expect(headers['correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a search and a filter', () => {
  it('are read with the comma and the blank that Go adds to them', async () => {
    const name = `found-${randomUUID()}`;
    const id = await makeKey({ name, extractable: true });
    const query = new URLSearchParams({
      search: `${name},`,
      filter: ` extractable=true state=1,5 creationDate=gt:"2020-01-02T03:04:05.123456789+01:00"`,
    });
    const found = await say('GET', `/api/v2/keys?${query.toString()}`);
    expect(found.status).toBe(200);
    expect(keyIn(found).id).toBe(id);
  });

  it('are read with commas that Node encodes', async () => {
    const found = await say('GET', '/api/v2/keys?state=1%2C5&limit=1');
    expect(found.status).toBe(200);
  });
});

describe('an import token', () => {
  it('is asked for with whole numbers that Python writes as floats', async () => {
    const body = '{"expiration": 600.0, "maxAllowedRetrievals": 3.0}';
    const lines = ['Content-Type: application/json'];
    expect(await say('POST', '/api/v2/import_token', { body, lines })).toMatchObject({
      status: 200,
      body: { maxAllowedRetrievals: 3, remainingRetrievals: 3 },
    });
  });
});

describe('the token endpoint', () => {
  it.each(['/identity/token', '/oidc/token'])('serves %s', async (path) => {
    const form = new URLSearchParams({
      grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
      apikey: region.apiKey('MANAGER'),
      response_type: 'cloud_iam',
    }).toString();
    const reply = await sendRaw(
      region,
      [
        `POST ${path} HTTP/1.1`,
        `Host: ${new URL(region.url).host}`,
        'Accept: application/json',
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${form.length}`,
        'Connection: close',
      ],
      form,
    );
    expect(reply).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 3600 } });
  });
});
