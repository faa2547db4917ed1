// One accepted connection of a frame server: reads requests, runs handlers, writes answers. Who the peer is was settled
// before (frame-server.ts). It never retries and never queues: what cannot run now is refused as not applied.
import type { TLSSocket } from 'node:tls';
import {
  AssertionError,
  Cancellation,
  Deadline,
  isKmsError,
  KmsError,
  type Clock,
  type FaultEdge,
  type FaultPort,
} from '@zonehold/primitives';
import { connected, frameBytes, linkRoutes } from './faulted-frames.ts';
import { exceedsFrame, FrameDecoder } from './frame-codec.ts';
import { FrameWriter } from './frame-writer.ts';
import {
  failureText,
  pongText,
  readMessage,
  replyText,
  type Message,
  type RequestMessage,
} from './messages.ts';
import type { CallCode, ServerObserver } from './observer.ts';
import type { FrameMethod, ServiceIdentity, TraceCarrier } from './ports.ts';
import { ServedCalls } from './served-calls.ts';

/** Work with less time left is not begun: nobody would wait for its answer (mesh reference B4). */
const remainingMinMs = 10;

type Asked = Extract<Message, { kind: 'request' | 'ping' | 'cancel' }>;

/** What all connections of one server share. */
export interface ServerShare {
  readonly clock: Clock;
  readonly methods: ReadonlyMap<string, FrameMethod>;
  readonly observer: Partial<ServerObserver>;
  readonly traces: TraceCarrier | undefined;
  readonly faults: FaultPort | undefined;
  readonly inFlightMax: number;
  inFlight: number;
  isDraining: boolean;
  onIdle: (() => void) | undefined;
}

export class ServedLink {
  readonly #socket: TLSSocket;
  readonly #peer: ServiceIdentity;
  readonly #share: ServerShare;
  readonly #writer: FrameWriter;
  readonly #calls = new ServedCalls();
  /** Undefined: nothing goes wrong on purpose. */
  readonly #edge: FaultEdge | undefined;

  constructor(socket: TLSSocket, peer: ServiceIdentity, share: ServerShare) {
    this.#socket = socket;
    this.#peer = peer;
    this.#share = share;
    this.#writer = new FrameWriter(socket);
    // Whoever asked cannot be answered any more.
    socket.once('close', () => this.#calls.cancelAll());
    this.#edge = share.faults?.edge(peer);
    if (this.#edge === undefined) this.#read();
    else this.#readFaulted(this.#edge);
  }

  /** Writes what is queued, then closes in order. */
  end(): void {
    this.#writer.flush();
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** A connection that a fault lets through late is read late; one that it swallows, never. */
  #readFaulted(edge: FaultEdge): void {
    this.#socket.on('close', () => edge.close());
    edge.pass(connected, { deliver: () => this.#read(), cut: () => this.destroy() });
  }

  #read(): void {
    const decoder = new FrameDecoder((frame, bytes) => this.#receive(frame, bytes));
    this.#socket.on('data', (chunk: Buffer) => {
      try {
        decoder.push(chunk);
      } catch (error) {
        this.#share.observer.peerRefused?.(
          'protocol',
          error instanceof Error ? error.message : 'unreadable',
        );
        this.#socket.destroy();
      }
    });
  }

  #receive(frame: unknown, bytes: number): void {
    const message = readMessage(frame);
    if (message.kind === 'pong') return;
    if (message.kind === 'reply' || message.kind === 'failure')
      throw new KmsError('PROTOCOL', 'a client sent an answer');
    if (this.#edge === undefined) this.#accept(message);
    else this.#acceptFaulted(this.#edge, message, bytes);
  }

  #accept(message: Asked): void {
    if (message.kind === 'request') this.#admit(message);
    else if (message.kind === 'cancel') this.#calls.cancel(message.id);
    else this.#send(pongText(message.id), linkRoutes.ping);
  }

