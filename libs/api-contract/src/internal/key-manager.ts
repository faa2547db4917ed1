// What gateways and the operator's CLI say to a key-manager. Internal: frames over mTLS inside one region.
import type { ApiRefusal } from '../public/errors.ts';
import type { OperationName } from '../public/operations.ts';
import type { Network, RoleName } from '@zonehold/key-domain';
import type { SeedApiKey, SeedInstance, SeedKey } from './seed.ts';

/** Frame methods a key-manager serves, and which service identities may call each. */
export const keyManagerMethods = {
  operation: 'key-manager.operation',
  issueToken: 'key-manager.issueToken',
  verificationKeys: 'key-manager.verificationKeys',
  admin: 'key-manager.admin',
  forgetMaterial: 'key-manager.forgetMaterial',
  canary: 'key-manager.canary',
  health: 'health',
} as const;

/** Who asks, as the verified token says. Rights are looked up with every operation, never taken from here. */
export interface Caller {
  /** The API key's id: grants hang on it. */
  readonly credentialId: string;
  /** The identity, e.g. `iam-ServiceId-…`; goes to createdBy. */
  readonly iamId: string;
  readonly accountId: string;
  /** The name that a service's CRNs have, e.g. `cloud-object-storage`; absent for users. */
  readonly service?: string;
}

/**
 * How a repeat of this request is recognised (architecture §4 Operations):
 * `idempotency-key`: the client's own header, valid for ever; `correlation`: hash of (credential, instance, path,
 * Correlation-Id, body), valid 60 s; `none`: the client sent neither.
 */
export interface RepeatToken {
  readonly kind: 'idempotency-key' | 'correlation' | 'none';
  readonly value: string;
  /** SHA-256 of method, path, query and body, lower-case hex: the same token with other parameters is a conflict. */
  readonly parametersHash: string;
}

/** One Key Protect operation, parsed and well formed, or carrying the `refusal` to give if the caller has the right. */
export interface OperationRequest {
  readonly operation: OperationName;
  readonly instanceId: string;
  readonly caller: Caller;
  readonly correlationId: string;
  /** Unique for one client request and the same in each attempt the gateway makes for it. */
  readonly operationId: string;
  readonly token: RepeatToken;
  /** `{id}` of the path: key id or alias. */
  readonly keyRef?: string;
  /** The other path parameter: alias or ring. */
  readonly subRef?: string;
  readonly keyRingId?: string;
  /** Canonical query as the operation's parser gives it (`QueryOf`); absent where the operation has none. */
  readonly query?: unknown;
  readonly prefer?: 'minimal' | 'representation';
  /** The header, well formed; for registrations. */
  readonly ifMatch?: string;
  /** What `parseOperation` made of the body: `BodyOf` the operation. Plaintext inside is only relayed. */
  readonly body?: unknown;
  /** Malformed input found by the gateway; missing rights win over it (401 before 400). */
  readonly refusal?: ApiRefusal;
  /** The true address of the client, or `-` when nobody knows it (docs/network-policy.md). */
  readonly clientAddress: string;
  /** The endpoint it came in by; absent from a gateway that knows no other than `public`. */
  readonly network?: Network;
}

/** The answer: a contract success, or a contract refusal. Infrastructure failures travel as frame errors. */
export type OperationReply =
  | {
      readonly ok: true;
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly ok: false; readonly refusal: ApiRefusal };

/** `key-manager.issueToken`: exchange an API key for a token. */
export interface IssueTokenRequest {
  readonly apiKey: string;
  readonly correlationId: string;
}
export type IssueTokenReply =
  | {
      readonly ok: true;
      readonly accessToken: string;
      readonly issuedAtS: number;
      readonly expiresAtS: number;
    }
  | { readonly ok: false };

/** `key-manager.verificationKeys`: public JWKs (EC P-256, with kid) that verify this region's tokens. */
export interface VerificationKeysReply {
  readonly issuer: string;
  readonly keys: readonly JsonWebKeyWithId[];
}
export interface JsonWebKeyWithId {
  readonly kid: string;
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
}

/** `key-manager.admin`: what `npx zonehold` asks; only the `operator` identity may. Replies are in adminReplies. */
export type AdminRequest =
  | { readonly kind: 'create-instance'; readonly name: string; readonly accountId?: string }
  | { readonly kind: 'list-instances' }
  /** Disables the policies that say where callers may come from. */
  | { readonly kind: 'open-instance'; readonly instanceId: string }
  | {
      readonly kind: 'create-api-key';
      readonly name: string;
      /** Makes it a service's: see `Caller`. */
      readonly service?: string;
      readonly grants: readonly {
        readonly instanceId: string;
        readonly roles: readonly RoleName[];
      }[];
    }
  | { readonly kind: 'revoke-api-key'; readonly credentialId: string }
  | { readonly kind: 'list-api-keys' }
  | {
      readonly kind: 'add-grant';
      readonly credentialId: string;
      readonly target: GrantTarget;
      readonly roles: readonly RoleName[];
    }
  /** Without `roles`: all that it has there. */
  | {
      readonly kind: 'remove-grant';
      readonly credentialId: string;
      readonly target: GrantTarget;
      readonly roles?: readonly RoleName[];
    }
  /** At least one of the two. */
  | {
      readonly kind: 'list-grants';
      readonly credentialId?: string;
      readonly target?: GrantTarget;
    }
  | { readonly kind: 'suspend-instance'; readonly instanceId: string }
  | { readonly kind: 'resume-instance'; readonly instanceId: string }
  /** `name` must be the instance's. `isWithKeys`: although it holds keys that are not deleted. */
  | {
      readonly kind: 'delete-instance';
      readonly instanceId: string;
      readonly name: string;
      readonly isWithKeys: boolean;
    }
  | { readonly kind: 'list-erasures' }
  | { readonly kind: 'zones' }
  /** The three of a development region only; what is there already stays as it is. */
  | { readonly kind: 'seed-instance'; readonly instance: SeedInstance }
  | { readonly kind: 'seed-api-key'; readonly apiKey: SeedApiKey }
  | { readonly kind: 'seed-key'; readonly instanceId: string; readonly key: SeedKey }
  | {
      readonly kind: 'replace-acceptor';
      readonly zone: string;
      readonly host: string;
      readonly port: number;
      readonly isPlanOnly: boolean;
    };

