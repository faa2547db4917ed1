// A link to one zone's Redis that is slow or deaf in one direction: requests arrive and replies are late or never, or the other way
// round. It passes bytes on as they are, TLS untouched. In the test process rather than in the kernel, because not every kernel
// can delay packets (netem); what whole networks do when they are cut is ContainerRedis.disconnect.
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { RedisServer } from './redis-server.ts';

/** `late`: each byte that much later, in order. `deaf`: kept until the link is whole again. */
export type LinkState =
  | { readonly kind: 'whole' }
  | { readonly kind: 'late'; readonly delayMs: number }
  | { readonly kind: 'deaf' };

const whole: LinkState = { kind: 'whole' };

export class SlowLink {
  readonly #server: Server;
  readonly #requests = new Direction();
  readonly #replies = new Direction();
  readonly #sockets = new Set<Socket>();

  private constructor(redis: RedisServer) {
    this.#server = createServer({ noDelay: true }, (near) => {
      const far = connect({ host: redis.host, port: redis.port, noDelay: true });
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          for (const end of [near, far]) end.destroy();
        });
      }
      near.on('data', (chunk: Buffer) => this.#requests.pass(chunk, far));
      far.on('data', (chunk: Buffer) => this.#replies.pass(chunk, near));
    });
  }

  static async start(redis: RedisServer): Promise<SlowLink> {
    const link = new SlowLink(redis);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the link is closed');
    return address.port;
  }

  /** What happens to bytes on their way to Redis from now on. */
  set requests(state: LinkState) {
    this.#requests.become(state);
  }

  /** What happens to bytes on their way back from now on. */
  set replies(state: LinkState) {
    this.#replies.become(state);
  }

  heal(): void {
    this.requests = whole;
    this.replies = whole;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

interface Waiting {
  readonly chunk: Buffer;
  readonly to: Socket;
  readonly readyAtMs: number;
}

/** One direction of all connections: a queue in order of arrival, since no byte may overtake another. */
class Direction {
  #state: LinkState = whole;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  become(state: LinkState): void {
    this.#state = state;
    this.#flush();
  }

  pass(chunk: Buffer, to: Socket): void {
    if (this.#state.kind === 'whole' && this.#waiting.length === 0) {
      to.write(chunk);
      return;
    }
    const delayMs = this.#state.kind === 'late' ? this.#state.delayMs : 0;
    this.#waiting.push({ chunk, to, readyAtMs: performance.now() + delayMs });
    this.#flush();
  }

  /** Sends what is due, and comes back when the next is. */
  #flush(): void {
    clearTimeout(this.#timer);
    if (this.#state.kind === 'deaf') return;
    const isHurried = this.#state.kind === 'whole';
    const nowMs = performance.now();
    const left = this.#waiting.findIndex(({ readyAtMs }) => !isHurried && readyAtMs > nowMs);
    const due = this.#waiting.splice(0, left === -1 ? this.#waiting.length : left);
    for (const { chunk, to } of due) if (!to.destroyed) to.write(chunk);
    const next = this.#waiting[0];
    if (next !== undefined) this.#timer = setTimeout(() => this.#flush(), next.readyAtMs - nowMs);
  }
}
