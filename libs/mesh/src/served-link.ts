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
} from '@zonehold/primitives';
import { exceedsFrame, FrameDecoder } from './frame-codec.ts';
import { FrameWriter } from './frame-writer.ts';
import { failureText, pongText, readMessage, replyText, type RequestMessage } from './messages.ts';
import type { CallCode, ServerObserver } from './observer.ts';
import type { FrameMethod, ServiceIdentity, TraceCarrier } from './ports.ts';
import { ServedCalls } from './served-calls.ts';

/** Work with less time left is not begun: nobody would wait for its answer (mesh reference B4). */
const remainingMinMs = 10;

/** What all connections of one server share. */
export interface ServerShare {
  readonly clock: Clock;
  readonly methods: ReadonlyMap<string, FrameMethod>;
  readonly observer: Partial<ServerObserver>;
  readonly traces: TraceCarrier | undefined;
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

  constructor(socket: TLSSocket, peer: ServiceIdentity, share: ServerShare) {
    this.#socket = socket;
    this.#peer = peer;
    this.#share = share;
    this.#writer = new FrameWriter(socket);
    const decoder = new FrameDecoder((frame) => this.#receive(frame));
    socket.on('data', (chunk: Buffer) => {
      try {
        decoder.push(chunk);
      } catch (error) {
        share.observer.peerRefused?.(
          'protocol',
          error instanceof Error ? error.message : 'unreadable',
        );
        socket.destroy();
      }
    });
    // Whoever asked cannot be answered any more.
    socket.once('close', () => this.#calls.cancelAll());
  }

  /** Writes what is queued, then closes in order. */
  end(): void {
    this.#writer.flush();
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(frame: unknown): void {
    const message = readMessage(frame);
    if (message.kind === 'request') this.#admit(message);
    else if (message.kind === 'cancel') this.#calls.cancel(message.id);
    else if (message.kind === 'ping') this.#writer.send(pongText(message.id));
    else if (message.kind !== 'pong') throw new KmsError('PROTOCOL', 'a client sent an answer');
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
    this.#writer.send(failureText(request.id, refusal));
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
      if (!cancellation.isCancelled) this.#reply(request.id, body);
    } catch (error) {
      code = isKmsError(error) ? error.code : 'INTERNAL';
      if (!cancellation.isCancelled) this.#writer.send(failureText(request.id, error));
      if (!isKmsError(error)) this.#reportBug(request, error);
    }
    this.#calls.remove(request.id);
    observer.served?.(this.#peer, request.method, code, clock.monotonicMs() - startedMs);
    this.#share.inFlight -= 1;
    if (this.#share.inFlight === 0) this.#share.onIdle?.();
  }

  #reply(id: number, body: unknown): void {
    const bodyText = body === undefined ? 'null' : JSON.stringify(body);
    if (exceedsFrame(bodyText)) {
      throw new KmsError('INTERNAL', 'the answer is too large for a frame', { outcome: 'unknown' });
    }
    this.#writer.send(replyText(id, bodyText));
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
