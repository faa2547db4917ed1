// One connection to one acceptor's Redis: sends commands, settles every one of them, and cuts a link that fell silent. It
// knows nothing of registers; read-trains.ts and call-queue.ts use it. One sweep timer stands in for a timer per call.
import { Command, type Redis } from 'ioredis';
import { SlotTable, type Clock, type FaultEdge, type Random } from '@zonehold/primitives';
import type { RedisCommand } from './call-queue.ts';
import { madeUpReply, passConnection, passReply, passRequest, routeOf } from './faulted-traffic.ts';
import { openRedis, type RedisAddress } from './redis-connection.ts';

/** How often deadlines and silence are looked at: the grain of every timeout here. */
export const sweepIntervalMs = 10;

/**
 * A link that owes replies and brought none for this long is cut. Long enough for the fsync of a busy disk; requests do
 * not wait for it, their own timeouts are shorter. Counted in sweeps, so that a pause of our own process is no silence.
 */
const linkSilenceMs = 1_500;
const silentSweepsMax = linkSilenceMs / sweepIntervalMs;

/** From TCP connect to ready: a Redis stopped between the TLS handshake and AUTH would hold the connection for ever. */
const handshakeTimeoutMs = 2_000;

/** Commands that vanish leave places that are free again only with the connection: above this it is cut. */
const owedMax = 16_384;

/** A command on its way. Settled exactly once: by its reply, by an error reply, or by the loss of the link. */
export interface Delivery {
  /** `lost`: no reply will come; the command may have been executed. */
  settle(error: Error | null, reply: unknown, isLost: boolean): void;
}

/** What runs at every sweep while `isIdle` is false. */
export interface Swept {
  sweep(nowMs: number): void;
  isIdle(): boolean;
}

export interface LinkEvents {
  /** The connection is authenticated and open for commands. */
  ready(): void;
  /** It broke; every delivery has been settled. */
  lost(reason: string): void;
}

export class RedisLink {
  readonly #redis: Redis;
  readonly #clock: Clock;
  readonly #events: LinkEvents;
  readonly #outstanding = new SlotTable<Delivery>();
  readonly #swept: Swept[] = [];
  readonly #outbox: Outbox;
  readonly #unheard = new UnheardCommand();
  readonly #faults: (() => FaultEdge) | undefined;
  #edge: FaultEdge | undefined;
  /** What belongs to the next command that is sent. Only under faults. */
  #transaction: RedisCommand[] = [];
  #isTogether = false;
  #sweepTimer: NodeJS.Timeout | undefined;
  #handshakeTimer: NodeJS.Timeout | undefined;
  #silentSweeps = 0;
  #lastError = 'not connected yet';
  #isReady = false;
  #isClosed = false;

  constructor(address: RedisAddress, clock: Clock, random: Random, events: LinkEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#faults = address.faults;
    this.#edge = this.#faults?.();
    this.#redis = openRedis(address, random);
    this.#outbox = new Outbox(this.#redis);
    this.#redis.on('error', (error: Error) => (this.#lastError = error.message));
    this.#redis.on('connect', () => this.#watchHandshake());
    this.#redis.on('ready', () => this.#becomeReady());
    this.#redis.on('close', () => this.#loseLink());
  }

