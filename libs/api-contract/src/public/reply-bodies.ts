// The bodies of successful replies, member for member as clients read them (reference §1.6, §5, §7). Types only.
import type { AllowedNetwork, InstancePolicyName, SearchScope } from '@zonehold/key-domain';

/** What an element of a collection is, as its MIME type (reference §1.7). */
export type CollectionType =
  | 'application/vnd.ibm.kms.key+json'
  | 'application/vnd.ibm.kms.key.version+json'
  | 'application/vnd.ibm.kms.key_ring+json'
  | 'application/vnd.ibm.kms.policy+json';

/** `collectionTotal` counts this page; `totalCount` everything, and only when asked for (trap 13). */
export interface CollectionBody<Resource> {
  readonly metadata: {
    readonly collectionType: CollectionType;
    readonly collectionTotal: number;
    readonly totalCount?: number;
  };
  /** Absent when empty, as documented (reference §1.6, §27.1 #6). */
  readonly resources?: readonly Resource[];
}

/** A page of keys; what was searched for stands beside their number. */
export interface KeyPageBody extends CollectionBody<FullKeyBody> {
  readonly metadata: CollectionBody<FullKeyBody>['metadata'] & {
    /** Present when there was a search. */
    readonly searchQuery?: SearchQueryBody;
    /** Present when there were too many keys to search, and one was found by its id or alias. */
    readonly incompleteSearch?: true;
  };
}

export interface SearchQueryBody {
  readonly query: string;
  readonly scopes: readonly SearchScope[];
  readonly not?: true;
  readonly exact?: true;
}

/** A key right after a plain create (reference §5.3 "Terse"). */
export interface TerseKeyBody {
  readonly type: 'application/vnd.ibm.kms.key+json';
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly aliases?: readonly string[];
  readonly state: number;
  readonly expirationDate?: string;
  readonly extractable: boolean;
  readonly crn: string;
  readonly imported: boolean;
  readonly deleted: boolean;
}

/** Deprecated members that typed clients still read. Sizes are given for generated material only: always 256 bits. */
export interface DeprecatedAlgorithmBody {
  readonly algorithmType: 'Deprecated';
  /** `bitLength` is a text (trap 20). */
  readonly algorithmMetadata: { readonly bitLength?: string; readonly mode: 'Deprecated' };
  readonly algorithmBitSize?: number;
  readonly algorithmMode: 'Deprecated';
}

export interface KeyVersionBody {
  readonly id: string;
  readonly creationDate: string;
}

/** An alias right after it was made (reference §13). */
export interface KeyAliasBody {
  readonly keyId: string;
  readonly alias: string;
  readonly createdBy: string;
  readonly creationDate: string;
}

/** A key ring (reference §12); `default` has an id only. */
export interface KeyRingBody {
  readonly id: string;
  readonly creationDate?: string;
  readonly createdBy?: string;
}

/** Present together, and only after a delete (reference §5.1). */
export interface DeletionBody {
  readonly deletionDate: string;
  readonly deletedBy: string;
  readonly restoreExpirationDate: string;
  readonly restoreAllowed: boolean;
  readonly purgeAllowed: boolean;
  readonly purgeAllowedFrom: string;
  readonly purgeScheduledOn: string;
}

/** What a key says of its dual authorization (reference §5.2). */
export interface DualAuthBody {
  readonly enabled: boolean;
  /** Present while `enabled`. */
  readonly keySetForDeletion?: boolean;
  /** Present while the key is set for deletion: when that lapses. */
  readonly authExpiration?: string;
}

/** The interval is absent only in a policy that was never enabled. */
export interface RotationBody {
  readonly enabled: boolean;
  readonly interval_month?: number;
}

/** One policy of a key (reference §8.1): exactly one of the last two. */
export interface KeyPolicyBody {
  readonly type: 'application/vnd.ibm.kms.policy+json';
  readonly id: string;
  readonly crn: string;
  readonly createdBy: string;
  readonly creationDate: string;
  readonly updatedBy: string;
  readonly lastUpdateDate: string;
  readonly dualAuthDelete?: { readonly enabled: boolean };
  readonly rotation?: RotationBody;
}

/** One policy of an instance (reference §9.1). Note `lastUpdated`: it is `lastUpdateDate` in a key's (trap 20). */
export interface InstancePolicyBody {
  readonly creationDate: string;
  readonly createdBy: string;
  readonly updatedBy: string;
  readonly lastUpdated: string;
  readonly policy_type: InstancePolicyName;
  /** Attributes while enabled, for the types that have any. */
  readonly policy_data: {
    readonly enabled: boolean;
    readonly attributes?: InstancePolicyAttributesBody;
  };
}

/** Those of one type. */
export type InstancePolicyAttributesBody =
  | { readonly interval_month: number }
  | { readonly allowed_network: AllowedNetwork }
  | { readonly allowed_ip: readonly string[] }
  | {
      readonly create_root_key: boolean;
      readonly create_standard_key: boolean;
      readonly import_root_key: boolean;
      readonly import_standard_key: boolean;
      readonly enforce_token: boolean;
    };

/** A key with everything but its payload (reference §5.3 "Full"). */
export interface FullKeyBody extends TerseKeyBody, DeprecatedAlgorithmBody, Partial<DeletionBody> {
  readonly tags?: readonly string[];
  readonly keyRingID: string;
  readonly creationDate: string;
  readonly createdBy: string;
  readonly lastUpdateDate: string;
  /** Absent until the first rotation. */
  readonly lastRotateDate?: string;
  /** Root keys only. */
  readonly keyVersion?: KeyVersionBody;
  readonly dualAuthDelete: DualAuthBody;
  /** If the key has a rotation policy. */
  readonly rotation?: RotationBody;
}

/** A standard key with its secret, base64. */
export interface KeyWithPayloadBody extends FullKeyBody {
  readonly payload: string;
}

interface VersionRef {
  readonly id: string;
}

/** Wrap (reference §7.2): no envelope; `plaintext` only when the service made the DEK. */
export interface WrapReplyBody {
  readonly plaintext?: string;
  readonly ciphertext: string;
  readonly keyVersion: VersionRef;
}

/** Unwrap (reference §7.3): the last two exactly when an older version had wrapped the input (trap 9). */
export interface UnwrapReplyBody {
  readonly plaintext: string;
  readonly ciphertext?: string;
  readonly keyVersion: VersionRef;
  readonly rewrappedKeyVersion?: VersionRef;
}

/** Rewrap (reference §7.4): never a plaintext. */
export interface RewrapReplyBody {
  readonly ciphertext: string;
  readonly keyVersion: VersionRef;
  readonly rewrappedKeyVersion: VersionRef;
}
