// Which roles a credential was given where, and what that allows. Pure.
//
// Roles in an instance (or in its account) hold for everything in it, roles on a ring for the keys in that very ring, roles on a
// key for that key. A ring's grants name it as its keys do, by id and number: they end with it, and a ring that is made again under
// the same id starts without any.
import { defaultKeyRingId, type Key, type KeyRecord } from './key.ts';
import { keyRingOf, nameKeyRing, type KeyRings, type RingName } from './key-rings.ts';
import { isAllowed, type Right } from './rights.ts';
import type { RoleName } from './roles.ts';

/** Roles on the keys of one ring. */
export interface RingGrant extends RingName {
  readonly roles: readonly RoleName[];
}

/** What one credential was given in the register that holds this: an account's, an instance's or a key's. JSON-safe. */
export interface Grant {
  readonly roles: readonly RoleName[];
  /** In an instance's register only. */
  readonly keyRings?: readonly RingGrant[];
  /** Of whoever gave last: nothing is given without the intent that stands here (see `giveRoles`). */
  readonly intent?: string;
}

/** By credential id. */
export type Grants = Readonly<Record<string, Grant>>;

/** What a caller was given in an instance, as its registers said together. */
export interface CallerRoles {
  readonly credentialId: string;
  /** In the whole instance: given there, or in its account. */
  readonly inInstance: readonly RoleName[];
  /** Those of them that were given in the account. */
  readonly inAccount: readonly RoleName[];
  readonly onRings: readonly RingGrant[];
}

/** Own members only: a credential named like a member of Object.prototype has no grant. */
export function grantOf(grants: Grants | undefined, credentialId: string): Grant | undefined {
  return grants !== undefined && Object.hasOwn(grants, credentialId)
    ? grants[credentialId]
    : undefined;
}

/** Roles add up (reference §19.3). */
export function callerRoles(
  credentialId: string,
  inInstance: Grants | undefined,
  inAccount: readonly RoleName[],
): CallerRoles {
  const grant = grantOf(inInstance, credentialId);
  const own = grant?.roles ?? [];
  return {
    credentialId,
    inInstance: inAccount.length === 0 ? own : [...own, ...inAccount],
    inAccount,
    onRings: grant?.keyRings ?? [],
  };
}

export function mayInInstance({ inInstance }: CallerRoles, right: Right): boolean {
  return isAllowed(inInstance, right);
}

/** In the ring that a client names. One that does not exist grants nothing; whoever may in the whole instance may learn that. */
export function mayInRing(
  roles: CallerRoles,
  right: Right,
  keyRingId: string,
  rings: KeyRings,
): boolean {
  if (mayInInstance(roles, right)) return true;
  const name = nameKeyRing(rings, keyRingId);
  return name !== undefined && isRingAllowed(roles, right, name);
}

/** What of a key gives rights on it. */
export type Guarded = Pick<Key, 'grants'> & RingName;

/** A purged key still has its ring: who purged it there is not told that there never was one. Undefined for what never was a key. */
export function guardedOf(record: KeyRecord | undefined): Guarded | undefined {
  if (record?.isPurged !== true) return record;
  const { keyRingId, keyRingNumber } = record;
  if (keyRingId === undefined) return undefined;
  return keyRingNumber === undefined ? { keyRingId } : { keyRingId, keyRingNumber };
}

/** On a key, by the ring that it is in and by what was given for it alone. */
export function mayOnKey(roles: CallerRoles, right: Right, key: Guarded, rings: KeyRings): boolean {
  if (mayInInstance(roles, right)) return true;
  const onKey = grantOf(key.grants, roles.credentialId);
  if (onKey !== undefined && isAllowed(onKey.roles, right)) return true;
  return roles.onRings.some((ring) => isInRing(key, ring, rings) && isAllowed(ring.roles, right));
}

/** The rings whose keys a list may show. Keys with a grant of their own alone are in none of them. */
export function ringsAllowed(
  roles: CallerRoles,
  right: Right,
  rings: KeyRings,
): readonly RingName[] | 'all' {
  if (mayInInstance(roles, right)) return 'all';
  return roles.onRings
    .filter((ring) => isAllowed(ring.roles, right) && isThere(ring, rings))
    .map(({ keyRingId, keyRingNumber }) =>
      keyRingNumber === undefined ? { keyRingId } : { keyRingId, keyRingNumber },
    );
}

/** True when a key with the name `key` is in that very ring. */
export function isInRing(key: RingName, ring: RingName, rings: KeyRings): boolean {
  if (keyRingOf(key, rings) !== ring.keyRingId) return false;
  return ring.keyRingId === defaultKeyRingId || key.keyRingNumber === ring.keyRingNumber;
}

/** True while the very ring exists. */
export function isThere({ keyRingId, keyRingNumber }: RingName, rings: KeyRings): boolean {
  const there = nameKeyRing(rings, keyRingId);
  return there !== undefined && there.keyRingNumber === keyRingNumber;
}

function isRingAllowed({ onRings }: CallerRoles, right: Right, name: RingName): boolean {
  return onRings.some((ring) => isSameRing(ring, name) && isAllowed(ring.roles, right));
}

function isSameRing(left: RingName, right: RingName): boolean {
  return left.keyRingId === right.keyRingId && left.keyRingNumber === right.keyRingNumber;
}
