// The gateway's sockets: HTTPS listeners with limits, and their orderly end. It knows no path and no answer but those that
// Node's parser forces on it.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { errorBody, statusOf } from '@zonehold/api-contract';
import { edgeLimits } from '@zonehold/service-host';
import type { Network } from '@zonehold/key-domain';
import {
  unknownAddress,
  type AddressSource,
  type ClientOrigins,
  type TrustedProxies,
} from './client-origin.ts';
import { requestPhrase } from './error-response.ts';
import { requireProxyHeader, type ProxyRefusal } from './proxied-connections.ts';
import { parserRefusal, type OwedAnswer } from './parser-refusal.ts';

/** TLS 1.3 suites, then those of TLS 1.2, as Key Protect offers them (reference §24.3). */
const cipherSuites = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
] as const;

/** How often Node looks for requests that are late: its default of 30 s would be three times the limit. */
const lateCheckMs = 2_000;
/** A client may have sent a request on an idle connection just before it hears of our end: it is still served. */
const idleGraceMs = 500;
/** Answers to HEAD have no body, whatever their Content-Length says (RFC 9110 §9.3.2). */
const headPrefix = Buffer.from('HEAD ');
/** Less than the host's 5 s, which are for everything. */
const drainTimeoutMs = 4_000;

/** In every answer of a development region, so that nobody takes one for another. */
const devHeader = ['Zonehold-Mode', 'dev'] as const;

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

export interface EdgeOptions {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly listener: RequestListener;
  /** The endpoint that this listener is a part of. */
  readonly network: Network;
  readonly addressFrom: AddressSource;
  readonly proxies: TrustedProxies;
  /** Told of each connection before its first request. */
  readonly origins: ClientOrigins;
  readonly onProxyRefused: (reason: ProxyRefusal) => void;
  /** Told how many connections are open, whenever that changes. */
  readonly onConnections: (count: number) => void;
  /** Of a development region. */
  readonly isDev?: boolean;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** True for the regional port, which the gateways of all zones share: the kernel balances new connections. */
  readonly isShared: boolean;
}

/** One HTTPS listener with the limits of `edgeLimits`. */
export class Edge {
  readonly #server: Server;

  constructor(options: EdgeOptions) {
    const { cert, key, listener, onConnections, isDev = false } = options;
    const lastAnswers = new WeakMap<Duplex, OwedAnswer>();
    this.#server = createServer(
      {
        cert,
        key,
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.3',
        ciphers: cipherSuites.join(':'),
        honorCipherOrder: true,
        handshakeTimeout: edgeLimits.handshakeTimeoutMs,
        maxHeaderSize: edgeLimits.headersParsedMaxBytes,
        headersTimeout: edgeLimits.headersTimeoutMs,
        requestTimeout: edgeLimits.requestTimeoutMs,
        keepAliveTimeout: edgeLimits.keepAliveTimeoutMs,
        connectionsCheckingInterval: lateCheckMs,
        noDelay: true,
        // Node would keep the first Authorization of two: joined, they are no token.
        joinDuplicateHeaders: true,
        // malformed-head.ts says it in the shape of the contract.
        requireHostHeader: false,
      },
      (request, response) => {
        lastAnswers.set(request.socket, response);
        if (isDev) response.setHeader(...devHeader);
        listener(request, response);
      },
    );
    // One more than may be: whoever counts must see that there were more.
    this.#server.maxHeadersCount = edgeLimits.headersMaxCount + 1;
    // Node would ask for a body before anybody knows whose it is, and refuse other expectations not as the contract does.
    for (const event of ['checkContinue', 'checkExpectation']) {
      this.#server.on(event, (request: IncomingMessage, response: ServerResponse) =>
        this.#server.emit('request', request, response),
      );
    }
    this.#server.maxConnections = edgeLimits.connectionsMax;
    this.#server.on('clientError', (error, socket) =>
      answerParserError(error, socket, { last: lastAnswers.get(socket), isDev }),
    );
    tellOrigins(this.#server, options);
    let open = 0;
    this.#server.on('connection', (socket: Socket) => {
      onConnections((open += 1));
      socket.once('close', () => onConnections((open -= 1)));
    });
  }

  /** Starts to listen; gives the port. Rejects when the port is taken. */
  async listen({ host, port, isShared }: ListenOptions): Promise<number> {
    this.#server.listen({ host, port, reusePort: isShared });
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * Takes no new connection, serves what is under way and what arrives in the next half second on open connections (their
   * answers say `Connection: close`), then closes. At most 4 s.
   */
  async drain(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    // Node's own https close() would cut idle connections at once; net's only stops listening.
    NetServer.prototype.close.call(this.#server);
    const grace = setTimeout(() => this.#server.closeIdleConnections(), idleGraceMs);
    const limit = setTimeout(() => this.#server.closeAllConnections(), drainTimeoutMs);
    await closed;
    clearTimeout(grace);
    clearTimeout(limit);
    this.#server.close(() => undefined);
  }
}

/** Says of each connection where it came from, once its handshake is done. */
function tellOrigins(server: Server, options: EdgeOptions): void {
  const { network, addressFrom, proxies, origins, onProxyRefused } = options;
  /** The clients of connections that proxies opened, until the handshake. */
  const clients = new Map<string, string>();
  if (addressFrom === 'proxy-protocol') {
    requireProxyHeader(server, {
      isTrusted: proxies.has,
      timeoutMs: edgeLimits.proxyHeaderTimeoutMs,
      onClient: (socket, address) => {
        const name = nameOf(socket);
        clients.set(name, address);
        socket.once('close', () => clients.delete(name));
      },
      onRefused: onProxyRefused,
    });
  }
  // Before Node's own listener, which reads requests.
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const peer = socket.remoteAddress ?? unknownAddress;
    if (addressFrom === 'proxy-protocol') {
      origins.set(socket, { network, address: clients.get(nameOf(socket)) ?? unknownAddress });
    } else if (addressFrom !== 'socket' && proxies.has(peer)) {
      origins.set(socket, { network, address: peer, header: addressFrom });
    } else origins.set(socket, { network, address: peer });
  });
}

/** One text for a connection, whether one looks at its TCP socket or at TLS upon it. */
function nameOf(socket: Socket): string {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  return [remoteAddress, remotePort, localAddress, localPort].join(' ');
}

function answerParserError(
  error: NodeJS.ErrnoException & { readonly rawPacket?: Buffer },
  socket: Duplex,
  { last, isDev }: { readonly last: OwedAnswer | undefined; readonly isDev: boolean },
): void {
  const isGone = error.code === 'ECONNRESET' || !socket.writable;
  const refusal = isGone ? undefined : parserRefusal(error.code, last);
  if (refusal === undefined) {
    socket.destroy();
    return;
  }
  const status = statusOf(refusal);
  const body = JSON.stringify(errorBody(refusal, requestPhrase));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(isDev ? [devHeader.join(': ')] : []),
  ];
  // The packet that could not be read holds the request's first line, unless the head came in several.
  const isHead = error.rawPacket?.subarray(0, headPrefix.length).equals(headPrefix) === true;
  socket.end(`${head.join('\r\n')}\r\n\r\n${isHead ? '' : body}`);
}
