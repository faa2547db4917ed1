// What a run of drawn requests has learned of the region: keys that it made, and ciphertexts that they made. Fills the blanks of
// drawn requests.
import type { SeenAnswer } from './contract-document.ts';
import type { OutgoingRequest } from './fuzz-campaign.ts';
import type { FuzzRequest } from './fuzz-request.ts';

interface Wrapped {
  readonly ciphertext: string;
  readonly aad?: unknown;
}

/** Requests meet only if they are about few keys. */
const livingMax = 8;
const livingMin = 6;
/** Deleted keys have answers of their own. */
const deletedMax = 2;
const deletedStatus = 410;
/** Of so many keys one is a standard key. */
const keysPerStandardKey = 5;

export class FuzzWorld {
  /** The newest last. */
  readonly #living: string[] = [];
  readonly #deleted: string[] = [];
  readonly #wrapped = new Map<string, Wrapped>();
  #madeCount = 0;

  get isShortOfKeys(): boolean {
    return this.#living.length < livingMin;
  }

  get isNextStandard(): boolean {
    return this.#madeCount % keysPerStandardKey === keysPerStandardKey - 1;
  }

  /** Takes up the key of an answer. */
  made(text: string): void {
    const { resources } = JSON.parse(text) as { resources: readonly { id: string }[] };
    this.#madeCount += 1;
    this.#living.push(...resources.map(({ id }) => id));
    if (this.#living.length > livingMax) this.#living.shift();
  }

  /** The path with its parameters. A region without keys yet has none of this id. */
  pathOf({ path, segments }: FuzzRequest): string {
    return path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
      const segment = segments[name];
      if (segment === undefined) return 'none';
      return 'text' in segment ? segment.text : (this.#keyAt(segment.keyAt) ?? 'none');
    });
  }

  /** The body's bytes; undefined for none. */
  bodyOf(request: FuzzRequest): Buffer | undefined {
    const { body, isCiphertextReal } = request;
    if (body === undefined) return undefined;
    if (typeof body === 'string' || Buffer.isBuffer(body)) return Buffer.from(body as string);
    const wrapped = this.#wrapped.get(this.#keyIdOf(request) ?? '');
    const hasCiphertext = typeof body === 'object' && body !== null && 'ciphertext' in body;
    const isReplaced = request.kind === 'valid' && isCiphertextReal && hasCiphertext;
    return Buffer.from(JSON.stringify(isReplaced ? (wrapped ?? body) : body));
  }

  /** Takes up a key that was made or deleted, or a ciphertext. What a hostile request has done shows in later answers. */
  learn(request: FuzzRequest, outgoing: OutgoingRequest, { status, text }: SeenAnswer): void {
    const { operationId, kind } = request;
    const keyId = this.#keyIdOf(request);
    const isDeleted = status === deletedStatus || (operationId === 'deleteKey' && status < 300);
    if (isDeleted && keyId !== undefined) this.#delete(keyId);
    if (kind !== 'valid' || status >= 300 || text === '') return;
    if (operationId === 'createKey' || operationId === 'createKeyWithPoliciesOverrides') {
      this.made(text);
    }
    if (operationId === 'wrapKey' && keyId !== undefined) {
      const { ciphertext } = JSON.parse(text) as Wrapped;
      const { aad } = JSON.parse(outgoing.body?.toString('utf8') ?? '{}') as { aad?: unknown };
      this.#wrapped.set(keyId, { ciphertext, ...(aad === undefined ? {} : { aad }) });
    }
  }

  #delete(keyId: string): void {
    const at = this.#living.indexOf(keyId);
    if (at === -1) return;
    this.#living.splice(at, 1);
    this.#deleted.push(keyId);
    if (this.#deleted.length > deletedMax) this.#deleted.shift();
  }

  #keyAt(at: number): string | undefined {
    const known = [...this.#living, ...this.#deleted];
    return known[at % Math.max(1, known.length)];
  }

  #keyIdOf({ segments }: FuzzRequest): string | undefined {
    const segment = segments['id'];
    return segment !== undefined && 'keyAt' in segment ? this.#keyAt(segment.keyAt) : undefined;
  }
}
