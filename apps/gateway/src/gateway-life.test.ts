// The gateway's ends and edges: tokens for API keys, new signing keys, lost key-managers, TLS, limits, drain.
import { connect as connectTcp } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStandIn, until, type StandIn } from './stand-in.ts';

let region: StandIn;
const wrapPath = '/api/v2/keys/key1/actions/wrap';

beforeEach(async () => {
  region = await startStandIn();
});
afterEach(() => region.close());

describe('the token endpoint', () => {
  const form = {
    'content-type': 'application/x-www-form-urlencoded',
    authorization: '',
    'bluemix-instance': '',
  };
  const grant = 'grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey';
  const ask = (body: string, path = '/identity/token') =>
    region.send({ path, headers: form, body });

  it.each([['/identity/token'], ['/oidc/token']])(
    'at %s gives a bearer token as IAM does',
    async (path) => {
      region.script.issueToken = async ({ apiKey }) => {
        expect(apiKey).toBe('id.secret');
        return { ok: true, accessToken: 'a.b.c', issuedAtS: 100, expiresAtS: 3_700 };
      };
      const answer = await ask(`${grant}&apikey=id.secret&response_type=cloud_iam&extra=1`, path);
      expect(answer.status).toBe(200);
      expect(answer.json()).toEqual({
        access_token: 'a.b.c',
        refresh_token: 'not_supported',
        token_type: 'Bearer',
        expires_in: 3_600,
        expiration: 3_700,
        scope: 'ibm openid',
      });
      expect(region.logLines.join('')).not.toContain('secret');
    },
  );

  it.each([
    ['an unknown key', `${grant}&apikey=wrong`, 'BXNIM0415E'],
    ['no key', grant, 'BXNIM0109E'],
    ['no grant', 'apikey=id.secret', 'BXNIM0109E'],
    ['another grant', 'grant_type=password&apikey=id.secret', 'BXNIM0107E'],
  ])('refuses %s with 400 in the shape of IAM', async (_name, body, errorCode) => {
    const answer = await ask(body);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({
      errorCode,
      context: { requestId: answer.headers['correlation-id'] },
    });
  });

  it('is 503 in the same shape while no key-manager answers', async () => {
    await region.stopKeyManager();
    const answer = await ask(`${grant}&apikey=id.secret`);
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json()).toMatchObject({ errorCode: 'BXNIM0503E' });
  });
});

