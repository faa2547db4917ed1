// The console of one monitor: pages, the stream, sign-in and orders under /console on the ops port (docs/console.md). Only the sign-in
// page and the files that it is made of are for everybody; all else wants a session.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Clock, Random } from '@zonehold/primitives';
import type { Log } from '@zonehold/telemetry';
import type { History } from '../events/history.ts';
import { act, isActionName } from './actions.ts';
import { createAssets, type Asset, type Assets } from './assets.ts';
import type { Controls } from './controls.ts';
import { LiveStream } from './live-stream.ts';
import { refusalOf } from './request-guard.ts';
import { sessionPolicy, Sessions, type Session } from './sessions.ts';
import type { ConsoleState, Sample } from './state.ts';

/** An order names a zone and says why. */
const bodyMaxBytes = 4_096;

export interface ConsoleOptions {
  /** The zone of this monitor. */
  readonly zone: string;
  readonly token: string;
  readonly history: History;
  readonly state: () => ConsoleState;
  readonly samples: () => readonly Sample[];
  readonly controls: Controls;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const signInSchema = z.strictObject({
  token: z.string().max(200),
  /** For the record; nobody checks it. */
  operator: z
    .string()
    .trim()
    .regex(/^[\p{L}\p{N} ._@+-]{0,64}$/u, 'must be a name'),
});

export class Console {
  readonly #options: ConsoleOptions;
  readonly #sessions: Sessions;
  readonly #live: LiveStream;
  /** Cookies know hosts and no ports: the three consoles of one machine have one each. */
  readonly #cookie: string;
  #assets: Assets | undefined;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#sessions = new Sessions(options.token, options);
    this.#live = new LiveStream(options);
    this.#cookie = `zonehold-console-${options.zone}`;
  }

  /** Whether the request is the console's; then it is answered. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const path = request.url?.split('?')[0] ?? '';
    if (path !== '/console' && !path.startsWith('/console/')) return false;
    for (const [name, value] of Object.entries(this.#headers())) response.setHeader(name, value);
    const { method = '', headers } = request;
    const refusal = refusalOf({
      ...{ method, host: headers.host, origin: headers.origin },
      ...{ fetchSite: first(headers['sec-fetch-site']), contentType: headers['content-type'] },
    });
    if (refusal !== undefined) refuse(response, refusal.status, refusal.reason);
    else if (method === 'POST') void this.#post(path, request, response);
    else if (method === 'GET') this.#get(path, request, response);
    else refuse(response, 405, 'Only GET and POST are known here.');
    return true;
  }

  /** Strips types and reads libraries when the first page is asked for: most monitors are never looked at. */
  get #files(): Assets {
    return (this.#assets ??= createAssets());
  }

  #headers(): Readonly<Record<string, string>> {
    return {
      'Content-Security-Policy': this.#files.contentSecurityPolicy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Cache-Control': 'no-store',
    };
  }

  #get(path: string, request: IncomingMessage, response: ServerResponse): void {
    const session = this.#sessionOf(request);
    const asset = this.#files.files.get(path);
    if (asset !== undefined) sendAsset(asset, request, response);
    else if (path === '/console') redirect(response, '/console/');
    else if (path === '/console/sign-in') sendPage(this.#files.signIn, response);
    else if (path === '/console/session')
      // No 401: a page that finds out that its session is over is not broken.
      send(response, 200, session === undefined ? {} : { operator: session.operator });
    else if (session === undefined) {
      if (path === '/console/') redirect(response, '/console/sign-in');
      else refuse(response, 401, 'Sign in first.');
    } else if (path === '/console/') sendPage(this.#files.region, response);
    else if (path === '/console/live') this.#stream(request, response);
    else refuse(response, 404, 'There is no such page.');
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    if (this.#live.isFull) {
      response.setHeader('Retry-After', '10');
      refuse(response, 503, 'Too many look already.');
    } else this.#live.serve(response, () => this.#sessionOf(request));
  }

  async #post(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJson(request);
    if (body === undefined) {
      refuse(response, 400, `The body has to be JSON, at most ${bodyMaxBytes} bytes.`);
      return;
    }
    if (path === '/console/session') {
      this.#signIn(body.value, response);
      return;
    }
    const session = this.#sessionOf(request);
    const name = path.slice('/console/'.length);
    if (session === undefined) refuse(response, 401, 'Sign in first.');
    else if (name === 'sign-out') this.#signOut(request, session, response);
    else if (isActionName(name)) {
      const { controls, log } = this.#options;
      const answer = await act(name, body.value, { controls, session, log });
      send(response, answer.status, answer.body);
    } else refuse(response, 404, 'There is no such order.');
  }

  #signIn(body: unknown, response: ServerResponse): void {
    const { log } = this.#options;
    const parsed = signInSchema.safeParse(body);
    if (!parsed.success) {
      const member = String(parsed.error.issues[0]?.path[0] ?? 'body');
      refuse(response, 400, `${member} is not well formed.`);
      return;
    }
    const { token, operator } = parsed.data;
    const signIn = this.#sessions.signIn(token, operator === '' ? 'operator' : operator);
    if (signIn.ok) {
      log.info('console.signed-in', {
        session: signIn.session.name,
        operator: signIn.session.operator,
      });
      response.setHeader('Set-Cookie', this.#cookieText(signIn.id, sessionPolicy.lifeMs / 1_000));
      send(response, 200, { operator: signIn.session.operator });
    } else if (signIn.reason === 'limited') {
      response.setHeader('Retry-After', String(signIn.retryAfterS));
      refuse(response, 429, `Too many tries. Try again in ${signIn.retryAfterS} s.`);
    } else {
      log.warn('console.sign-in-refused');
      refuse(response, 403, 'That is not the token of this region.');
    }
  }

  #signOut(request: IncomingMessage, session: Session, response: ServerResponse): void {
    this.#sessions.signOut(this.#cookieOf(request));
    this.#options.log.info('console.signed-out', { session: session.name });
    response.setHeader('Set-Cookie', this.#cookieText('', 0));
    send(response, 200, {});
  }

  #sessionOf(request: IncomingMessage): Session | undefined {
    return this.#sessions.find(this.#cookieOf(request));
  }

  #cookieOf({ headers }: IncomingMessage): string | undefined {
    const start = `${this.#cookie}=`;
    const found = (headers.cookie ?? '').split(/; */).find((text) => text.startsWith(start));
    return found?.slice(start.length);
  }

  #cookieText(id: string, lifeS: number): string {
    return `${this.#cookie}=${id}; Path=/console; HttpOnly; SameSite=Strict; Max-Age=${lifeS}`;
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** undefined: too long, or no JSON. */
async function readJson(
  request: IncomingMessage,
): Promise<{ readonly value: unknown } | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > bodyMaxBytes) return undefined;
      chunks.push(chunk);
    }
    return { value: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown };
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  send(response, status, { reason });
}

function redirect(response: ServerResponse, path: string): void {
  response.writeHead(303, { Location: path });
  response.end();
}

function sendPage({ contentType, bytes }: Asset, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': contentType });
  response.end(bytes);
}

function sendAsset(
  { contentType, bytes, etag }: Asset,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const isKept = request.headers['if-none-match'] === etag;
  const headers = { 'Content-Type': contentType, ETag: etag, 'Cache-Control': 'no-cache' };
  response.writeHead(isKept ? 304 : 200, headers);
  response.end(isKept ? undefined : bytes);
}
