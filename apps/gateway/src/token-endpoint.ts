// The identity endpoint of the SDKs: an API key in a form, a bearer token in JSON (reference §2). Errors have the shape of
// IAM, not of Key Protect. It signs nothing: a key-manager does.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { keyManagerMethods, type IssueTokenReply } from '@zonehold/api-contract';
import type { MeshClient } from '@zonehold/mesh';
import { Deadline, isKmsError, type Clock } from '@zonehold/primitives';
import { edgeLimits } from '@zonehold/service-host';
import type { Log } from '@zonehold/telemetry';
import type { Answer } from './answer.ts';
import type { Exchange, Exchanges, Served } from './exchange.ts';
import { readBody } from './request-body.ts';

/** Node's and Go's default paths (reference §2.1). */
export const tokenPaths = ['/identity/token', '/oidc/token'] as const;

const apiKeyGrant = 'urn:ibm:params:oauth:grant-type:apikey';
/** A form of the SDKs has under 300 bytes. */
const formMaxBytes = 16 * 1024;
/** `<id>.<256-bit secret>` is under 100; longer ones are nobody's. */
const apiKeyMaxChars = 256;

/** IAM's own codes, where it has one for the case. */
const iamErrors = {
  noGrant: { status: 400, code: 'BXNIM0109E', message: 'Property missing or empty: grant_type' },
  otherGrant: { status: 400, code: 'BXNIM0107E', message: 'Provided grant_type is not supported' },
  noApiKey: { status: 400, code: 'BXNIM0109E', message: 'Property missing or empty: apikey' },
  badApiKey: { status: 400, code: 'BXNIM0415E', message: 'Provided API key could not be found.' },
  tooLarge: { status: 413, code: 'BXNIM0413E', message: 'The request is too large' },
  tooMany: { status: 429, code: 'BXNIM0429E', message: 'Too many requests' },
  unavailable: { status: 503, code: 'BXNIM0503E', message: 'Please try again' },
} as const;

export interface TokenEndpointOptions {
  readonly exchanges: Exchanges;
  readonly mesh: MeshClient;
  readonly clock: Clock;
  readonly log: Log;
}

export class TokenEndpoint {
  readonly #options: TokenEndpointOptions;

  constructor(options: TokenEndpointOptions) {
    this.#options = options;
  }

  /** Serves `POST` of one of `tokenPaths`. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse, route: string): Promise<void> {
    const { exchanges, log } = this.#options;
    const exchange = exchanges.begin(request, response);
    const served: Served = { operation: 'token', route };
    try {
      exchanges.end(exchange, await this.#serve(exchange), served);
    } catch (error) {
      log.error('token.failed', { correlationId: exchange.correlationId, error });
      exchanges.end(exchange, this.#refusal(exchange, 'unavailable'), served);
    }
  }

  async #serve(exchange: Exchange): Promise<Answer | undefined> {
    const { exchanges } = this.#options;
    const read = await exchanges.whileWaiting(readBody(exchange, formMaxBytes));
    if (read.kind === 'aborted') return undefined;
    if (read.kind !== 'read')
      return { ...this.#refusal(exchange, 'tooLarge'), endsConnection: true };
    if (exchanges.inFlight > edgeLimits.inFlightMax) return this.#refusal(exchange, 'tooMany');
    const form = new URLSearchParams(read.bytes.toString('utf8'));
    const grant = form.get('grant_type') ?? '';
    if (grant === '') return this.#refusal(exchange, 'noGrant');
    if (grant !== apiKeyGrant) return this.#refusal(exchange, 'otherGrant');
    const apiKey = form.get('apikey') ?? '';
    if (apiKey === '') return this.#refusal(exchange, 'noApiKey');
    if (apiKey.length > apiKeyMaxChars) return this.#refusal(exchange, 'badApiKey');
    const reply = await this.#issue(apiKey, exchange);
    if (reply === undefined) return this.#refusal(exchange, 'unavailable');
    return reply.ok ? tokenAnswer(reply) : this.#refusal(exchange, 'badApiKey');
  }

  /** Undefined when no key-manager could say. Issuing changes nothing, so any zone may be asked again. */
  async #issue(
    apiKey: string,
    { correlationId, cancellation }: Exchange,
  ): Promise<IssueTokenReply | undefined> {
    const { mesh, clock, log } = this.#options;
    try {
      const deadline = Deadline.after(clock, edgeLimits.changeDeadlineMs, cancellation);
      const { reply } = await mesh.call<IssueTokenReply>(
        'key-manager',
        keyManagerMethods.issueToken,
        { apiKey, correlationId },
        { deadline, correlationId, retry: 'always' },
      );
      return reply;
    } catch (error) {
      if (!isKmsError(error)) throw error;
      log.warn('token.unavailable', { correlationId, error });
      return undefined;
    }
  }

  /** Go reads `errorCode`, `errorMessage` and `context.requestId` (reference §2.3). */
  #refusal(exchange: Exchange, kind: keyof typeof iamErrors): Answer {
    const { status, code, message } = iamErrors[kind];
    const { clock } = this.#options;
    const endMs = clock.wallMs();
    const elapsedMs = Math.round(clock.monotonicMs() - exchange.startedAtMs);
    const context = {
      requestId: exchange.correlationId,
      requestType: 'incoming.Identity_Token',
      startTime: new Date(endMs - elapsedMs).toISOString(),
      endTime: new Date(endMs).toISOString(),
      elapsedTime: String(elapsedMs),
      locale: 'en_US',
    };
    const isPassing = status === 429 || status === 503;
    return {
      status,
      body: JSON.stringify({ errorCode: code, errorMessage: message, context }),
      ...(isPassing ? { headers: ['Retry-After', '1'] } : {}),
    };
  }
}

/** Refresh tokens are not given: an API key is asked for again (the field is what IAM answers in that case). */
function tokenAnswer(reply: Extract<IssueTokenReply, { ok: true }>): Answer {
  return {
    status: 200,
    body: JSON.stringify({
      access_token: reply.accessToken,
      refresh_token: 'not_supported',
      token_type: 'Bearer',
      expires_in: reply.expiresAtS - reply.issuedAtS,
      expiration: reply.expiresAtS,
      scope: 'ibm openid',
    }),
  };
}
