// One mTLS connection to one service instance, kept up for ever: calls by number, deadlines, silence, reconnecting.
// It knows nothing of zones, circuits or retries (call.ts does), and never decides to try again by itself.
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import {
  KmsError,
  SlotTable,
  type Clock,
  type Deadline,
  type FaultEdge,
  type FaultPort,
  type Random,
} from '@zonehold/primitives';
import { backoffMs } from './backoff.ts';
import { connecting, frameBytes, linkRoutes } from './faulted-frames.ts';
import { FrameDecoder } from './frame-codec.ts';
import { FrameWriter } from './frame-writer.ts';
import { identityOfNames, strangeness } from './identity.ts';
import { LinkPulse } from './link-pulse.ts';
import {
  cancelText,
  pingText,
  pongText,
  readMessage,
  requestText,
  type Message,
  type RequestHeaders,
} from './messages.ts';
import type { LinkState } from './observer.ts';
import type { Endpoint, ServiceIdentity } from './ports.ts';

/** How a call on a link ended. `wasSent`: bytes may have reached the peer. */
export type LinkAnswer =
  | { readonly kind: 'reply'; readonly body: unknown }
  | {
      readonly kind: 'failure';
      readonly error: KmsError;
      readonly from: 'peer' | 'link';
      readonly wasSent: boolean;
    };

export interface LinkPolicy {
  /** A link that owes answers and shows no byte for so long is cut. The peer's event loop answers pings in between. */
  readonly linkSilenceMs: number;
  /** TCP, TLS and the first pong together. */
  readonly connectTimeoutMs: number;
  readonly reconnect: { readonly baseMs: number; readonly maxMs: number };
  readonly inFlightMax: number;
  /** How often deadlines and silence are looked at; both are late by at most this. */
  readonly sweepMs: number;
}

export const linkPolicyDefaults: LinkPolicy = {
  linkSilenceMs: 500,
  connectTimeoutMs: 1_000,
  reconnect: { baseMs: 50, maxMs: 1_000 },
  // Sixteen times the concurrency at which one pair of processes fills its cores; above it, waiting only makes calls late.
  inFlightMax: 1_024,
  sweepMs: 50,
};

export interface LinkOptions {
  readonly self: ServiceIdentity;
  readonly endpoint: Endpoint;
  readonly secureContext: SecureContext;
  readonly clock: Clock;
  readonly random: Random;
  readonly policy: LinkPolicy;
  /** Undefined: nothing goes wrong on purpose. */
  readonly faults: FaultPort | undefined;
  readonly onState: (state: LinkState, reason: string) => void;
}

interface PendingCall {
  readonly method: string;
  readonly expiresAtMs: number;
  readonly resolve: (answer: LinkAnswer) => void;
  /** Stops to listen for a cancel. */
  leave: (() => void) | undefined;
}