/** Where roles hold: in every instance of an account, in an instance, for the keys of one of its rings, for one key. */
export type GrantTarget =
  | { readonly accountId: string }
  | { readonly instanceId: string; readonly keyId: string }
  | { readonly instanceId: string; readonly keyRingId?: string | undefined };

/** What one API key was given at one place; the members say which. */
export interface GrantView {
  readonly credentialId: string;
  readonly accountId?: string;
  readonly instanceId?: string;
  readonly keyRingId?: string;
  readonly keyId?: string;
  readonly roles: readonly RoleName[];
}
export interface InstanceView {
  readonly instanceId: string;
  readonly name: string;
  /** A deleted one is shown once, to whoever deleted it. */
  readonly state: 'active' | 'suspended' | 'deleted';
  readonly accountId: string;
  readonly crn: string;
  readonly createdAt: string;
}
export interface ApiKeyView {
  readonly credentialId: string;
  readonly name: string;
  readonly iamId: string;
  readonly isRevoked: boolean;
  /** Of a service's key only. */
  readonly service?: string;
  readonly createdAt: string;
  readonly instanceIds: readonly string[];
}
/** A zone's acceptor that is being rebuilt. Counts are records. */
export interface RebuildView {
  readonly zone: string;
  readonly cause: string;
  readonly done: number;
  readonly total: number;
  readonly recordsPerSecond: number;
  /** null while it cannot be said. */
  readonly leftS: number | null;
  readonly openedAt: string;
  /** Why it does not go on just now; empty when it does. */
  readonly waitsFor: string;
}
export interface FinishedRebuildView {
  readonly zone: string;
  readonly cause: string;
  readonly records: number;
  readonly openedAt: string;
  readonly finishedAt: string;
}
/** One erasure that is not done: what it waits for, zone by zone. Times are ISO. */
export interface ErasureView {
  readonly instanceId: string;
  readonly keyId: string;
  /** `deleted`: the material of a deleted key, once its restore window has closed; `instance`: the key of a deleted instance. */
  readonly kind: 'purge' | 'deleted' | 'instance';
  readonly requestedAt: string;
  readonly dueAt: string;
  /** Empty before `dueAt`, and when only the last bookkeeping is left. `zone` is `-` for what no single zone holds up. */
  readonly lacks: readonly {
    readonly zone: string;
    readonly step: 'spread' | 'rewrite' | 'caches';
    readonly reason: string;
  }[];
}
/** `isNew`: it was not there before. */
export interface SeedView {
  readonly isNew: boolean;
}
export interface AdminReplies {
  readonly 'create-instance': InstanceView;
  readonly 'open-instance': InstanceView;
  readonly 'suspend-instance': InstanceView;
  readonly 'resume-instance': InstanceView;
  readonly 'delete-instance': InstanceView;
  /** What the API key has at the target afterwards. */
  readonly 'add-grant': { readonly grants: readonly GrantView[] };
  readonly 'remove-grant': { readonly grants: readonly GrantView[] };
  readonly 'list-grants': { readonly grants: readonly GrantView[] };
  readonly 'list-instances': { readonly instances: readonly InstanceView[] };
  /** `apiKey` is shown once. */
  readonly 'create-api-key': ApiKeyView & { readonly apiKey: string };
  readonly 'revoke-api-key': ApiKeyView;
  /** Those under way first, then by due time; `erasures` is cut at 1,000, `total` is not. */
  readonly 'list-erasures': { readonly erasures: readonly ErasureView[]; readonly total: number };
  readonly 'seed-instance': SeedView;
  readonly 'seed-api-key': SeedView;
  readonly 'seed-key': SeedView;
  readonly 'list-api-keys': { readonly apiKeys: readonly ApiKeyView[] };
  readonly zones: {
    readonly zones: readonly { zone: string; standing: string; reason: string }[];
    readonly epoch: number;
    readonly rebuild: RebuildView | null;
    readonly lastRebuild: FinishedRebuildView | null;
  };
  /** `plan`: what happens, in sentences. `refusal`: why not; empty when it may. */
  readonly 'replace-acceptor': {
    readonly plan: readonly string[];
    readonly isStarted: boolean;
    readonly refusal: string;
  };
}