  /** Starts connecting, and goes on trying until closed. */
  open(): void {
    // The failure of the first attempt arrives as an error event too.
    this.#redis.connect().catch(() => undefined);
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** The last connection error, for people. */
  get lastError(): string {
    return this.#lastError;
  }

  /** Everything sent by `task` leaves in one write to the socket: one string, since corked chunks cost a buffer each. */
  together(task: () => void): void {
    if (this.#isTogether) {
      task();
      return;
    }
    this.#isTogether = true;
    try {
      task();
    } finally {
      this.#isTogether = false;
      if (this.#outbox.text !== '') this.#redis.stream.write(this.#outbox.text);
      this.#outbox.text = '';
    }
  }

  /** Sends one command; `delivery` is settled once. Only inside `together`, on a ready link. */
  send(name: string, args: readonly string[], delivery: Delivery): void {
    const id = this.#outstanding.put(delivery);
    this.#keepSweeping();
    if (this.#edge === undefined) this.#write(name, args, (...reply) => this.#arrive(id, ...reply));
    else this.#sendFaulted(this.#edge, id, [name, ...args]);
  }

  /** Sends one command whose own reply does not matter (MULTI, and what is queued inside it). */
  sendUnheard(name: string, args: readonly string[]): void {
    if (this.#edge === undefined) this.#writeUnheard(name, args);
    else this.#transaction.push([name, ...args]);
  }

  #write(
    name: string,
    args: readonly string[],
    settle: (error: Error | null, reply: unknown) => void,
  ): void {
    this.#redis.sendCommand(new HeardCommand(name, args, settle), this.#outbox);
  }

  #writeUnheard(name: string, args: readonly string[]): void {
    this.#unheard.spell(name, args);
    this.#redis.sendCommand(this.#unheard, this.#outbox);
  }

  /** A command with the transaction before it, if no fault takes hold of them; then its reply in the same way. */
  #sendFaulted(edge: FaultEdge, id: number, last: RedisCommand): void {
    const commands = [...this.#transaction, last];
    this.#transaction = [];
    const [name, ...args] = last;
    const route = routeOf(commands);
    const cut = (reason: string): void => this.#cutSoon(edge, reason);
    if (this.#outstanding.size > owedMax) cut('too many commands are owed under faults');
    passRequest(edge, commands, {
      cut,
      fail: (error) => setImmediate(() => this.#arrive(id, madeUpReply(error), undefined)),
      deliver: () =>
        this.together(() => {
          for (const [inner, ...rest] of commands.slice(0, -1)) this.#writeUnheard(inner, rest);
          this.#write(name, args, (error, reply) => {
            const deliver = (): void => this.#arrive(id, error, reply);
            if (isLoss(error)) deliver();
            else passReply(edge, route, error?.message ?? reply, { deliver, cut });
          });
        }),
    });
  }

  /** Not in the middle of what is being written. */
  #cutSoon(edge: FaultEdge, reason: string): void {
    setImmediate(() => {
      if (this.#edge === edge) this.cut(reason);
    });
  }

  /** Registers a part that wants to be swept; call `keepSweeping` whenever it stops being idle. */
  addSwept(part: Swept): void {
    this.#swept.push(part);
  }

  keepSweeping(): void {
    this.#keepSweeping();
  }

  /** Breaks the connection; it will be opened again. */
  cut(reason: string): void {
    this.#lastError = reason;
    // Not disconnect(): that waits two seconds for a peer that may be frozen.
    this.#redis.stream.destroy(new Error(reason));
  }

  /** Ends the connection for good. Every delivery is settled before this returns. */
  close(): void {
    clearTimeout(this.#handshakeTimer);
    clearInterval(this.#sweepTimer);
    this.#sweepTimer = undefined;
    this.#lastError = 'closed';
    this.#isClosed = true;
    this.#loseLink();
    const hadStream = this.#redis.status !== 'wait';
    this.#redis.disconnect();
    if (hadStream) this.#redis.stream.destroy();
  }

  #arrive(id: number, error: Error | null, reply: unknown): void {
    const delivery = this.#outstanding.take(id);
    if (delivery === undefined) return;
    this.#silentSweeps = 0;
    delivery.settle(error, reply, isLoss(error));
  }

  #watchHandshake(): void {
    clearTimeout(this.#handshakeTimer);
    this.#handshakeTimer = setTimeout(
      () => this.cut('the handshake took too long'),
      handshakeTimeoutMs,
    );
  }

  #becomeReady(): void {
    const edge = this.#edge;
    if (edge === undefined) {
      this.#rise();
      return;
    }
    // As long as faults hold the connection back its handshake is not done, and may take too long.
    const cut = (reason: string): void => this.#cutSoon(edge, reason);
    passConnection(edge, { deliver: () => this.#rise(), cut });
  }

  #rise(): void {
    clearTimeout(this.#handshakeTimer);
    this.#isReady = true;
    this.#silentSweeps = 0;
    this.#lastError = 'the server closed the connection';
    this.#events.ready();
  }

  #loseLink(): void {
    clearTimeout(this.#handshakeTimer);
    const wasReady = this.#isReady;
    this.#isReady = false;
    this.#edge?.close();
    this.#edge = this.#isClosed ? undefined : this.#faults?.();
    this.#transaction = [];
    const lost = this.#outstanding.takeAll();
    const error = new Error(`the link was lost: ${this.#lastError}`);
    for (const delivery of lost) delivery.settle(error, undefined, true);
    if (wasReady) this.#events.lost(this.#lastError);
  }

  #keepSweeping(): void {
    this.#sweepTimer ??= setInterval(() => this.#sweep(), sweepIntervalMs);
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const part of this.#swept) part.sweep(nowMs);
    this.#silentSweeps = this.#outstanding.size === 0 ? 0 : this.#silentSweeps + 1;
    if (this.#silentSweeps > silentSweepsMax) {
      this.#silentSweeps = 0;
      this.cut(`the link owed replies and was silent for ${linkSilenceMs} ms`);
    }
    if (this.#outstanding.size === 0 && this.#swept.every((part) => part.isIdle())) {
      clearInterval(this.#sweepTimer);
      this.#sweepTimer = undefined;
    }
  }
}

/** Everything but an error that Redis itself said. */
function isLoss(error: Error | null): boolean {
  return error !== null && error.name !== 'ReplyError';
}

/** What a turn sends, gathered. ioredis writes commands to it as to a stream. */
class Outbox {
  readonly isPipeline = true;
  readonly destination: { readonly redis: Redis };
  text = '';

  constructor(redis: Redis) {
    this.destination = { redis };
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

/**
 * A command that settles at once and not by ioredis's promise: that one was found to be kept, with the replies of a whole
 * train, until the next full collection; there was one a second while pages were read, and everybody's p99 showed it.
 */
class HeardCommand extends Command {
  constructor(
    name: string,
    args: readonly string[],
    settle: (error: Error | null, reply: unknown) => void,
  ) {
    super(name, args as string[], { replyEncoding: 'utf8' }, () => undefined);
    this.resolve = (reply: Buffer | Buffer[]) => settle(...this.#textOf(reply));
    this.reject = (error) => settle(error, undefined);
  }

  /** As ioredis does: a reply that cannot be read is that command's error, not this process's end. */
  #textOf(reply: Buffer | Buffer[]): [error: Error | null, reply: unknown] {
    try {
      return [null, this.transformReply(reply)];
    } catch (error) {
      return [error as Error, undefined];
    }
  }
}

/**
 * A command whose replies nobody reads, so that one object stands for all of them: ioredis only needs something in its
 * queue for each reply. Half of a read's cost was commands and promises for replies that say QUEUED.
 */
class UnheardCommand extends Command {
  #text = '';

  constructor() {
    super('multi', [], undefined, () => undefined);
  }

  spell(name: string, args: readonly string[]): void {
    this.#text = `*${args.length + 1}\r\n$${name.length}\r\n${name}\r\n`;
    for (const arg of args) this.#text += `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`;
  }

  override toWritable(): string {
    return this.#text;
  }
}
