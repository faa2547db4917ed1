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
const keysMax = 8;

export class FuzzWorld {
  /** The newest last. */
  readonly #keyIds: string[] = [];
  readonly #wrapped = new Map<string, Wrapped>();

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

  /** Takes up a key that was made, or a ciphertext. */
  learn(request: FuzzRequest, outgoing: OutgoingRequest, { status, text }: SeenAnswer): void {
    if (status >= 300 || text === '') return;
    const { operationId } = request;
    if (operationId === 'createKey' || operationId === 'createKeyWithPoliciesOverrides') {
      const made = JSON.parse(text) as { resources: readonly { id: string }[] };
      this.#keyIds.push(...made.resources.map(({ id }) => id));
      if (this.#keyIds.length > keysMax) this.#keyIds.shift();
    }
    const keyId = this.#keyIdOf(request);
    if (operationId === 'wrapKey' && keyId !== undefined) {
      const { ciphertext } = JSON.parse(text) as Wrapped;
      const { aad } = JSON.parse(outgoing.body?.toString('utf8') || '{}') as { aad?: unknown };
      this.#wrapped.set(keyId, { ciphertext, ...(aad === undefined ? {} : { aad }) });
    }
  }

  #keyAt(at: number): string | undefined {
    return this.#keyIds[at % Math.max(1, this.#keyIds.length)];
  }

  #keyIdOf({ segments }: FuzzRequest): string | undefined {
    const segment = segments['id'];
    return segment !== undefined && 'keyAt' in segment ? this.#keyAt(segment.keyAt) : undefined;
  }
}
