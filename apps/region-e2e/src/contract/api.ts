// The contract's operations over plain HTTP, without an SDK between: what a contract test says and what it gets.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import type { TestRegion } from '../region.ts';

export const keyType = 'application/vnd.ibm.kms.key+json';
export const policyType = 'application/vnd.ibm.kms.policy+json';

/** One answer. `body` is undefined when it has none. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** What of a request is not its method and path. */
export interface Said {
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A key of a reply, as far as tests look at it. */
export type WireKey = Record<string, unknown> & { readonly id: string };

/** Of one client. What is more than these can carry waits in the client. */
const connectionsMax = 16;
/** A region that is silent for this long has hung. */
const silenceTimeoutMs = 30_000;

/** One identity at one endpoint, over connections that are kept. TLS is verified against the region's own authority. */
export class Api {
  readonly #region: TestRegion;
  readonly #apiKey: string;
  readonly #instanceId: string;
  readonly #url: string;
  readonly #agent: Agent;
  #token: Promise<string> | undefined;

  /** At the region's own endpoint and in its first instance, unless said otherwise. */
  constructor(
    region: TestRegion,
    apiKey: string,
    { instanceId = region.instanceId, url = region.url } = {},
  ) {
    this.#region = region;
    this.#apiKey = apiKey;
    this.#instanceId = instanceId;
    this.#url = url;
    const ca = readFileSync(region.certificateAuthority);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connectionsMax, ca });
  }

  /** `path` is what follows /api/v2; one below /governance is whole. */
  async say(method: string, path: string, { body, headers = {} }: Said = {}): Promise<Reply> {
    this.#token ??= this.#region.tokenOf(this.#apiKey);
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const length = text === undefined ? {} : { 'content-length': Buffer.byteLength(text) };
    const identity = {
      authorization: `Bearer ${await this.#token}`,
      'bluemix-instance': this.#instanceId,
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.#url}${path.startsWith('/governance/') ? '' : '/api/v2'}${path}`,
        {
          ...{ method, agent: this.#agent, timeout: silenceTimeoutMs },
          headers: { ...identity, ...length, ...headers },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const answer = Buffer.concat(chunks).toString('utf8');
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: answer === '' ? undefined : (JSON.parse(answer) as unknown),
            });
          });
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error('the region is silent')));
      outgoing.on('error', reject);
      outgoing.end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Makes a root key, unless `members` say otherwise, and gives it as a representation. */
  async key(members: Readonly<Record<string, unknown>> = {}): Promise<WireKey> {
    const resource = { name: `contract-${randomUUID()}`, extractable: false, ...members };
    const headers = { prefer: 'return=representation' };
    return keyOf(await this.say('POST', '/keys', { body: keyBody(resource), headers }));
  }

  /** Makes a key ring with a name of its own, and gives its id. */
  async ring(): Promise<string> {
    const id = `ring-${randomUUID()}`;
    await this.say('POST', `/key_rings/${id}`);
    return id;
  }
}

/** The request body that makes `resource`. */
export function keyBody(resource: Readonly<Record<string, unknown>>): object {
  return {
    metadata: { collectionType: keyType, collectionTotal: 1 },
    resources: [{ type: keyType, ...resource }],
  };
}

/** The request body that sets `policies` of a key or an instance. */
export function policyBody(...policies: readonly Readonly<Record<string, unknown>>[]): object {
  return {
    metadata: { collectionType: policyType, collectionTotal: policies.length },
    resources: policies,
  };
}

/** The only key of a reply. */
export function keyOf(reply: Reply): WireKey {
  const { resources = [] } = reply.body as { resources?: WireKey[] };
  const [key] = resources;
  if (key === undefined || resources.length !== 1)
    throw new Error(`${reply.status} with ${resources.length} keys: ${JSON.stringify(reply.body)}`);
  return key;
}

/** The reason code of a refusal; undefined when it names none. */
export function codeOf(reply: Reply): string | undefined {
  const { resources } = reply.body as { resources?: { reasons?: { code?: string }[] }[] };
  return resources?.[0]?.reasons?.[0]?.code;
}
