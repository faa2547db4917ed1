// Policies of one key: rotation and dual authorization (reference §8, §16.3, §17), as its record keeps them, and what may be
// set on which key. Who may set them and repeats are decided elsewhere; when a policy rotates its key, rotation-date.ts says.
import type { DomainRefusal } from './refusal.ts';
import { rotationIntervalMonthsMax, rotationIntervalMonthsMin } from './limits.ts';

export const keyPolicyNames = ['dualAuthDelete', 'rotation'] as const;

export type KeyPolicyName = (typeof keyPolicyNames)[number];

/** Who set a policy, first and last. */
export interface PolicyDates {
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

/** One policy of a key. */
export interface Policy extends PolicyDates {
  /** UUID. */
  readonly id: string;
  readonly isEnabled: boolean;
}

export interface RotationPolicy extends Policy {
  /** Months of 30 days. Kept while the policy is disabled; absent in one that was never enabled. */
  readonly intervalMonths?: number;
}

/** An absent member was never set. */
export interface KeyPolicies {
  readonly dualAuthDelete?: Policy;
  readonly rotation?: RotationPolicy;
}

/** What a request wants of each policy it names; the others stay as they are. */
export interface KeyPolicyWishes {
  readonly dualAuthDelete?: { readonly isEnabled: boolean };
  /** Without an interval the stored one is kept. */
  readonly rotation?: { readonly isEnabled: boolean; readonly intervalMonths?: number };
}

/** Who sets policies, and a fresh UUID for each that is new. */
export interface PolicyAuthor {
  readonly by: string;
  readonly ids: Readonly<Record<KeyPolicyName, string>>;
}

/** What policies depend on besides each other; a key that is still to be made has no policies. */
export interface PolicySubject {
  readonly isExtractable: boolean;
  readonly isImported: boolean;
  readonly policies?: KeyPolicies;
}

/** Why `wishes` cannot be set on `subject`. Where the contract names no code, the field is named. */
export function refusePolicies(
  subject: PolicySubject,
  wishes: KeyPolicyWishes,
): DomainRefusal | undefined {
  return refuseRotation(subject, wishes.rotation) ?? refuseDualAuth(subject, wishes.dualAuthDelete);
}

function refuseRotation(
  { isExtractable, isImported, policies }: PolicySubject,
  wish: KeyPolicyWishes['rotation'],
): DomainRefusal | undefined {
  if (wish === undefined) return undefined;
  if (isExtractable) return { code: 'KEY_ROOT_REQ_ERR' };
  if (isImported) return invalidField('rotation', 'absent for an imported key');
  const intervalMonths = wish.intervalMonths ?? policies?.rotation?.intervalMonths;
  if (!wish.isEnabled || intervalMonths !== undefined) return undefined;
  const range = `between ${rotationIntervalMonthsMin} and ${rotationIntervalMonthsMax}`;
  return invalidField('interval_month', `an integer ${range}: the key has no interval yet`);
}

/** It can never be switched off on the key (reference §16.3, trap 16). */
function refuseDualAuth(
  { policies }: PolicySubject,
  wish: KeyPolicyWishes['dualAuthDelete'],
): DomainRefusal | undefined {
  if (wish === undefined || wish.isEnabled) return undefined;
  return policies?.dualAuthDelete?.isEnabled === true
    ? invalidField('dualAuthDelete', 'enabled: once it is, it cannot be disabled')
    : undefined;
}

function invalidField(name: string, rule: string): DomainRefusal {
  return { code: 'INVALID_FIELD_ERR', detail: rule, target: { type: 'field', name } };
}

/** `before` with `wishes`, which `refusePolicies` let pass. A policy keeps its id, its maker and its interval. */
export function policiesOf(
  before: KeyPolicies | undefined,
  wishes: KeyPolicyWishes,
  author: PolicyAuthor,
  atMs: number,
): KeyPolicies {
  const { dualAuthDelete, rotation } = wishes;
  const next = (name: KeyPolicyName, isEnabled: boolean): Policy => {
    const old = before?.[name];
    return {
      id: old?.id ?? author.ids[name],
      isEnabled,
      createdAtMs: old?.createdAtMs ?? atMs,
      createdBy: old?.createdBy ?? author.by,
      updatedAtMs: atMs,
      updatedBy: author.by,
    };
  };
  const intervalMonths = rotation?.intervalMonths ?? before?.rotation?.intervalMonths;
  return {
    ...before,
    ...(dualAuthDelete && { dualAuthDelete: next('dualAuthDelete', dualAuthDelete.isEnabled) }),
    ...(rotation && {
      rotation: {
        ...next('rotation', rotation.isEnabled),
        ...(intervalMonths === undefined ? {} : { intervalMonths }),
      },
    }),
  };
}
