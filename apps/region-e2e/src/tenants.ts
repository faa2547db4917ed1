// Many tenants with an instance, an API key and keys of their own. Everything a tenant makes carries its mark, so that an answer with
// another's mark has crossed over, whatever it is an answer to.
import { randomBytes } from 'node:crypto';
import { Api, keyBody, type Reply } from './contract/api.ts';
import type { TestRegion } from './region.ts';

const markPattern = /tenant-\d{4}/g;
/** CLI processes at a time: each is half a second of one core. */
const formedAtOnce = 3;

/** The marks in `text` that are not `own`. */
export function foreignMarks(text: string, own: string): string[] {
  return [...new Set(text.match(markPattern) ?? [])].filter((mark) => mark !== own);
}

interface MadeKey {
  readonly id: string;
  readonly plaintext: string;
  readonly ciphertext: string;
}

/** One tenant. It looks at every answer that it gets. */
export class Tenant {
  readonly mark: string;
  readonly instanceId: string;
  /** Answers with another's mark, or another's plaintext. */
  readonly crossings: string[] = [];
  /** Answers other than expected. */
  readonly failures: string[] = [];
  requests = 0;
  readonly #api: Api;
  readonly #keys: MadeKey[] = [];

  constructor(region: TestRegion, mark: string, instanceId: string, apiKey: string) {
    this.mark = mark;
    this.instanceId = instanceId;
    this.#api = new Api(region, apiKey, { instanceId });
  }

  get keyIds(): readonly string[] {
    return this.#keys.map(({ id }) => id);
  }

  /** Makes a key and wraps a plaintext that carries the mark. */
  async make(): Promise<void> {
    const resource = { name: `${this.mark} key`, extractable: false, description: this.mark };
    const made = await this.#say(201, 'POST', '/keys', keyBody(resource));
    const id = (made.body as { resources?: { id: string }[] }).resources?.[0]?.id ?? '';
    const bytes = Buffer.concat([Buffer.from(this.mark), randomBytes(16)]);
    const plaintext = bytes.toString('base64');
    const wrapped = await this.#say(200, 'POST', `/keys/${id}/actions/wrap`, { plaintext });
    const { ciphertext = '' } = wrapped.body as { ciphertext?: string };
    this.#keys.push({ id, plaintext, ciphertext });
  }

  /** Reads, lists, searches and unwraps, and asks for a key of `other`, whose existence it must not learn. */
  async use(other: Tenant): Promise<void> {
    const key = this.#keys[Math.floor(Math.random() * this.#keys.length)];
    if (key === undefined) return this.make();
    await this.#say(200, 'GET', `/keys/${key.id}/metadata`);
    const listed = await this.#say(200, 'GET', '/keys?limit=100&totalCount=true');
    this.#expectOwn(listed);
    await this.#say(200, 'GET', `/keys?search=tenant`);
    const { ciphertext, plaintext } = key;
    const opened = await this.#say(200, 'POST', `/keys/${key.id}/actions/unwrap`, { ciphertext });
    if ((opened.body as { plaintext?: string }).plaintext !== plaintext)
      this.crossings.push(`${this.mark}: unwrapped to something else`);
    const [foreign] = other.keyIds;
    if (foreign === undefined || other === this) return;
    await this.#say(404, 'GET', `/keys/${foreign}`);
    const headers = { 'bluemix-instance': other.instanceId };
    await this.#say(401, 'GET', `/keys/${foreign}/metadata`, undefined, headers);
    await this.#say(401, 'GET', '/keys', undefined, headers);
  }

  /** Every key that is listed was made here, and each of ours is there. */
  #expectOwn(listed: Reply): void {
    const { resources = [] } = listed.body as { resources?: { id: string; name: string }[] };
    const strange = resources.filter(({ name }) => !name.startsWith(this.mark));
    if (strange.length > 0) this.crossings.push(`${this.mark}: lists ${JSON.stringify(strange)}`);
  }

  async #say(
    expected: number,
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    this.requests += 1;
    const reply = await this.#api.say(method, path, {
      ...(body === undefined ? {} : { body }),
      headers,
    });
    const text = JSON.stringify(reply.body ?? null);
    const foreign = foreignMarks(text, this.mark);
    if (foreign.length > 0)
      this.crossings.push(`${this.mark}: ${method} ${path} gave ${foreign.join()}`);
    if (reply.status !== expected) this.failures.push(`${method} ${path}: ${reply.status} ${text}`);
    return reply;
  }
}

/** Makes `count` tenants the way an operator does. */
export async function formTenants(region: TestRegion, count: number): Promise<Tenant[]> {
  const marks = Array.from({ length: count }, (_, at) => `tenant-${String(at).padStart(4, '0')}`);
  const tenants: Tenant[] = [];
  const queue = [...marks];
  const former = async (): Promise<void> => {
    for (let mark = queue.shift(); mark !== undefined; mark = queue.shift()) {
      const made = await region.zonehold('instance', 'create', '--name', mark, '--json');
      const { instanceId } = JSON.parse(made) as { instanceId: string };
      const key = await region.zonehold(
        ...['apikey', 'create', '--role', 'Manager', '--instance', instanceId],
        ...['--name', mark, '--json'],
      );
      const { apiKey } = JSON.parse(key) as { apiKey: string };
      tenants.push(new Tenant(region, mark, instanceId, apiKey));
    }
  };
  await Promise.all(Array.from({ length: formedAtOnce }, former));
  return tenants;
}