/** Connects at once and again after every loss, until `close`. */
export class Link {
  readonly #options: LinkOptions;
  readonly #pending = new SlotTable<PendingCall>();
  readonly #pulse: LinkPulse;
  readonly #waiters = new Set<(isUp: boolean) => void>();
  readonly #sweepTimer: NodeJS.Timeout;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #socket: TLSSocket | undefined;
  #writer: FrameWriter | undefined;
  #edge: FaultEdge | undefined;
  #isUp = false;
  #isClosed = false;
  #peerTakesCancels = false;
  #failedConnects = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#pulse = new LinkPulse(options.policy, options.clock);
    this.#sweepTimer = setInterval(this.#sweep, options.policy.sweepMs).unref();
    this.#connect();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  /**
   * Sends one request and resolves, never rejects, with how it ended: at the latest `timeoutMs` and a sweep later, and at once when
   * `deadline` is cancelled; the peer is told when nobody waits any more. Not up, full or blocked: at once, as not sent. `bodyText` is
   * JSON that fits a frame.
   */
  call(
    headers: RequestHeaders,
    bodyText: string,
    timeoutMs: number,
    deadline?: Deadline,
  ): Promise<LinkAnswer> {
    const writer = this.#writer;
    if (deadline?.isCancelled === true)
      return Promise.resolve(unsent('CANCELLED', 'nobody waits for the answer'));
    if (!this.#isUp || writer === undefined)
      return Promise.resolve(unsent('LINK_LOST', 'there is no link'));
    if (this.#pending.size >= this.#options.policy.inFlightMax || writer.isBlocked) {
      return Promise.resolve(unsent('OVERLOADED', 'too many calls are under way on the link'));
    }
    return new Promise((resolve) => {
      const expiresAtMs = this.#options.clock.monotonicMs() + timeoutMs;
      const { method } = headers;
      const pending: PendingCall = { method, expiresAtMs, resolve, leave: undefined };
      const id = this.#pending.put(pending);
      pending.leave = deadline?.onCancel(() => this.#abandon(id, cancelled()));
      const text = requestText(id, headers, bodyText);
      if (this.#edge === undefined) writer.send(text);
      else this.#sendFaulted(this.#edge, writer, text, method, id);
    });
  }

  /** Resolves true when the link is up, false when it is still not after `timeoutMs` or was closed. */
  whenUp(timeoutMs: number): Promise<boolean> {
    if (this.#isUp || this.#isClosed) return Promise.resolve(this.#isUp);
    return new Promise((resolve) => {
      const finish = (isUp: boolean): void => {
        clearTimeout(timer);
        this.#waiters.delete(finish);
        resolve(isUp);
      };
      const timer = setTimeout(finish, timeoutMs, false);
      this.#waiters.add(finish);
    });
  }

  /** Ends the link for good. Calls under way fail as LINK_LOST. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#sweepTimer);
    clearTimeout(this.#reconnectTimer);
    this.#lose('closed here');
  }

  #connect(): void {
    const { endpoint, policy, faults } = this.#options;
    this.#reconnectTimer = setTimeout(() => {
      if (!this.#isUp) this.#lose('connecting took too long');
    }, policy.connectTimeoutMs).unref();
    const edge = (this.#edge = faults?.edge(endpoint));
    if (edge === undefined) {
      this.#open();
      return;
    }
    edge.pass(connecting, {
      deliver: () => this.#open(),
      // As a refusal would: not before whoever made us connect is done.
      cut: (reason) => setImmediate(() => this.#edge === edge && this.#lose(reason)),
    });
  }

  #open(): void {
    const { endpoint, secureContext } = this.#options;
    const socket = connect({
      host: endpoint.host,
      port: endpoint.port,
      secureContext,
      minVersion: 'TLSv1.3',
      rejectUnauthorized: true,
      checkServerIdentity: (_host, certificate) => this.#refusalOf(certificate.subjectaltname),
    });
    const writer = new FrameWriter(socket);
    const isCurrent = (): boolean => this.#socket === socket;
    let frames = 0;
    const decoder = new FrameDecoder((frame, bytes) => {
      frames += 1;
      if (isCurrent()) this.#receive(frame, bytes);
    });
    this.#socket = socket;
    this.#writer = writer;
    this.#pulse.start();
    this.#peerTakesCancels = false;
    socket.setNoDelay(true);
    // In TLS 1.3 a client is done before the server has judged its certificate: only a pong shows that it was let in.
    socket.once('secureConnect', () => {
      if (isCurrent()) this.#sendPing();
    });
    socket.on('data', (chunk: Buffer) => {
      if (!isCurrent()) return;
      frames = 0;
      try {
        decoder.push(chunk);
        // Under faults a frame is heard when it is delivered; of an unfinished one nobody can say yet.
        if (this.#edge === undefined || frames === 0) this.#pulse.heard();
      } catch (error) {
        this.#lose(error instanceof Error ? error.message : 'the peer broke the protocol');
      }
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (isCurrent()) this.#lose(error.code ?? error.message);
    });
    socket.on('close', () => {
      if (isCurrent()) this.#lose('the peer closed the connection');
    });
  }

  #sendPing(): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    if (this.#edge === undefined) writer.send(pingText(0));
    else this.#sendFaulted(this.#edge, writer, pingText(0), linkRoutes.ping);
  }

  /** Sends a request, or a ping without `id`, if no fault takes hold of it. */
  #sendFaulted(
    edge: FaultEdge,
    writer: FrameWriter,
    text: string,
    route: string,
    id?: number,
  ): void {
    const frame = { direction: 'out', leg: 'request', route, bytes: frameBytes(text) } as const;
    edge.pass(frame, {
      deliver: () => writer.send(text),
      cut: (reason) => this.#lose(reason),
      // Just as if the peer had said it.
      fail: (error) => {
        if (id !== undefined) this.#settle({ kind: 'failure', id, error });
      },
    });
  }

  #refusalOf(names: string | undefined): Error | undefined {
    const { self, endpoint } = this.#options;
    const peer = identityOfNames(names);
    if (peer === undefined) return new Error('the server has no identity of ours');
    const strange = strangeness(self, peer);
    if (strange !== undefined) return new Error(`the server is of another ${strange}`);
    if (peer.zone === endpoint.zone && peer.service === endpoint.service) return undefined;
    return new Error(`the server is ${peer.service} of ${peer.zone}`);
  }

  #receive(frame: unknown, bytes: number): void {
    const message = readMessage(frame);
    const { kind } = message;
    // What no server may send breaks the link here and now, faults or not.
    if (this.#edge === undefined || kind === 'request' || kind === 'cancel') this.#accept(message);
    else this.#acceptFaulted(this.#edge, message, bytes);
  }

  #acceptFaulted(edge: FaultEdge, message: Message, bytes: number): void {
    const isAnswer = message.kind === 'reply' || message.kind === 'failure';
    const route = isAnswer ? this.#pending.at(message.id)?.method : linkRoutes.ping;
    edge.pass(
      { direction: 'in', leg: 'reply', route: route ?? linkRoutes.late, bytes },
      {
        deliver: () => {
          this.#pulse.heard();
          this.#accept(message);
        },
        cut: (reason) => this.#lose(reason),
      },
    );
  }

  #accept(message: Message): void {
    if (message.kind === 'pong') {
      this.#pulse.ponged();
      this.#peerTakesCancels = message.takesCancels;
      if (!this.#isUp) this.#rise();
    } else if (message.kind === 'ping') {
      this.#writer?.send(pongText(message.id));
    } else if (message.kind === 'request' || message.kind === 'cancel') {
      throw new KmsError('PROTOCOL', 'a server sent what only clients send');
    } else {
      this.#settle(message);
    }
  }

  #settle(message: Extract<Message, { kind: 'reply' | 'failure' }>): void {
    const pending = this.#pending.take(message.id);
    // A late answer to a call that timed out: nobody waits for it.
    if (pending === undefined) return;
    settle(
      pending,
      message.kind === 'reply'
        ? message
        : { kind: 'failure', error: message.error, from: 'peer', wasSent: true },
    );
  }

