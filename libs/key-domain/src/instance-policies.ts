// Policies of an instance (reference §9.1): what its record keeps, and what they mean for keys that are made later. What
// they mean for where a request comes from is network-policy.ts's to say.
import type { KeyPolicyWishes, PolicyDates } from './key-policies.ts';
import type { DomainRefusal } from './refusal.ts';

export const instancePolicyNames = [
  'allowedNetwork',
  'dualAuthDelete',
  'allowedIP',
  'keyCreateImportAccess',
  'metrics',
  'rotation',
] as const;

export type InstancePolicyName = (typeof instancePolicyNames)[number];

export const allowedNetworks = ['public-and-private', 'private-only'] as const;

export type AllowedNetwork = (typeof allowedNetworks)[number];

/** What may be done in an instance whose policy is enabled. */
export interface KeyCreateImportAccess {
  readonly createRootKey: boolean;
  readonly createStandardKey: boolean;
  readonly importRootKey: boolean;
  readonly importStandardKey: boolean;
  /** Material comes with an import token or not at all; wins over the two above. */
  readonly enforceToken: boolean;
}

/** What a request wants of each policy it names: nothing of an earlier one stays. Attributes are present exactly while enabled. */
export interface InstancePolicyWishes {
  readonly allowedNetwork?: { readonly isEnabled: boolean; readonly network?: AllowedNetwork };
  readonly dualAuthDelete?: { readonly isEnabled: boolean };
  readonly allowedIP?: { readonly isEnabled: boolean; readonly cidrs?: readonly string[] };
  readonly keyCreateImportAccess?: {
    readonly isEnabled: boolean;
    readonly access?: KeyCreateImportAccess;
  };
  readonly metrics?: { readonly isEnabled: boolean };
  readonly rotation?: { readonly isEnabled: boolean; readonly intervalMonths?: number };
}

/** An absent member was never set. */
export type InstancePolicies = {
  readonly [Name in keyof InstancePolicyWishes]: InstancePolicyWishes[Name] & PolicyDates;
};

/** `before` with `wishes`. Times never go back, whichever zone's clock decides. */
export function instancePoliciesOf(
  before: InstancePolicies | undefined,
  wishes: InstancePolicyWishes,
  by: string,
  nowMs: number,
): InstancePolicies {
  const known = Object.values(before ?? {}) as readonly PolicyDates[];
  const atMs = Math.max(nowMs, ...known.map(({ updatedAtMs }) => updatedAtMs));
  const next: Record<string, object> = { ...before };
  for (const name of instancePolicyNames) {
    const wish = wishes[name];
    if (wish === undefined) continue;
    const old = before?.[name];
    next[name] = {
      ...wish,
      createdAtMs: old?.createdAtMs ?? atMs,
      createdBy: old?.createdBy ?? by,
      updatedAtMs: atMs,
      updatedBy: by,
    };
  }
  return next;
}

/** A key that is to be made. */
export interface NewKeyKind {
  readonly isExtractable: boolean;
  /** True when the client brings the material. */
  readonly isImported: boolean;
  /** True when it comes with an import token, as only a root key's can (reference §10.3). */
  readonly isWithToken?: boolean;
}

/** The policies that a new key inherits: dual authorization always, rotation when it is a generated root key (reference §6.2). */
export function inheritedPolicies(
  policies: InstancePolicies | undefined,
  { isExtractable, isImported }: NewKeyKind,
): KeyPolicyWishes {
  const { dualAuthDelete, rotation } = policies ?? {};
  const isRotated = rotation?.isEnabled === true && !isExtractable && !isImported;
  const intervalMonths = isRotated ? rotation.intervalMonths : undefined;
  return {
    ...(dualAuthDelete?.isEnabled === true ? { dualAuthDelete: { isEnabled: true } } : {}),
    ...(intervalMonths === undefined ? {} : { rotation: { isEnabled: true, intervalMonths } }),
  };
}

/**
 * Why the instance lets no such key be made (KEY_CREATE_IMPORT_ACCESS_ERR). An enforced token stands above the two import flags:
 * with one a root key is imported, without one nothing is, and no standard key ever (reference §9.1, §27.1 #21).
 */
export function refuseNewKey(
  policies: InstancePolicies | undefined,
  { isExtractable, isImported, isWithToken }: NewKeyKind,
): DomainRefusal | undefined {
  const access = accessOf(policies);
  if (access === undefined) return undefined;
  if (isImported && access.enforceToken) {
    return isWithToken === true && !isExtractable ? undefined : refuseTokenless(policies);
  }
  const isAllowed = isImported
    ? access[isExtractable ? 'importStandardKey' : 'importRootKey']
    : access[isExtractable ? 'createStandardKey' : 'createRootKey'];
  if (isAllowed) return undefined;
  const kind = isExtractable ? 'standard' : 'root';
  return {
    code: 'KEY_CREATE_IMPORT_ACCESS_ERR',
    detail: `${kind} keys cannot be ${isImported ? 'imported' : 'created'} in this instance`,
  };
}

/** Why material without an import token is taken for nothing here: create, rotate, restore (reference §9.1). */
export function refuseTokenless(policies: InstancePolicies | undefined): DomainRefusal | undefined {
  if (accessOf(policies)?.enforceToken !== true) return undefined;
  return {
    code: 'KEY_CREATE_IMPORT_ACCESS_ERR',
    detail: 'key material must come with an import token',
  };
}

function accessOf(policies: InstancePolicies | undefined): KeyCreateImportAccess | undefined {
  const policy = policies?.keyCreateImportAccess;
  return policy?.isEnabled === true ? policy.access : undefined;
}
