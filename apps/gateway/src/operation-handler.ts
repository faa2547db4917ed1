// What happens to one request of the contract, whichever host routed it: who are you, is it well formed, which zone serves
// it. It decides nothing about keys or rights: a malformed request is passed on with its refusal, because missing rights
// win over it (docs/decisions/0004).
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  operationRow,
  parseOperation,
  resolveLegacyAction,
  type ApiRefusal,
  type Caller,
  type OperationName,
  type OperationRequest,
} from '@zonehold/api-contract';
import { edgeLimits } from '@zonehold/service-host';
import type { Log, Metrics } from '@zonehold/telemetry';
import type { Answer } from './answer.ts';
import type { Authentication, Authenticator } from './authenticate.ts';
import type { ClientOrigins } from './client-origin.ts';
import type { RequestIds } from './correlation.ts';
import { refusalAnswer } from './error-response.ts';
import { explained } from './explain.ts';
import type { Exchange, Exchanges } from './exchange.ts';
import type { Forwarded, Forwarder } from './forward.ts';
import type { Injections, Struck } from './injections.ts';
import { noRepeatToken, repeatTokenOf } from './repeat-token.ts';
import { decodeText, readBody, type BodyRead } from './request-body.ts';
import type { Place, TenantLimits } from './tenant-limits.ts';
import { instanceIdOf, invalidHeader, queryOf, readHead } from './request-head.ts';

/** Which operation a path means, and what it names. */
export interface OperationTarget {
  readonly operation: OperationName;
  readonly keyRef?: string;
  readonly subRef?: string;
}

export interface OperationHandlerOptions {
  readonly exchanges: Exchanges;
  readonly authenticator: Authenticator;
  readonly forwarder: Forwarder;
  readonly origins: Pick<ClientOrigins, 'of'>;
  readonly tenants: TenantLimits;
  readonly metrics: Metrics;
  readonly ids: RequestIds;
  readonly log: Log;
  /** This gateway's. */
  readonly zone: string;
  /** Only in a development region. */
  readonly injections?: Injections;
}

/** What the client said, before anybody looked into the body. */
interface Framed {
  readonly exchange: Exchange;
  readonly target: OperationTarget;
  readonly caller: Caller;
  readonly instanceId: string;
  readonly bytes: Buffer;
}

export class OperationHandler {
  readonly #options: OperationHandlerOptions;

  constructor(options: OperationHandlerOptions) {
    this.#options = options;
  }