  #rise(): void {
    clearTimeout(this.#reconnectTimer);
    this.#isUp = true;
    this.#failedConnects = 0;
    this.#options.onState('up', 'connected');
    for (const waiter of this.#waiters) waiter(true);
  }

  /** The one way down: settles every call, tells the watcher, and plans the next connection. */
  #lose(reason: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#writer = undefined;
    this.#edge?.close();
    this.#edge = undefined;
    socket?.destroy();
    clearTimeout(this.#reconnectTimer);
    const wasUp = this.#isUp;
    this.#isUp = false;
    for (const pending of this.#pending.takeAll()) settle(pending, lost(reason));
    if (wasUp || this.#failedConnects === 0) this.#options.onState('down', reason);
    if (this.#isClosed) {
      for (const waiter of this.#waiters) waiter(false);
      return;
    }
    const { reconnect } = this.#options.policy;
    const delayMs = backoffMs(reconnect, this.#failedConnects, this.#options.random);
    this.#failedConnects += 1;
    this.#reconnectTimer = setTimeout(() => this.#connect(), delayMs).unref();
  }

  /** The link's one timer: deadlines of calls, pings, silence. */
  readonly #sweep = (): void => {
    if (!this.#isUp) return;
    if (this.#pending.size > 0) this.#expire();
    const verdict = this.#pulse.check(this.#pending.size > 0);
    if (verdict === 'ping') this.#sendPing();
    if (verdict === 'dead') this.#lose(`silent for ${this.#options.policy.linkSilenceMs} ms`);
  };

  #expire(): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#pending.forEach(({ expiresAtMs }, id) => {
      if (expiresAtMs <= nowMs) this.#abandon(id, timedOut());
    });
  }

  /** Waits no more for a call, and lets the peer drop what it has not done of it. */
  #abandon(id: number, answer: LinkAnswer): void {
    const pending = this.#pending.take(id);
    if (pending === undefined) return;
    if (this.#peerTakesCancels && this.#writer !== undefined) this.#sendCancel(this.#writer, id);
    settle(pending, answer);
  }

  #sendCancel(writer: FrameWriter, id: number): void {
    if (this.#edge === undefined) writer.send(cancelText(id));
    else this.#sendFaulted(this.#edge, writer, cancelText(id), linkRoutes.cancel, id);
  }
}

function settle({ resolve, leave }: PendingCall, answer: LinkAnswer): void {
  leave?.();
  resolve(answer);
}

function unsent(code: 'LINK_LOST' | 'OVERLOADED' | 'CANCELLED', message: string): LinkAnswer {
  return { kind: 'failure', error: new KmsError(code, message), from: 'link', wasSent: false };
}

function lost(reason: string): LinkAnswer {
  const error = new KmsError('LINK_LOST', `the link was lost: ${reason}`, { outcome: 'unknown' });
  return { kind: 'failure', error, from: 'link', wasSent: true };
}

function cancelled(): LinkAnswer {
  const error = new KmsError('CANCELLED', 'nobody waits for the answer any more', {
    outcome: 'unknown',
  });
  return { kind: 'failure', error, from: 'link', wasSent: true };
}

function timedOut(): LinkAnswer {
  const error = new KmsError('DEADLINE_EXCEEDED', 'the answer did not come in time', {
    outcome: 'unknown',
  });
  return { kind: 'failure', error, from: 'link', wasSent: true };
}