  #acceptFaulted(edge: FaultEdge, message: Asked, bytes: number): void {
    const { kind } = message;
    const route = kind === 'request' ? message.method : linkRoutes[kind];
    const fail = (error: KmsError): void => this.#writer.send(failureText(message.id, error));
    edge.pass(
      { direction: 'in', leg: 'request', route, bytes },
      {
        deliver: () => this.#accept(message),
        cut: () => this.destroy(),
        ...(kind === 'cancel' ? {} : { fail }),
      },
    );
  }

  /** Sends an answer to a call of `route`, if no fault takes hold of it. */
  #send(text: string, route: string): void {
    if (this.#edge === undefined) this.#writer.send(text);
    else {
      this.#edge.pass(
        { direction: 'out', leg: 'reply', route, bytes: frameBytes(text) },
        { deliver: () => this.#writer.send(text), cut: () => this.destroy() },
      );
    }
  }

  #admit(request: RequestMessage): void {
    const method = this.#share.methods.get(request.method);
    const refusal = this.#refusalOf(request, method);
    if (refusal === undefined && method !== undefined) {
      const { traces } = this.#share;
      if (traces === undefined) void this.#serve(request, method);
      else void traces.join(request.traceparent, () => this.#serve(request, method));
      return;
    }
    this.#send(failureText(request.id, refusal), request.method);
  }

  /** Every reason here is one for which the handler never saw the call: not applied. */
  #refusalOf(request: RequestMessage, method: FrameMethod | undefined): KmsError | undefined {
    const { observer, isDraining, inFlight, inFlightMax } = this.#share;
    if (method === undefined)
      return new KmsError('PROTOCOL', `there is no method ${request.method}`);
    if (!method.callers.includes(this.#peer.service)) {
      observer.peerRefused?.(
        'caller',
        `${this.#peer.service} of ${this.#peer.zone} called ${request.method}`,
      );
      return new KmsError(
        'IDENTITY_REFUSED',
        `${this.#peer.service} may not call ${request.method}`,
      );
    }
    if (isDraining) {
      observer.shed?.('draining');
      return new KmsError('UNAVAILABLE', 'the service is draining');
    }
    if (inFlight >= inFlightMax || this.#writer.isBlocked) {
      observer.shed?.('in-flight');
      return new KmsError('OVERLOADED', 'the service has too many calls under way');
    }
    if (!(request.remainingMs >= remainingMinMs)) {
      observer.shed?.('deadline');
      return new KmsError('DEADLINE_EXCEEDED', 'too little time was left to begin');
    }
    return undefined;
  }

  async #serve(request: RequestMessage, method: FrameMethod): Promise<void> {
    const { clock, observer } = this.#share;
    const startedMs = clock.monotonicMs();
    const cancellation = new Cancellation();
    this.#calls.add(request.id, cancellation);
    this.#share.inFlight += 1;
    let code: CallCode = 'OK';
    try {
      const body = await method.handle(request.body, {
        deadline: Deadline.after(clock, request.remainingMs, cancellation),
        correlationId: request.correlationId,
        peer: this.#peer,
      });
      if (!cancellation.isCancelled) this.#reply(request, body);
    } catch (error) {
      code = isKmsError(error) ? error.code : 'INTERNAL';
      if (!cancellation.isCancelled) this.#send(failureText(request.id, error), request.method);
      if (!isKmsError(error)) this.#reportBug(request, error);
    }
    this.#calls.remove(request.id);
    observer.served?.(this.#peer, request.method, code, clock.monotonicMs() - startedMs);
    this.#share.inFlight -= 1;
    if (this.#share.inFlight === 0) this.#share.onIdle?.();
  }

  #reply({ id, method }: RequestMessage, body: unknown): void {
    const bodyText = body === undefined ? 'null' : JSON.stringify(body);
    if (exceedsFrame(bodyText)) {
      throw new KmsError('INTERNAL', 'the answer is too large for a frame', { outcome: 'unknown' });
    }
    this.#send(replyText(id, bodyText), method);
  }

  /** The peer was told INTERNAL, outcome unknown. A broken invariant then stops the process (primitives/assert.ts). */
  #reportBug(request: RequestMessage, error: unknown): void {
    this.#share.observer.handlerFailed?.(request.method, request.correlationId, error);
    if (!(error instanceof AssertionError)) return;
    this.#writer.flush();
    setImmediate(() => {
      throw error;
    });
  }
}
