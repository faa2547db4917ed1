// A key as its register stores it. JSON-safe; every time is a number of milliseconds since the Unix epoch (`…AtMs`).
// Key material appears only sealed. What a client sees of it is made in api-contract, never here.
import type { Grants } from './grants.ts';
import type { KeyPolicies } from './key-policies.ts';

/**
 * States of the contract (reference §15.1): 1 Active, 2 Suspended, 3 Deactivated (expired), 5 Destroyed (deleted).
 * 3 counts from the moment `expiresAtMs` names (`effectiveState` derives it); it is stored some time after (due-changes.ts).
 */
export const keyStates = [1, 2, 3, 5] as const;

export type KeyState = (typeof keyStates)[number];

/** The same states by name, for code that reads better with words. */
export const keyState = { active: 1, suspended: 2, deactivated: 3, destroyed: 5 } as const;

/** One version of a key. `sealedMaterial` is what a crypto-worker's `sealMaterial` gave; absent once it was destroyed. */
export interface KeyVersion {
  /** UUID. The first version's id equals the key's id (reference §6.2). */
  readonly versionId: string;
  readonly createdAtMs: number;
  readonly sealedMaterial?: string;
}

/** A version whose material exists. */
export type SealedKeyVersion = KeyVersion & { readonly sealedMaterial: string };

/** What may change a key, by the names of its `operations` and of the transitions. */
export const keyChanges = [
  'create',
  'move',
  'create-alias',
  'delete-alias',
  'rotate',
  'disable',
  'enable',
  'delete',
  'restore',
  'purge',
  'setPolicies',
  'setForDeletion',
  'unsetForDeletion',
  'expire',
  'register',
  'deregister',
  'sync',
] as const;

export type KeyChange = (typeof keyChanges)[number];

/** What may change an instance's key rings. */
export type KeyRingChange = 'create-ring' | 'delete-ring';

/** What may change an instance's import token. */
export type ImportTokenChange = 'create-import-token' | 'retrieve-import-token';

/** How a client's repeat is recognised; the same three kinds as the gateway's token. */
export type RepeatTokenKind = 'idempotency-key' | 'correlation' | 'none';

/** One change that was applied, kept so that its repeat is recognised (see `repeat.ts`). */
export interface AppliedOperation {
  /** The gateway's id of the client request: equal in each attempt of one request. */
  readonly operationId: string;
  readonly tokenKind: RepeatTokenKind;
  /** Empty when `tokenKind` is `none`. */
  readonly tokenValue: string;
  /** SHA-256 of method, path, query and body in lower-case hex. */
  readonly parametersHash: string;
  readonly action: KeyChange | KeyRingChange | ImportTokenChange;
  /** What of the record was changed, where it has several of a kind: an alias, a registration, the id of a key ring. */
  readonly subject?: string;
  readonly atMs: number;
}

/**
 * The newest key that was made with this key's creation token. Key ids derive from the token, and a correlation token
 * lapses after 60 s: the next create with it goes to the id of generation `n`, and the first key's register says which.
 */
export interface TokenTail {
  /** 0: this key itself; 1: the next key that the same token made; and so on. */
  readonly n: number;
  readonly atMs: number;
}

/** Who set a key for deletion, and when. */
export interface DeletionAuthorization {
  /** IAM identity. */
  readonly authorizedBy: string;
  readonly authorizedAtMs: number;
}

/** A key that exists. */
export interface Key {
  readonly isPurged: false;
  /** Lower-case UUID v4. */
  readonly id: string;
  readonly instanceId: string;
  readonly name: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly aliases?: readonly string[];
  /** Counts the changes that gave this key aliases, or kept it from getting one (aliases.ts). Absent: 0. */
  readonly aliasSerial?: number;
  /** Counts the changes that made or changed registrations of this key (registrations.ts). Absent: 0. */
  readonly registrationSerial?: number;
  readonly state: KeyState;
  /** False: root key. True: standard key, whose payload can be read back. */
  readonly isExtractable: boolean;
  /** True when the first version's material came from the client. */
  readonly isImported: boolean;
  /** The ring as it was named; which one the key is in, key-rings.ts says. */
  readonly keyRingId: string;
  /** The ring's number; absent for `default`. */
  readonly keyRingNumber?: number;
  readonly createdAtMs: number;
  /** IAM identity, e.g. `iam-ServiceId-…`. */
  readonly createdBy: string;
  readonly updatedAtMs: number;
  /** Absent until the first rotation. */
  readonly lastRotatedAtMs?: number;
  readonly expiresAtMs?: number;
  /** Both present exactly while the state is 5. */
  readonly deletedAtMs?: number;
  readonly deletedBy?: string;
  /** Present once no version has its material any more: 30 days after a delete. The state stays 5. */
  readonly materialDestroyedAtMs?: number;
  /** Newest first, never empty. */
  readonly versions: readonly [KeyVersion, ...KeyVersion[]];
  /** Last change of the life cycle: the 30 s and 1 h rules count from here. */
  readonly lastActionAtMs: number;
  /** When services were last wished to hear of this key again; absent: never. */
  readonly lastSyncedAtMs?: number;
  /** Newest last; at most `keptOperationsMax`, and none older than `keptOperationsMaxAgeMs` besides the newest. */
  readonly operations: readonly AppliedOperation[];
  /** The operation that made this key. Kept for ever, in the tombstone too. */
  readonly creation: AppliedOperation;
  readonly tokenTail: TokenTail;
  /** Absent in keys that never had one. */
  readonly policies?: KeyPolicies;
  /** The first half of a dual authorization; it may have lapsed (see `standingAuthorization`). */
  readonly deletionAuthorization?: DeletionAuthorization;
  /** Roles given for this key alone. At most `keyGrantsMax`. */
  readonly grants?: Grants;
}

/** What stays of a key after purge: enough that its creation token never makes it again. */
export interface PurgedKey {
  readonly isPurged: true;
  readonly id: string;
  readonly instanceId: string;
  readonly purgedAtMs: number;
  /** The ring it was in, as it was named; absent in older tombstones. */
  readonly keyRingId?: string;
  readonly keyRingNumber?: number;
  /** The key never was: another took an alias that its create had claimed (aliases.ts). */
  readonly isNeverMade?: true;
  readonly operations: readonly AppliedOperation[];
  readonly creation: AppliedOperation;
  readonly tokenTail: TokenTail;
}

/** The value of a key's register. */
export type KeyRecord = Key | PurgedKey;

/** Ring of a key that was created without naming one (reference §1.3). */
export const defaultKeyRingId = 'default';

/** The version that wraps. */
export function newestVersion(key: Key): KeyVersion {
  return key.versions[0];
}

/** The versions with their material, newest first; undefined when it was destroyed. */
export function sealedVersions(
  key: Key,
): readonly [SealedKeyVersion, ...SealedKeyVersion[]] | undefined {
  return key.versions.every(isSealed)
    ? (key.versions as readonly [SealedKeyVersion, ...SealedKeyVersion[]])
    : undefined;
}

function isSealed(version: KeyVersion): version is SealedKeyVersion {
  return version.sealedMaterial !== undefined;
}
