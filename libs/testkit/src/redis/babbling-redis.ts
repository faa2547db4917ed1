// A TLS proxy in front of one zone's Redis that can be told to babble: it then answers every command with the same
// well-formed RESP that means nothing. What a Redis that was taken over may do; not a model of a fault of the network.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import type { RedisServer } from './redis-server.ts';

export class BabblingRedis {
  /** What every command is answered with; undefined: what the real Redis says. */
  babble: string | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();

  private constructor(redis: RedisServer) {
    const file = (name: string): string => readFileSync(join(redis.folder, name), 'utf8');
    const tls = { ca: file('ca.crt'), cert: file('redis.crt'), key: file('redis.key') };
    this.#server = createServer({ ...tls, requestCert: false }, (near) => {
      const { host, port } = redis;
      const far = connect({ host, port, ...tls });
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => [near, far].forEach((end) => end.destroy()));
      }
      near.on('data', (chunk: Buffer) => {
        if (this.babble === undefined) far.write(chunk);
        else near.write(this.babble.repeat(commandsIn(chunk.toString('utf8'))));
      });
      far.on('data', (chunk: Buffer) => near.write(chunk));
    });
  }

  static async start(redis: RedisServer): Promise<BabblingRedis> {
    const proxy = new BabblingRedis(redis);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
    return address.port;
  }

  /** Breaks every connection; new ones are taken. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.drop();
    await closed;
  }
}

/** Commands begin with `*<members>` at the start of a line; no argument of a test looks so. */
function commandsIn(text: string): number {
  return text.match(/(?:^|\r\n)\*\d+(?=\r\n)/g)?.length ?? 0;
}
