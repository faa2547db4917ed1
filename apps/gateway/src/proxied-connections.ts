// Reads the PROXY header off each connection of a TLS server before TLS begins. The server goes on as if the connection came
// straight from the client; only who that is has become known.
import type { Server as NetServer, Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { assert } from '@zonehold/primitives';
import { unknownAddress } from './client-origin.ts';
import { readProxyHeader } from './proxy-protocol.ts';

export type ProxyRefusal = 'untrusted' | 'malformed' | 'late';

export interface ProxiedConnectionsOptions {
  /** Whether a TCP peer may say whose its connections are. */
  readonly isTrusted: (address: string | undefined) => boolean;
  readonly timeoutMs: number;
  /** Told before the handshake begins. The address is the peer's own when it speaks for itself. */
  readonly onClient: (socket: Socket, address: string) => void;
  /** Told of a connection that was cut: nothing can be said to a peer that does not speak the protocol. */
  readonly onRefused: (reason: ProxyRefusal) => void;
}

/** From now on `server` takes connections that begin with a PROXY header from trusted peers, and no others. */
export function requireProxyHeader(server: TlsServer, options: ProxiedConnectionsOptions): void {
  // What Node's own TLS server does with a TCP connection; it has no option to do something first.
  const connections: NetServer = server;
  const begin = connections.listeners('connection');
  assert(begin.length === 1, 'a new TLS server listens to its connections once');
  connections.removeAllListeners('connection');
  connections.on('connection', (socket: Socket) => {
    awaitHeader(socket, options, () => {
      for (const listener of begin) Reflect.apply(listener, server, [socket]);
    });
  });
}

function awaitHeader(socket: Socket, options: ProxiedConnectionsOptions, next: () => void): void {
  const { isTrusted, timeoutMs, onClient, onRefused } = options;
  let header: Buffer = Buffer.alloc(0);
  const end = (): void => {
    clearTimeout(timer);
    socket.off('readable', read);
    socket.off('error', end);
    socket.off('close', end);
  };
  const refuse = (reason: ProxyRefusal): void => {
    end();
    socket.destroy();
    onRefused(reason);
  };
  /** Takes no byte behind the header off the socket: those are TLS's. */
  const read = (): void => {
    for (;;) {
      const found = readProxyHeader(header);
      if (found.kind === 'refused') {
        refuse('malformed');
        return;
      }
      if (found.kind === 'more') {
        const part = socket.read(found.wantedBytes - header.length) as Buffer | null;
        if (part === null) return;
        header = Buffer.concat([header, part]);
        continue;
      }
      end();
      onClient(
        socket,
        found.kind === 'proxied' ? found.address : (socket.remoteAddress ?? unknownAddress),
      );
      next();
      return;
    }
  };
  const timer = setTimeout(() => refuse('late'), timeoutMs);
  socket.on('error', end);
  socket.on('close', end);
  if (isTrusted(socket.remoteAddress)) socket.on('readable', read);
  else refuse('untrusted');
}
