// The little of Key Protect's API that a bench needs, over one keep-alive agent. Not an SDK: failures throw with the status.
import { Agent, request as httpsRequest } from 'node:https';

/** Where a region is and who asks. */
export interface RegionAccess {
  readonly url: string;
  readonly instanceId: string;
  readonly apiKey: string;
  /** PEM of the authority that signed the region's certificates. */
  readonly ca: string;
}

export interface HttpReply {
  readonly status: number;
  readonly text: string;
}

export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Wrapped {
  readonly ciphertext: string;
  /** The answer as it came: its size is what the echo answers with. */
  readonly text: string;
}

/** A request that has no answer by then counts as failed: twice a gateway's longest deadline. */
const timeoutMs = 10_000;

/** One HTTPS request. Rejects on connection errors and after 10 s. */
export function sendHttps(agent: Agent, call: HttpCall): Promise<HttpReply> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpReply>();
  const { method, url, headers, body } = call;
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const request = httpsRequest(
    url,
    { agent, method, headers: { ...headers, ...length } },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
      });
    },
  );
  request.setTimeout(timeoutMs, () => request.destroy(new Error('no answer in time')));
  request.on('error', reject);
  request.end(body);
  return promise;
}

export class KmsClient {
  readonly agent: Agent;
  readonly #access: RegionAccess;
  #token = '';

  constructor(access: RegionAccess) {
    this.#access = access;
    this.agent = new Agent({ keepAlive: true, ca: access.ca });
  }

  /** Asks for a token; it lasts an hour, longer than any bench. */
  async signIn(): Promise<void> {
    const body = new URLSearchParams({
      grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
      apikey: this.#access.apiKey,
    });
    const url = `${this.#access.url}/identity/token`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await sendHttps(this.agent, {
      method: 'POST',
      url,
      headers,
      body: body.toString(),
    });
    const { access_token: token } = parse(reply, 200) as { access_token: string };
    this.#token = token;
  }

  /** The headers of every request after `signIn`. */
  get headers(): Readonly<Record<string, string>> {
    return {
      authorization: `Bearer ${this.#token}`,
      'bluemix-instance': this.#access.instanceId,
      'content-type': 'application/json',
    };
  }

  /** Makes a root key; gives its id. */
  async createKey(name: string): Promise<string> {
    const type = 'application/vnd.ibm.kms.key+json';
    const body = JSON.stringify({
      metadata: { collectionType: type, collectionTotal: 1 },
      resources: [{ type, name, extractable: false }],
    });
    const reply = await this.#post('/api/v2/keys', body);
    const { resources } = parse(reply, 201) as { resources: [{ id: string }] };
    return resources[0].id;
  }

  async wrap(keyId: string, plaintext: string): Promise<Wrapped> {
    const reply = await this.#post(actionPath(keyId, 'wrap'), JSON.stringify({ plaintext }));
    const { ciphertext } = parse(reply, 200) as { ciphertext: string };
    return { ciphertext, text: reply.text };
  }

  async unwrap(keyId: string, ciphertext: string): Promise<string> {
    const reply = await this.#post(actionPath(keyId, 'unwrap'), JSON.stringify({ ciphertext }));
    return (parse(reply, 200) as { plaintext: string }).plaintext;
  }

  close(): void {
    this.agent.destroy();
  }

  #post(path: string, body: string): Promise<HttpReply> {
    const { headers } = this;
    return sendHttps(this.agent, {
      method: 'POST',
      url: `${this.#access.url}${path}`,
      headers,
      body,
    });
  }
}

/** The path of an action on a key. */
export function actionPath(keyId: string, action: 'wrap' | 'unwrap'): string {
  return `/api/v2/keys/${keyId}/actions/${action}`;
}

function parse(reply: HttpReply, expected: number): unknown {
  if (reply.status === expected) return JSON.parse(reply.text);
  throw new Error(`answered ${reply.status} instead of ${expected}: ${reply.text.slice(0, 300)}`);
}
