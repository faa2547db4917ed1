// What parsing gives and a key-manager receives: typed, complete, with this house's names. Types only.
import type {
  DateClause,
  InstancePolicyName,
  InstancePolicyWishes,
  KeyPolicyName,
  KeyPolicyWishes,
  KeySearch,
  SortClause,
} from '@zonehold/key-domain';
import type { OperationName } from './operations.ts';

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
}

/** The material itself is not needed and goes nowhere. */
export interface RestoreBody {
  readonly hasPayload: true;
}

/** PATCH of a key: the ring it moves to. */
export interface PatchKeyBody {
  readonly keyRingId: string;
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
}

export type BodyOf<Name extends OperationName> = Name extends keyof CanonicalBodies
  ? CanonicalBodies[Name]
  : undefined;

export type QueryOf<Name extends OperationName> = Name extends keyof CanonicalQueries
  ? CanonicalQueries[Name]
  : undefined;