describe('verification keys', () => {
  it('are fetched again for a key id that nobody knew, not more often than every 3 s', async () => {
    const key = await region.addSigningKey('k2');
    const authorization = `Bearer ${await region.sign({ kid: 'k2', key })}`;
    const early = await region.send({ path: wrapPath, headers: { authorization } });
    expect(early.status).toBe(401);
    const statuses: number[] = [];
    const endMs = Date.now() + 6_000;
    while (statuses.at(-1) !== 200 && Date.now() < endMs) {
      statuses.push((await region.send({ path: wrapPath, headers: { authorization } })).status);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(statuses.at(-1)).toBe(200);
    expect(statuses.slice(0, -1).every((status) => status === 401)).toBe(true);
  }, 10_000);
});

describe('a key-manager that dies', () => {
  it('with a change in flight: 409 unknown; with a wrap in flight: 503; with nothing sent: 503', async () => {
    let arrived = 0;
    region.script.operation = () => {
      arrived += 1;
      return new Promise(() => undefined);
    };
    const change = region.send({ path: '/api/v2/keys/key1/actions/disable' });
    const wrap = region.send({ path: wrapPath });
    await until(() => arrived === 2);
    await region.stopKeyManager();
    const [changed, wrapped] = await Promise.all([change, wrap]);
    expect([changed.status, changed.headers['zonehold-outcome']]).toEqual([409, 'unknown']);
    expect(wrapped.status).toBe(503);
    const after = await region.send({ path: '/api/v2/keys/key1/actions/disable' });
    expect([after.status, after.headers['zonehold-outcome']]).toEqual([503, undefined]);
  }, 20_000);

  it('makes the gateway unready with a reason', async () => {
    await region.stopKeyManager();
    const endMs = Date.now() + 12_000;
    while (region.gateway.reasons().length === 0 && Date.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(region.gateway.reasons()).toEqual(['No key-manager answers.']);
  }, 15_000);
});

describe('the sockets', () => {
  const handshake = async (options: ConnectionOptions): Promise<string | undefined> => {
    const socket = connect({
      host: '127.0.0.1',
      port: region.regionalPort,
      ca: region.ca,
      ...options,
    });
    try {
      await once(socket, 'secureConnect');
      return `${socket.getProtocol() ?? ''} ${socket.getCipher().name}`;
    } finally {
      socket.destroy();
    }
  };

  it('speak TLS 1.3 and 1.2 with the suites of the contract, and nothing older', async () => {
    expect(await handshake({})).toBe('TLSv1.3 TLS_AES_256_GCM_SHA384');
    const old = { maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' } as const;
    expect(await handshake({ ...old, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).toMatch(
      /^TLSv1\.2 ECDHE-ECDSA/,
    );
    await expect(handshake({ ...old, ciphers: 'ECDHE-ECDSA-AES128-SHA' })).rejects.toThrow();
    const older = {
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    await expect(handshake(older)).rejects.toThrow();
  });

  it('answer /livez on both ports without a token', async () => {
    for (const port of [region.regionalPort, region.zonePort]) {
      const answer = await region.send({
        method: 'GET',
        path: '/livez',
        port,
        headers: { authorization: '' },
      });
      expect([answer.status, answer.json()]).toEqual([200, { isAlive: true }]);
    }
  });

  it('refuse heads that are too large with 431 in the shape of the contract', async () => {
    const answer = await region.send({ path: wrapPath, headers: { padding: 'x'.repeat(20_000) } });
    expect(answer.status).toBe(431);
    expect(answer.text).toContain('HEADERS_TOO_LARGE_ERR');
  });

  it('refuse what is no HTTP, and survive what is no TLS', async () => {
    const socket = connect({ host: '127.0.0.1', port: region.regionalPort, ca: region.ca });
    socket.write('rubbish\r\n\r\n');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
    const plain = connectTcp(region.regionalPort, '127.0.0.1');
    plain.write('GET / HTTP/1.1\r\n\r\n');
    await once(plain, 'close');
    expect((await region.send({ path: wrapPath })).status).toBe(200);
  });

  it('never put a refusal of what follows in the place of the answer to a change', async () => {
    const head = [
      'POST /api/v2/keys/key1/actions/disable HTTP/1.1',
      'Host: kms',
      `Authorization: Bearer ${await region.sign()}`,
      'Bluemix-Instance: 11111111-2222-4333-8444-555555555555',
      'Content-Length: 4',
    ];
    const socket = connect({ host: '127.0.0.1', port: region.regionalPort, ca: region.ca });
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', () => undefined);
    socket.write(`${head.join('\r\n')}\r\n\r\nnullrubbish rubbish\r\n\r\n`);
    await new Promise((resolve) => socket.once('close', resolve));
    // Nothing: whether the change was applied is open, and the client may ask again.
    expect(text).toBe('');
  });

  it('cut off a body that never ends, with 413', async () => {
    const socket = connect({ host: '127.0.0.1', port: region.regionalPort, ca: region.ca });
    const token = await region.sign();
    const head = [
      `POST ${wrapPath} HTTP/1.1`,
      'Host: kms',
      `Authorization: Bearer ${token}`,
      'Bluemix-Instance: 11111111-2222-4333-8444-555555555555',
      'Transfer-Encoding: chunked',
    ];
    socket.on('error', () => undefined);
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    const chunk = `${(65_536).toString(16)}\r\n${'x'.repeat(65_536)}\r\n`;
    const pump = (): void => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on('drain', pump);
    pump();
    // Whether the client still reads the answer is up to TCP: bytes that nobody took make the end a reset.
    await new Promise((resolve) => socket.once('close', resolve));
    const line = region.logLines.find((text) => text.includes('request.served')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ status: 413 });
    expect(region.asked).toEqual([]);
  });
});

describe('drain', () => {
  it('finishes what is under way, says Connection: close, and takes nothing new', async () => {
    const gate = Promise.withResolvers<undefined>();
    let isAsked = false;
    region.script.operation = async () => {
      isAsked = true;
      await gate.promise;
      return { ok: true, status: 200, body: { done: true } };
    };
    const underWay = region.send({ path: wrapPath });
    await until(() => isAsked);
    const drained = region.gateway.drain();
    const late = connectTcp(region.zonePort, '127.0.0.1');
    await expect(once(late, 'connect')).rejects.toThrow('ECONNREFUSED');
    gate.resolve(undefined);
    const answer = await underWay;
    expect([answer.status, answer.headers['connection']]).toEqual([200, 'close']);
    await drained;
  });

  it('still serves what arrives on an open connection just after it began', async () => {
    expect((await region.send({ path: wrapPath })).status).toBe(200);
    const drained = region.gateway.drain();
    const answer = await region.send({ path: wrapPath });
    expect([answer.status, answer.headers['connection']]).toEqual([200, 'close']);
    await drained;
  });
});
