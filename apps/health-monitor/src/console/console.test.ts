// The console over a real socket: who gets what, who may order what, and what is written down.
import { once } from 'node:events';
import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock, SeededRandom } from '@zonehold/primitives';
import { createLog } from '@zonehold/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { History } from '../events/history.ts';
import { Console } from './console.ts';
import type { Controls } from './controls.ts';
import { liveLimits } from './live-stream.ts';
import { sessionPolicy } from './sessions.ts';
import { stateWith } from './test-state.ts';

const token = 'tok-4f1b9c-of-the-region';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

let server: Server;
let port = 0;
let lines: string[];
let ordered: unknown[];
let refusal: string | undefined;
let clock: ManualClock;
let history: History;

beforeEach(async () => {
  lines = [];
  ordered = [];
  refusal = undefined;
  clock = new ManualClock();
  history = new History('life');
  const note =
    (name: string) =>
    async (order: unknown): Promise<string | undefined> => {
      ordered.push([name, order]);
      return refusal;
    };
  const controls: Controls = { drain: note('drain'), undrain: note('undrain'), faults: undefined };
  const destination = { write: (line: string) => void lines.push(line) };
  const operatorConsole = new Console({
    ...{ zone: 'south-1', token, history, controls, clock, random: new SeededRandom(7) },
    ...{ state: () => stateWith({}), samples: () => [] },
    log: createLog({
      ...{ service: 'health-monitor', zone: 'south-1', region: 'south', level: 'info' },
      destination,
    }),
  });
  server = createServer((incoming, response) => {
    if (!operatorConsole.handle(incoming, response)) response.writeHead(404).end('not the console');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function send(
  method: string,
  path: string,
  options: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  const host = `127.0.0.1:${port}`;
  const own =
    method === 'POST'
      ? { origin: `http://${host}`, 'content-type': 'application/json' }
      : ({} as Record<string, string>);
  const headers = { host, ...own, ...options.headers };
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  const { body } = options;
  outgoing.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

async function signIn(operator = 'ana'): Promise<{ cookie: string }> {
  const answer = await send('POST', '/console/session', { body: { token, operator } });
  expect(answer.status).toBe(200);
  return { cookie: String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '' };
}

const order = { zone: 'south-2', reason: 'new disks', lengthS: 60 };

describe('who is not signed in', () => {
  it('gets the sign-in page, and is sent there', async () => {
    expect(await send('GET', '/console/')).toMatchObject({
      ...{ status: 303, headers: { location: '/console/sign-in' } },
    });
    const page = await send('GET', '/console/sign-in');
    expect(page).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(page.text).toContain('<title>Sign in');
    expect(await send('GET', '/console/session')).toMatchObject({ status: 200, text: '{}' });
  });

  it('gets nothing of the region, and orders nothing', async () => {
    expect((await send('GET', '/console/live')).status).toBe(401);
    expect((await send('GET', '/console/nothing')).status).toBe(401);
    for (const name of ['drain', 'undrain', 'add-fault', 'clear-faults', 'sign-out'])
      expect((await send('POST', `/console/${name}`, { body: order })).status).toBe(401);
    expect(ordered).toEqual([]);
  });

  it('is not the console where the path is another', async () => {
    expect((await send('GET', '/consoles')).text).toBe('not the console');
    expect((await send('GET', '/')).text).toBe('not the console');
  });
});

describe('signing in', () => {
  it('sets a cookie that scripts cannot read and other sites do not send', async () => {
    const answer = await send('POST', '/console/session', { body: { token, operator: 'ana' } });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^zonehold-console-south-1=[\w-]{43}; Path=\/console; HttpOnly; SameSite=Strict; Max-Age=28800$/,
      ),
    ]);
    const cookie = String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '';
    const page = await send('GET', '/console/', { headers: { cookie } });
    expect(page).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(page.text).toContain('<title>Zonehold console');
  });

  it.each([
    ['a wrong token', { token: 'x', operator: 'ana' }, 403],
    ['no token', { operator: 'ana' }, 400],
    ['a name that is none', { token, operator: 'a<b>' }, 400],
    ['a name that is too long', { token, operator: 'a'.repeat(65) }, 400],
    ['a member too many', { token, operator: 'a', admin: true }, 400],
    ['no JSON', 'token=x', 400],
    ['a body without end', JSON.stringify({ token: 'x'.repeat(5_000) }), 400],
  ])('refuses %s', async (_what, body, status) => {
    const answer = await send('POST', '/console/session', { body });
    expect(answer.status).toBe(status);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('says when to come again after too many tries', async () => {
    for (let at = 0; at < sessionPolicy.failuresMax; at += 1)
      await send('POST', '/console/session', { body: { token: 'wrong', operator: '' } });
    const answer = await send('POST', '/console/session', { body: { token: 'x', operator: '' } });
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '12' } });
  });

  it('never writes token or cookie into the log', async () => {
    const { cookie } = await signIn();
    await send('POST', '/console/session', { body: { token: `${token}x`, operator: 'eve' } });
    await send('POST', '/console/drain', { body: order, headers: { cookie } });
    const text = lines.join('');
    expect(text).toContain('console.signed-in');
    expect(text).toContain('console.sign-in-refused');
    expect(text).not.toContain(token);
    expect(text).not.toContain(cookie.split('=')[1]);
  });
});

describe('an order', () => {
  it('is done, and written down with who gave it', async () => {
    const headers = await signIn('ana');
    const answer = await send('POST', '/console/drain', { body: order, headers });
    expect(answer).toMatchObject({ status: 200, text: '{"done":true}' });
    expect(ordered).toEqual([
      ['drain', { zone: 'south-2', reason: 'new disks', lengthMs: 60_000 }],
    ]);
    const line = lines.map((text) => JSON.parse(text) as object).at(-1);
    expect(line).toMatchObject({
      ...{ level: 'audit', event: 'console.ordered', operator: 'ana', order: 'drain' },
      ...{ result: 'done', details: order },
    });
  });

  it('that is refused says why, and is written down too', async () => {
    refusal = 'Without south-2 only one zone would serve.';
    const headers = await signIn();
    const answer = await send('POST', '/console/drain', { body: order, headers });
    expect(answer).toMatchObject({
      ...{ status: 409, text: JSON.stringify({ done: false, reason: refusal }) },
    });
    expect(lines.at(-1)).toContain('"result":"refused"');
  });

  it.each([
    ['a zone that is no name', { ...order, zone: '../x' }, 'zone'],
    ['no reason', { ...order, reason: '  ' }, 'reason'],
    ['a reason without end', { ...order, reason: 'x'.repeat(201) }, 'reason'],
    ['no length', { zone: 'south-2', reason: 'x' }, 'lengthS'],
    ['more than three days', { ...order, lengthS: 72 * 3_600 + 1 }, 'lengthS'],
    ['half a second', { ...order, lengthS: 0.5 }, 'lengthS'],
  ])('with %s names the member, and is not done', async (_what, body, member) => {
    const headers = await signIn();
    const answer = await send('POST', '/console/drain', { body, headers });
    expect(answer.status).toBe(400);
    expect((JSON.parse(answer.text) as { reason: string }).reason).toMatch(
      new RegExp(`^${member}`),
    );
    expect(ordered).toEqual([]);
  });

  it('of a fault is refused in a region without faults', async () => {
    const headers = await signIn();
    const body = { ...order, preset: 'cut-off' };
    const answer = await send('POST', '/console/add-fault', { body, headers });
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('started without --faults');
  });

  it.each([
    ['another origin', { origin: 'http://attacker.example' }, 403],
    ['a rebound name', { host: 'attacker.example', origin: 'http://attacker.example' }, 403],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ])('from %s is refused, session or not', async (_what, headers, status) => {
    const { cookie } = await signIn();
    const answer = await send('POST', '/console/drain', {
      ...{ body: order, headers: { cookie, ...headers } },
    });
    expect(answer.status).toBe(status);
    expect(ordered).toEqual([]);
  });

  it.each(['PUT', 'DELETE', 'PATCH'])('by %s does not exist', async (method) => {
    const { cookie } = await signIn();
    const host = `http://127.0.0.1:${port}`;
    const headers = { cookie, origin: host, 'content-type': 'application/json' };
    expect((await send(method, '/console/drain', { headers })).status).toBe(405);
  });
});

describe('signing out', () => {
  it('ends the session', async () => {
    const headers = await signIn();
    const answer = await send('POST', '/console/sign-out', { body: {}, headers });
    expect(String(answer.headers['set-cookie']?.[0])).toContain('Max-Age=0');
    expect((await send('GET', '/console/', { headers })).status).toBe(303);
  });
});

describe('the pages', () => {
  it('load only what is served here, under a policy that names no other host', async () => {
    const page = await send('GET', '/console/sign-in');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'self' 'sha256-[^']+'; style-src 'self';/,
    );
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const loaded = [...page.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, path]) => path ?? '');
    const map = /<script type="importmap">(.*)<\/script>/.exec(page.text)?.[1] ?? '';
    const { imports } = JSON.parse(map) as { imports: Record<string, string> };
    const paths = [...loaded, ...Object.values(imports)];
    expect(paths.length).toBeGreaterThan(6);
    for (const path of paths) expect([path, (await send('GET', path)).status]).toEqual([path, 200]);
  });

  it('are modules without types that import only each other and the libraries', async () => {
    const seen = new Set<string>();
    const follow = async (name: string): Promise<void> => {
      if (seen.has(name)) return;
      seen.add(name);
      const { status, headers, text } = await send('GET', `/console/assets/${name}`);
      expect([name, status, headers['content-type']]).toEqual([
        name,
        200,
        'text/javascript; charset=utf-8',
      ]);
      expect(text).not.toMatch(/^\s*(?:interface|import type) /m);
      for (const [, from = ''] of text.matchAll(/from '([^']+)'/g)) {
        if (from.startsWith('./')) await follow(from.slice(2));
        else expect(['preact', 'preact/hooks', 'uplot']).toContain(from);
      }
    };
    await follow('main.ts');
    await follow('sign-in.ts');
    expect(seen.size).toBeGreaterThan(15);
  });

  it.each([
    '/console/assets/../console.ts',
    '/console/assets/tsconfig.json',
    '/console/assets/%2e%2e/console.ts',
  ])('are not %s', async (path) => {
    const headers = await signIn();
    expect((await send('GET', path, { headers })).status).toBe(404);
  });

  it('are not sent again to whoever has them', async () => {
    const { headers } = await send('GET', '/console/assets/console.css');
    const kept = { 'if-none-match': String(headers.etag) };
    const again = await send('GET', '/console/assets/console.css', { headers: kept });
    expect(again).toMatchObject({ status: 304, text: '' });
  });
});

