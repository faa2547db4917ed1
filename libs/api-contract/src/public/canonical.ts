// What parsing gives and a key-manager receives: typed, complete, with this house's names. Types only.
import type {
  DateClause,
  InstancePolicyName,
  InstancePolicyWishes,
  KeyPolicyName,
  KeyPolicyWishes,
  KeySearch,
  RegistrationWishes,
  SortClause,
} from '@zonehold/key-domain';
import type { OperationName } from './operations.ts';

/** Material that comes with an import token (reference §10.3). All base64 of the right sizes. Only relayed. */
export interface TokenMaterial {
  /** The material under the token's public key. */
  readonly payload: string;
  /** The token's nonce under the material. */
  readonly encryptedNonce: string;
  readonly iv: string;
}

export interface CreateKeyBody {
  readonly name: string;
  readonly description?: string;
  /** Absent when empty. */
  readonly tags?: readonly string[];
  /** Absent when empty. */
  readonly aliases?: readonly string[];
  readonly isExtractable: boolean;
  readonly expiresAtMs?: number;
  /** Base64 of imported material; its size fits the kind of key. Only relayed. */
  readonly payload?: string;
  /** Instead of `payload`; root keys only. */
  readonly tokenMaterial?: TokenMaterial;
  /** Of a create with overrides: instead of the instance's policies, all of them, even when this is empty. */
  readonly policyOverrides?: KeyPolicyWishes;
}

export interface WrapBody {
  /** Base64; absent: generate a DEK. Only relayed. */
  readonly plaintext?: string;
  /** Empty when the client sent none. */
  readonly aad: readonly string[];
}

/** Unwrap and rewrap. */
export interface UnwrapBody {
  readonly ciphertext: string;
  readonly aad: readonly string[];
}

export interface RotateBody {
  /** Base64 of 16, 24 or 32 bytes. Only relayed. */
  readonly payload?: string;
  /** Instead of `payload`. */
  readonly tokenMaterial?: TokenMaterial;
}

/** The material itself is not needed and goes nowhere; that its token is right is checked. */
export interface RestoreBody {
  readonly hasPayload: true;
  readonly tokenMaterial?: TokenMaterial;
}

/** POST of an import token. */
export interface PostImportTokenBody {
  readonly lifetimeS: number;
  readonly retrievalsMax: number;
}

/** PATCH of a key: the ring it moves to. */
export interface PatchKeyBody {
  readonly keyRingId: string;
}

/** What a service says it did about events. */
export interface EventAcknowledgeBody {
  readonly events: readonly {
    readonly eventId: string;
    readonly adopterKeyState: string;
    /** When the service says it was. */
    readonly atMs: number;
    readonly rewrappedKeyVersionId?: string;
  }[];
}

/** Canonical bodies by operation; others have none. */
export interface CanonicalBodies {
  readonly createKey: CreateKeyBody;
  readonly createKeyWithPoliciesOverrides: CreateKeyBody;
  readonly wrapKey: WrapBody;
  readonly unwrapKey: UnwrapBody;
  readonly rewrapKey: UnwrapBody;
  readonly rotateKey: RotateBody;
  readonly restoreKey: RestoreBody | undefined;
  readonly putPolicy: KeyPolicyWishes;
  readonly putInstancePolicy: InstancePolicyWishes;
  readonly patchKey: PatchKeyBody;
  readonly postImportToken: PostImportTokenBody;
  readonly createRegistration: RegistrationWishes;
  readonly updateRegistration: RegistrationWishes;
  readonly replaceRegistration: RegistrationWishes;
  readonly eventAcknowledge: EventAcknowledgeBody;
}

/** HEAD /keys. What a filter says of states and kinds stands in the members that say it without one. */
export interface KeyCountQuery {
  /** Absent: all states but Destroyed. Empty: no key. */
  readonly states?: readonly number[];
  readonly isExtractable?: boolean;
  readonly dates?: readonly DateClause[];
}

/** GET /keys. */
export interface ListKeysQuery extends KeyCountQuery {
  readonly limit: number;
  readonly offset: number;
  /** Empty: by id. */
  readonly sort: readonly SortClause[];
  readonly isTotalWanted: boolean;
  readonly search?: KeySearch;
  /** There was a filter. */
  readonly isFiltered: boolean;
}

export interface ListVersionsQuery {
  readonly limit: number;
  readonly offset: number;
  readonly isTotalWanted: boolean;
  readonly isAnyStateAllowed: boolean;
}

export interface ListKeyRingsQuery {
  readonly limit: number;
  readonly offset: number;
  readonly isTotalWanted: boolean;
}

/** DELETE of a key, and of a key ring. */
export interface ForceQuery {
  readonly isForced: boolean;
}

/** Policies of a key or an instance; absent: all of them. */
export interface PolicyQuery<Name extends string> {
  readonly policy?: Name;
}

/** GET /keys/id/registrations and /keys/registrations. */
export interface RegistrationsQuery {
  readonly limit: number;
  readonly offset: number;
  readonly isTotalWanted: boolean;
  readonly crnPattern?: string;
  readonly preventsKeyDeletion?: boolean;
}

/** Canonical queries by operation; others have none. */
export interface CanonicalQueries {
  readonly getKeyCollectionMetadata: KeyCountQuery;
  readonly getKeys: ListKeysQuery;
  readonly getKeyVersions: ListVersionsQuery;
  readonly deleteKey: ForceQuery;
  readonly putPolicy: PolicyQuery<KeyPolicyName>;
  readonly getPolicy: PolicyQuery<KeyPolicyName>;
  readonly putInstancePolicy: PolicyQuery<InstancePolicyName>;
  readonly getInstancePolicy: PolicyQuery<InstancePolicyName>;
  readonly listKeyRings: ListKeyRingsQuery;
  readonly deleteKeyRing: ForceQuery;
  readonly getRegistrations: RegistrationsQuery;
  readonly getRegistrationsAllKeys: RegistrationsQuery;
}

export type BodyOf<Name extends OperationName> = Name extends keyof CanonicalBodies
  ? CanonicalBodies[Name]
  : undefined;

export type QueryOf<Name extends OperationName> = Name extends keyof CanonicalQueries
  ? CanonicalQueries[Name]
  : undefined;
