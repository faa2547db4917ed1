// One client request from its head to its answer: ids, time, the count of requests under way, one log line, two metrics.
// It knows neither operations nor tokens.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Cancellation, type Clock } from '@zonehold/primitives';
import type { Counter, Histogram, Log, Metrics } from '@zonehold/telemetry';
import { sendAnswer, type Answer } from './answer.ts';
import { clientCorrelationId, type RequestIds } from './correlation.ts';

/** A request that has begun. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly startedAtMs: number;
  readonly correlationId: string;
  /** True when the client sent the correlation id, so that a replay will carry the same. */
  readonly isCorrelatedByClient: boolean;
  /** Cancelled when the client's connection closes: whatever is under way for it has nobody to answer. */
  readonly cancellation: Cancellation;
}

/** What the log line says besides the answer. `route` is a pattern: raw paths hold key ids and aliases. */
export interface Served {
  readonly operation: string;
  readonly route: string;
  /** The zone whose key-manager answered, and after how many attempts; absent when none was asked. */
  readonly zone?: string;
  readonly attempts?: number;
}

/** The client went away before it was answered (nginx's number for it). */
export const clientGoneStatus = 499;

export interface ExchangesOptions {
  readonly clock: Clock;
  readonly ids: RequestIds;
  readonly log: Log;
  readonly metrics: Metrics;
}

interface Children {
  readonly duration: Histogram;
  readonly byStatus: Map<number, Counter>;
}

export class Exchanges {
  readonly #options: ExchangesOptions;
  readonly #children = new Map<string, Children>();
  #inFlight = 0;
  #isDraining = false;

  constructor(options: ExchangesOptions) {
    this.#options = options;
  }

  /** Requests under way, without those `whileWaiting`. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** From now on every answer tells its client to close the connection. */
  startDraining(): void {
    this.#isDraining = true;
  }

  /** Starts one exchange; `end` must follow, whatever happens. */
  begin(request: IncomingMessage, response: ServerResponse): Exchange {
    const given = clientCorrelationId(request.headers['correlation-id']);
    this.#inFlight += 1;
    const cancellation = new Cancellation();
    // Also after an answer: then nobody listens any more.
    response.once('close', () => cancellation.cancel());
    return {
      request,
      response,
      startedAtMs: this.#options.clock.monotonicMs(),
      correlationId: given ?? this.#options.ids.correlationId(),
      isCorrelatedByClient: given !== undefined,
      cancellation,
    };
  }

  /**
   * Waits for a client that nobody knows yet. It costs a connection, which has its own limit, and takes no place among the
   * requests under way: a thousand strangers who never finish would otherwise be the 429 of everybody else.
   */
  async whileWaiting<Value>(arrival: Promise<Value>): Promise<Value> {
    this.#inFlight -= 1;
    try {
      return await arrival;
    } finally {
      this.#inFlight += 1;
    }
  }

  /** Sends the answer, or nothing when the client has gone (`undefined`), and writes the exchange down. */
  end(exchange: Exchange, answer: Answer | undefined, served: Served): void {
    const { clock, log } = this.#options;
    const { request, response, startedAtMs, correlationId } = exchange;
    this.#inFlight -= 1;
    const isGone = answer === undefined || response.destroyed;
    if (!isGone) sendAnswer(response, answer, correlationId, this.#isDraining);
    const status = isGone ? clientGoneStatus : answer.status;
    const durationMs = clock.monotonicMs() - startedAtMs;
    this.#count(served.operation, status, durationMs);
    const fields = {
      method: request.method,
      route: served.route,
      status,
      durationMs: Math.round(durationMs * 100) / 100,
      correlationId,
      attempts: served.attempts ?? 0,
      servedZone: served.zone ?? '-',
    };
    if (status >= 500) log.warn('request.served', fields);
    else log.info('request.served', fields);
  }

  #count(operation: string, status: number, durationMs: number): void {
    const { metrics } = this.#options;
    let children = this.#children.get(operation);
    if (children === undefined) {
      children = { duration: metrics.edgeRequestDuration.of({ operation }), byStatus: new Map() };
      this.#children.set(operation, children);
    }
    let counter = children.byStatus.get(status);
    if (counter === undefined) {
      counter = metrics.edgeRequests.of({ operation, status: String(status) });
      children.byStatus.set(status, counter);
    }
    counter.inc();
    children.duration.observe(durationMs / 1_000);
  }
}