describe('the stream', () => {
  /** Reads until `text` has come. */
  async function listen(
    cookie: string,
  ): Promise<{ until: (text: string) => Promise<string>; end: () => void }> {
    const headers = { host: `127.0.0.1:${port}`, cookie };
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path: '/console/live',
      headers,
      agent: false,
    });
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    response.setEncoding('utf8');
    let heard = '';
    response.on('data', (chunk: string) => (heard += chunk));
    const until = async (text: string): Promise<string> => {
      while (!heard.includes(text)) await once(response, 'data');
      return heard;
    };
    return { until, end: () => outgoing.destroy() };
  }

  const event = { at: '2026-01-01T00:00:00Z', kind: 'zone', zone: 'south-2' } as const;

  it('begins with who, samples, timeline and state, and tells at once what happens', async () => {
    history.add({ ...event, from: 'healthy', to: 'suspect', reasons: [] });
    const { cookie } = await signIn('ana');
    const stream = await listen(cookie);
    const first = await stream.until('event: state');
    expect(first).toMatch(/event: hello\ndata: \{"operator":"ana","zone":"south-1"\}/);
    expect(first.indexOf('event: samples')).toBeLessThan(first.indexOf('event: timeline'));
    expect(first).toContain('"to":"suspect"');
    history.add({ ...event, from: 'suspect', to: 'down', reasons: ['It is gone.'] });
    expect(await stream.until('It is gone.')).toContain('event: event');
    stream.end();
  });

  it('ends with its session', async () => {
    const { cookie } = await signIn();
    const stream = await listen(cookie);
    await stream.until('event: state');
    clock.advance(sessionPolicy.lifeMs);
    history.add({ ...event, from: 'suspect', to: 'down', reasons: ['Secret.'] });
    expect(await stream.until('signed-out')).not.toContain('Secret.');
  });

  it('ends once, however much happens in one turn after its session', async () => {
    const { cookie } = await signIn();
    const stream = await listen(cookie);
    await stream.until('event: state');
    clock.advance(sessionPolicy.lifeMs);
    // An error that nobody handles would end the process, and this test with it.
    for (const to of ['unknown', 'down', 'suspect'])
      history.add({ ...event, from: 'suspect', to, reasons: [] });
    expect((await stream.until('signed-out')).split('signed-out')).toHaveLength(2);
    expect(history.listeners).toBe(0);
  });

  it('is for a few at once, and for the next when one has left', async () => {
    const { cookie } = await signIn();
    const streams = await Promise.all(
      Array.from({ length: liveLimits.listenersMax }, () => listen(cookie)),
    );
    const full = await send('GET', '/console/live', { headers: { cookie } });
    expect(full).toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
    streams[0]?.end();
    for (;;) {
      const stream = await listen(cookie).catch(() => undefined);
      if (
        stream !== undefined &&
        (await Promise.race([
          stream.until('event: state').then(() => true),
          stream.until('Too many').then(() => false),
        ]))
      ) {
        stream.end();
        break;
      }
    }
    for (const stream of streams) stream.end();
    expect(history.listeners).toBeLessThanOrEqual(1);
  });
});
