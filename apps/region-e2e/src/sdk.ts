// IBM's own Node SDK, pointed at the region. TLS is verified: NODE_EXTRA_CA_CERTS is set before the test process starts.
import { Agent } from 'node:https';
import type { BearerTokenAuthenticator } from '@ibm-cloud/ibm-key-protect/auth/index.js';
import { IamAuthenticator } from '@ibm-cloud/ibm-key-protect/auth/index.js';
import KeyProtectV2 from '@ibm-cloud/ibm-key-protect/ibm-key-protect-api/v2.js';

/** What a test needs to call the region as one identity. */
export interface SdkOptions {
  readonly url: string;
  readonly tokenUrl: string;
  readonly apiKey: string;
  readonly instanceId: string;
  /** Connections to the endpoint at most; they are kept alive. */
  readonly connections?: number;
}

/** The reply members that tests look at. */
export interface KeyResource {
  readonly id: string;
  readonly name: string;
  readonly state: number;
  readonly payload?: string;
  readonly [member: string]: unknown;
}

/** An SDK refusal: status and the contract's reason code from the body. */
export interface Refusal {
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly message: string;
  /** Of the `Retry-After` header. */
  readonly retryAfter: string | undefined;
}

const body = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** A thin, typed face over the SDK: it adds nothing to what the SDK sends. */
export class SdkClient {
  readonly api: KeyProtectV2;
  readonly agent: Agent;
  readonly #instance: { readonly bluemixInstance: string };
  readonly #options: SdkOptions;
  readonly #authenticator: IamAuthenticator | BearerTokenAuthenticator;

  constructor(
    options: SdkOptions,
    agent = new Agent({ keepAlive: true, maxSockets: options.connections ?? 8 }),
    authenticator: IamAuthenticator | BearerTokenAuthenticator = new IamAuthenticator({
      apikey: options.apiKey,
      url: options.tokenUrl,
    }),
  ) {
    this.#options = options;
    this.#authenticator = authenticator;
    this.agent = agent;
    this.api = new KeyProtectV2({
      authenticator,
      serviceUrl: options.url,
      httpsAgent: this.agent,
    });
    this.#instance = { bluemixInstance: options.instanceId };
  }

  async createKey(
    resource: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<KeyResource> {
    const response = await this.api.createKey({
      ...this.#instance,
      headers,
      body: body({
        metadata: { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 1 },
        resources: [{ type: 'application/vnd.ibm.kms.key+json', ...resource }],
      }),
    });
    return first(response.result);
  }

  async listKeys(
    query: { limit?: number; offset?: number; state?: number[] } = {},
  ): Promise<KeyResource[]> {
    const response = await this.api.getKeys({ ...this.#instance, ...query });
    return resources(response.result);
  }

  async getKey(id: string): Promise<KeyResource> {
    return first((await this.api.getKey({ ...this.#instance, id })).result);
  }

  async metadata(id: string): Promise<KeyResource> {
    return first((await this.api.getKeyMetadata({ ...this.#instance, id })).result);
  }

  async versions(id: string): Promise<KeyResource[]> {
    return resources((await this.api.getKeyVersions({ ...this.#instance, id })).result);
  }

  async wrap(
    id: string,
    request: { plaintext?: string; aad?: string[] } = {},
  ): Promise<WrapResult> {
    const response = await this.api.wrapKey({
      ...this.#instance,
      id,
      keyActionWrapBody: body(request),
    });
    return response.result as unknown as WrapResult;
  }

  async unwrap(id: string, request: { ciphertext: string; aad?: string[] }): Promise<UnwrapResult> {
    const response = await this.api.unwrapKey({
      ...this.#instance,
      id,
      keyActionUnwrapBody: body(request),
    });
    return response.result as unknown as UnwrapResult;
  }

  async rewrap(id: string, request: { ciphertext: string; aad?: string[] }): Promise<UnwrapResult> {
    const response = await this.api.rewrapKey({
      ...this.#instance,
      id,
      keyActionRewrapBody: body(request),
    });
    return response.result as unknown as UnwrapResult;
  }

  async rotate(id: string, payload?: string): Promise<number> {
    const response = await this.api.rotateKey({
      ...this.#instance,
      id,
      ...(payload === undefined ? {} : { keyActionRotateBody: body({ payload }) }),
    });
    return response.status;
  }

  async disable(id: string): Promise<number> {
    return (await this.api.disableKey({ ...this.#instance, id })).status;
  }

  async enable(id: string): Promise<number> {
    return (await this.api.enableKey({ ...this.#instance, id })).status;
  }

  async deleteKey(id: string, prefer?: 'return=representation'): Promise<KeyResource | undefined> {
    const response = await this.api.deleteKey({
      ...this.#instance,
      id,
      ...(prefer === undefined ? {} : { prefer }),
    });
    return response.status === 204 ? undefined : first(response.result);
  }

  async restore(id: string): Promise<number> {
    return (await this.api.restoreKey({ ...this.#instance, id })).status;
  }

  /** The same caller with the same token, and a new connection for each request. */
  reconnecting(): SdkClient {
    return new SdkClient(
      this.#options,
      new Agent({ keepAlive: false, ca: this.agent.options.ca }),
      this.#authenticator,
    );
  }

  close(): void {
    this.agent.destroy();
  }
}

export interface WrapResult {
  readonly ciphertext: string;
  readonly plaintext?: string;
  readonly keyVersion: { readonly id: string };
}

export interface UnwrapResult {
  readonly plaintext?: string;
  readonly ciphertext?: string;
  readonly keyVersion: { readonly id: string };
  readonly rewrappedKeyVersion?: { readonly id: string };
}

function resources(result: unknown): KeyResource[] {
  return (result as { resources?: KeyResource[] }).resources ?? [];
}

function first(result: unknown): KeyResource {
  const [resource] = resources(result);
  if (resource === undefined) throw new Error('the reply has no resource');
  return resource;
}

/** Runs `call`, which must be refused, and tells how. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    return describeRefusal(error);
  }
  throw new Error('the call was expected to be refused, but it succeeded');
}

/** Status and reason code of an SDK error. */
export function describeRefusal(error: unknown): Refusal {
  const {
    status,
    body: text,
    message,
    headers,
  } = error as {
    status?: number;
    body?: string;
    message?: string;
    headers?: Record<string, string | undefined>;
  };
  let code: string | undefined;
  try {
    const parsed = JSON.parse(text ?? '') as { resources?: { reasons?: { code?: string }[] }[] };
    code = parsed.resources?.[0]?.reasons?.[0]?.code;
  } catch {
    code = undefined;
  }
  return {
    ...{ status, code, message: message ?? String(error) },
    retryAfter: headers?.['retry-after'],
  };
}
