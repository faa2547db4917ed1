// API keys as registers: who a credential is, the digest of its secret, where it has grants. Never the secret itself.
import type { RegisterId, RegisterState, RegisterStore } from '@zonehold/caspaxos';
import { grantPlacesMax, type RoleName } from '@zonehold/key-domain';
import { KmsError, type Deadline } from '@zonehold/primitives';
import { changeRecord, type RecordDecision } from '../record-change.ts';

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
  /**
   * Where it may have grants, so where a revocation must look: the place's text (grants/grant-place.ts) → the intent of whoever
   * gave there last. What it has there, only the place's own register says.
   */
  readonly places?: Readonly<Record<string, string>>;
  /** In records from before places were noted: the instances where it has grants. */
  readonly instances?: Readonly<Record<string, readonly RoleName[]>>;
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

/** The texts of the places where it may have grants. */
export function placesOf({ places, instances }: ApiKey): ReadonlySet<string> {
  const olderOnes = Object.keys(instances ?? {}).map((instanceId) => `instance/${instanceId}`);
  return new Set([...olderOnes, ...Object.keys(places ?? {})]);
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
    return this.#change<ApiKey>(
      credentialId,
      (apiKey) => {
        if (apiKey.isRevoked) return { kind: 'keep', result: apiKey };
        const next: ApiKey = { ...apiKey, isRevoked: true };
        return { kind: 'write', record: next, result: next };
      },
      deadline,
    );
  }

  /** NOT_FOUND when there is no such key. */
  async find(credentialId: string, deadline: Deadline): Promise<ApiKey> {
    const [state] = await this.#store.read([apiKeyRegister(credentialId)], deadline);
    return decodeApiKey(state) ?? fail(noApiKey(credentialId));
  }

  /** As `find`, and CONFLICT for one that is revoked. */
  async findLive(credentialId: string, deadline: Deadline): Promise<ApiKey> {
    const apiKey = await this.find(credentialId, deadline);
    return apiKey.isRevoked ? fail(revoked(credentialId)) : apiKey;
  }

  /**
   * Notes that it may have grants at a place, by `intent`. `too-many`: it has as many places as it may. NOT_FOUND; CONFLICT for one
   * that is revoked.
   */
  async notePlace(
    credentialId: string,
    place: string,
    intent: string,
    deadline: Deadline,
  ): Promise<ApiKey | 'too-many'> {
    const result = await this.#change<ApiKey | 'revoked' | 'too-many'>(
      credentialId,
      (apiKey) => {
        if (apiKey.isRevoked) return { kind: 'keep', result: 'revoked' };
        const next: ApiKey = { ...apiKey, places: { ...apiKey.places, [place]: intent } };
        if (placesOf(next).size > grantPlacesMax) return { kind: 'keep', result: 'too-many' };
        return { kind: 'write', record: next, result: next };
      },
      deadline,
    );
    return result === 'revoked' ? fail(revoked(credentialId)) : result;
  }

  /** Forgets the places that `isMeant` names: it has nothing there any more. NOT_FOUND when there is no such key. */
  async dropPlaces(
    credentialId: string,
    isMeant: (place: string, intent: string | undefined) => boolean,
    deadline: Deadline,
  ): Promise<void> {
    await this.#change<undefined>(
      credentialId,
      (apiKey) => {
        const places = Object.entries(apiKey.places ?? {});
        const older = Object.entries(apiKey.instances ?? {});
        const kept = places.filter(([place, intent]) => !isMeant(place, intent));
        const keptOlder = older.filter(([id]) => !isMeant(`instance/${id}`, undefined));
        if (kept.length === places.length && keptOlder.length === older.length) {
          return { kind: 'keep', result: undefined };
        }
        const next: ApiKey = {
          ...apiKey,
          places: Object.fromEntries(kept),
          instances: Object.fromEntries(keptOlder),
        };
        return { kind: 'write', record: next, result: undefined };
      },
      deadline,
    );
  }

  /** Changes one that exists; NOT_FOUND when there is none. `decide` is pure and may run several times. */
  async #change<Result>(
    credentialId: string,
    decide: (current: ApiKey) => RecordDecision<ApiKey, Result>,
    deadline: Deadline,
  ): Promise<Result> {
    const missing = Symbol('there is no such key');
    const result = await changeRecord<ApiKey, Result | typeof missing>(
      this.#store,
      apiKeyRegister(credentialId),
      (current) => (current === undefined ? { kind: 'keep', result: missing } : decide(current)),
      deadline,
    );
    return result === missing ? fail(noApiKey(credentialId)) : result;
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

function fail(error: KmsError): never {
  throw error;
}

function noApiKey(credentialId: string): KmsError {
  return new KmsError('NOT_FOUND', `there is no API key ${credentialId}`);
}

function revoked(credentialId: string): KmsError {
  return new KmsError('CONFLICT', `API key ${credentialId} is revoked`);
}
