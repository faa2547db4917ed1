// API keys as registers: who a credential is, the digest of its secret, where it has grants. Never the secret itself.
import type { RegisterId, RegisterState, RegisterStore } from '@zonehold/caspaxos';
import type { RoleName } from '@zonehold/key-domain';
import { KmsError, type Deadline } from '@zonehold/primitives';

/** The scope of everything about identity. */
export const identityScope = 'identity';

/** The value of an API key's register. */
export interface ApiKey {
  readonly credentialId: string;
  readonly name: string;
  /** SHA-256 in lower-case hex. The secret has 256 random bits: nothing slower is needed. */
  readonly secretSha256: string;
  readonly iamId: string;
  readonly accountId: string;
  /** The name that the CRNs of a service have; absent: a user's. */
  readonly service?: string;
  readonly createdAtMs: number;
  readonly isRevoked: boolean;
  /** Roles by instance, as given at creation: where a revocation must look. */
  readonly instances: Readonly<Record<string, readonly RoleName[]>>;
}

const namePrefix = 'apikey/';
/** Reads of one listing travel in trains of this size. */
const readBatchSize = 200;

/** The register of an API key. */
export function apiKeyRegister(credentialId: string): RegisterId {
  return { scope: identityScope, name: namePrefix + credentialId };
}

/** The API key in a state that was read from its register. */
export function decodeApiKey(state: RegisterState | undefined): ApiKey | undefined {
  const value = state?.value ?? null;
  return value === null ? undefined : (JSON.parse(value) as ApiKey);
}

/** Reads and changes API keys. Fails as RegisterStore does, and with the codes below. */
export class ApiKeyRepository {
  readonly #store: RegisterStore;

  constructor(store: RegisterStore) {
    this.#store = store;
  }

  /** Writes a new API key. Writing the same one twice is once; CONFLICT when the id belongs to another. */
  async create(apiKey: ApiKey, deadline: Deadline): Promise<void> {
    const { result: isOurs } = await this.#store.change<boolean>(
      apiKeyRegister(apiKey.credentialId),
      (current) =>
        current === null
          ? { kind: 'write', value: JSON.stringify(apiKey), summary: null, result: true }
          : {
              kind: 'keep',
              result: (JSON.parse(current) as ApiKey).secretSha256 === apiKey.secretSha256,
            },
      deadline,
    );
    if (!isOurs) throw new KmsError('CONFLICT', 'the credential id is taken');
  }

  /** Marks it revoked, if it is not yet, and returns it. NOT_FOUND when there is no such key. */
  async markRevoked(credentialId: string, deadline: Deadline): Promise<ApiKey> {
    const { result } = await this.#store.change<ApiKey | undefined>(
      apiKeyRegister(credentialId),
      (current) => {
        const apiKey = current === null ? undefined : (JSON.parse(current) as ApiKey);
        if (apiKey === undefined || apiKey.isRevoked) return { kind: 'keep', result: apiKey };
        const revoked: ApiKey = { ...apiKey, isRevoked: true };
        return { kind: 'write', value: JSON.stringify(revoked), summary: null, result: revoked };
      },
      deadline,
    );
    if (result === undefined) {
      throw new KmsError('NOT_FOUND', `there is no API key ${credentialId}`);
    }
    return result;
  }

  /** Every API key of the region, revoked ones too. Scans: for operators only. */
  async list(deadline: Deadline): Promise<readonly ApiKey[]> {
    const found = await this.#store.scan(namePrefix, deadline);
    const ids = found.filter(({ scope }) => scope === identityScope);
    const apiKeys: ApiKey[] = [];
    for (let at = 0; at < ids.length; at += readBatchSize) {
      const states = await this.#store.read(ids.slice(at, at + readBatchSize), deadline);
      for (const state of states) {
        const apiKey = decodeApiKey(state);
        if (apiKey !== undefined) apiKeys.push(apiKey);
      }
    }
    return apiKeys;
  }
}