  /** Serves one request to its end. Never rejects. */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    target: OperationTarget,
  ): Promise<void> {
    const { exchanges, log, zone } = this.#options;
    const exchange = exchanges.begin(request, response);
    const row = operationRow(target.operation);
    let forwarded: Forwarded | undefined;
    try {
      forwarded = await this.#serve(exchange, target);
    } catch (error) {
      log.error('request.failed', { operation: target.operation, error });
      forwarded = { answer: refusalAnswer({ code: 'INTERNAL_ERR' }, row.failurePhrase) };
    }
    exchanges.end(exchange, forwarded && explained(request, forwarded, zone), {
      operation: target.operation,
      route: row.path,
      ...(forwarded?.zone === undefined ? {} : { zone: forwarded.zone }),
      ...(forwarded?.attempts === undefined ? {} : { attempts: forwarded.attempts }),
    });
  }

  /** Undefined when the client has gone. What throws here has not reached a key-manager: `forward` never rejects. */
  async #serve(exchange: Exchange, target: OperationTarget): Promise<Forwarded | undefined> {
    const { authenticator, exchanges, tenants, metrics } = this.#options;
    const { headers } = exchange.request;
    const phrase = operationRow(target.operation).failurePhrase;
    const refuse = (refusal: ApiRefusal): Forwarded => ({ answer: refusalAnswer(refusal, phrase) });
    if (exchanges.inFlight > edgeLimits.inFlightMax)
      return refuse({ code: 'TOO_MANY_REQUESTS_ERR' });
    let caller = authenticator.recall(headers.authorization);
    if (caller === undefined) {
      const judged: Authentication = await authenticator.authenticate(headers.authorization);
      if (!judged.ok) return refuse(judged.refusal);
      caller = judged.caller;
    }
    const instanceId = instanceIdOf(headers);
    const admission = tenants.admit(caller.credentialId, instanceId, exchange.startedAtMs);
    if (!admission.ok) {
      metrics.edgeLimited.of({ reason: admission.reason }).inc();
      const waitS = Math.ceil(admission.retryAfterMs / 1_000);
      return { answer: refusalAnswer({ code: 'TOO_MANY_REQUESTS_ERR' }, phrase, waitS) };
    }
    const { place } = admission;
    if (instanceId === undefined) {
      tenants.leave(place);
      return refuse(invalidHeader('Bluemix-Instance', 'the id of an instance, a UUID'));
    }
    return this.#serveAt(place, { exchange, target, caller, instanceId });
  }

  /** With a place taken: body, key-manager, answer. */
  async #serveAt(place: Place, framed: Omit<Framed, 'bytes'>): Promise<Forwarded | undefined> {
    const { forwarder, tenants, injections } = this.#options;
    let isMember: boolean | undefined;
    try {
      const read = await readBody(framed.exchange, edgeLimits.bodyMaxBytes);
      if (read.kind === 'aborted') return undefined;
      if (read.kind !== 'read') {
        const phrase = operationRow(framed.target.operation).failurePhrase;
        return { answer: tooLargeAnswer(read, phrase) };
      }
      const asked = this.#requestOf({ ...framed, bytes: read.bytes });
      const struck = injections?.draw(asked.operation);
      const forwarded =
        struck === undefined
          ? await forwarder.forward(asked, framed.exchange.cancellation)
          : await this.#injure(asked, framed.exchange, struck);
      // Only a key-manager knows whose instance it is: 401 says that it is not this caller's.
      if (forwarded.zone !== undefined) isMember = forwarded.answer.status !== 401;
      return forwarded;
    } finally {
      tenants.leave(place, isMember);
    }
  }

  /** What an injection makes of a request: always before a key-manager hears of it, so that nothing has happened when it is refused. */
  async #injure(
    request: OperationRequest,
    { cancellation }: Exchange,
    struck: Struck,
  ): Promise<Forwarded> {
    const { operation } = request;
    if (struck.latencyMs > 0) await new Promise((go) => setTimeout(go, struck.latencyMs));
    const forwarded =
      struck.refusal === undefined
        ? await this.#options.forwarder.forward(request, cancellation)
        : { answer: refusalAnswer(struck.refusal, operationRow(operation).failurePhrase) };
    const headers = [...(forwarded.answer.headers ?? []), 'Zonehold-Injected', struck.ids];
    return { ...forwarded, answer: { ...forwarded.answer, headers } };
  }

  #requestOf({ exchange, target, caller, instanceId, bytes }: Framed): OperationRequest {
    const { request, correlationId, isCorrelatedByClient } = exchange;
    const { address, network } = this.#options.origins.of(request);
    const url = request.url ?? '';
    const head = readHead(request.headers);
    const parsed = parse(target, queryOf(url), bytes);
    const refusal = head.refusal ?? parsed.refusal;
    const token =
      operationRow(parsed.operation).effect === 'changes'
        ? repeatTokenOf({
            credentialId: caller.credentialId,
            instanceId,
            method: request.method ?? '',
            url,
            body: bytes,
            keyRingId: head.keyRingId,
            idempotencyKey: head.idempotencyKey,
            correlationId: isCorrelatedByClient ? correlationId : undefined,
          })
        : noRepeatToken;
    return {
      operation: parsed.operation,
      instanceId,
      caller,
      correlationId,
      operationId: this.#options.ids.operationId(),
      token,
      ...(target.keyRef === undefined ? {} : { keyRef: target.keyRef }),
      ...(target.subRef === undefined ? {} : { subRef: target.subRef }),
      ...(head.keyRingId === undefined ? {} : { keyRingId: head.keyRingId }),
      ...(head.prefer === undefined ? {} : { prefer: head.prefer }),
      ...(head.ifMatch === undefined ? {} : { ifMatch: head.ifMatch }),
      ...(parsed.query === undefined ? {} : { query: parsed.query }),
      ...(parsed.body === undefined ? {} : { body: parsed.body }),
      ...(refusal === undefined ? {} : { refusal }),
      clientAddress: address,
      network,
    };
  }
}

interface Parsed {
  readonly operation: OperationName;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly refusal?: ApiRefusal;
}

/** The canonical query and body, or the refusal to pass on. A legacy action becomes the operation it stands for. */
function parse(
  { operation: routed, subRef }: OperationTarget,
  query: Readonly<Record<string, string>>,
  bytes: Buffer,
): Parsed {
  let operation = routed;
  if (routed === 'actionOnKey') {
    const resolved = resolveLegacyAction(query['action']);
    if (!resolved.ok) return { operation, refusal: resolved.refusal };
    operation = resolved.operation;
  }
  const decoded = decodeText(bytes);
  if (!decoded.ok) return { operation, refusal: decoded.refusal };
  const parsed = parseOperation(operation, { query, bodyText: decoded.text, subRef });
  if (!parsed.ok) return { operation, refusal: parsed.refusal };
  return { operation, query: parsed.query, body: parsed.body };
}

function tooLargeAnswer(read: BodyRead, phrase: string): Answer {
  const detail = `at most ${edgeLimits.bodyMaxBytes} bytes`;
  const answer = refusalAnswer({ code: 'REQUEST_TOO_LARGE_ERR', detail }, phrase);
  return read.kind === 'endless' ? { ...answer, endsConnection: true } : answer;
}
