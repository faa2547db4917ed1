// The requests that the load is made of, each with its judgement: an answer that says something wrong is a failure too.
import { Agent } from 'node:https';
import { actionPath, sendHttps, type HttpReply, type RegionAccess } from '@zonehold/loadgen';

/** A key and a ciphertext made under it. */
export interface LoadKey {
  readonly keyId: string;
  readonly plaintext: string;
  readonly ciphertext: string;
}

/**
 * The regional port is shared by all gateways, and the kernel deals connections out among them: with so many, none is left out but by
 * one chance in ten thousand.
 */
const agentCount = 24;
const keyType = 'application/vnd.ibm.kms.key+json';

/** A failure of the region or of its answer, in one or two words. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
}

export class KeyClient {
  readonly #access: RegionAccess;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agents: readonly Agent[];
  #turn = 0;

  /** `headers`: those of a client that has signed in. */
  constructor(access: RegionAccess, headers: Readonly<Record<string, string>>) {
    this.#access = access;
    this.#headers = headers;
    this.#agents = Array.from(
      { length: agentCount },
      () => new Agent({ keepAlive: true, ca: access.ca }),
    );
  }

  /** The id of a new root key. */
  async create(name: string): Promise<string> {
    const { resources } = (await this.#ask('POST', '/api/v2/keys', 201, {
      metadata: { collectionType: keyType, collectionTotal: 1 },
      resources: [{ type: keyType, name, extractable: false }],
    })) as { resources: [{ id: string }] };
    return resources[0].id;
  }

  async wrap(keyId: string, plaintext: string): Promise<string> {
    const reply = await this.#ask('POST', actionPath(keyId, 'wrap'), 200, { plaintext });
    return (reply as { ciphertext: string }).ciphertext;
  }

  /** Fails when another plaintext comes out. */
  async unwrap({ keyId, plaintext, ciphertext }: LoadKey): Promise<void> {
    const reply = await this.#ask('POST', actionPath(keyId, 'unwrap'), 200, { ciphertext });
    if ((reply as { plaintext: string }).plaintext !== plaintext)
      throw new RequestFailed('wrong answer');
  }

  /** Fails when it is not an active key. */
  async read(keyId: string): Promise<void> {
    const reply = await this.#ask('GET', `/api/v2/keys/${keyId}/metadata`, 200);
    const [key] = (reply as { resources: { id: string; state: number }[] }).resources;
    if (key?.id !== keyId || key.state !== 1) throw new RequestFailed('wrong answer');
  }

  async remove(keyId: string): Promise<void> {
    await this.#ask('DELETE', `/api/v2/keys/${keyId}?force=true`, 204);
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  async #ask(method: string, path: string, status: number, body?: object): Promise<unknown> {
    this.#turn = (this.#turn + 1) % agentCount;
    const agent = this.#agents[this.#turn] ?? this.#agents[0];
    if (agent === undefined) throw new RequestFailed('no agent');
    const reply = await sendHttps(agent, {
      ...{ method, url: `${this.#access.url}${path}`, headers: this.#headers },
      body: body === undefined ? '' : JSON.stringify(body),
    });
    return parsed(reply, status);
  }
}

function parsed({ status, text }: HttpReply, expected: number): unknown {
  if (status !== expected) throw new RequestFailed(String(status));
  return text === '' ? undefined : JSON.parse(text);
}

/** In one or two words, for a report. */
export function failureOf(error: unknown): string {
  if (error instanceof RequestFailed) return error.message;
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}
