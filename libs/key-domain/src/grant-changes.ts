// How grants change, in the one register that holds them. Pure: these run inside a register's change function, perhaps several
// times, on values that another run of theirs has written already.
//
// Nothing is given to a credential that has been revoked, although its register is another one: who gives leaves an intent here
// first, then makes sure over there that the credential lives and notes this place, and gives only where the intent still stands.
// A revocation marks the credential and then takes whatever is at the places noted, intents too.
import { grantOf, isThere, type Grant, type Grants, type RingGrant } from './grants.ts';
import type { KeyRings, RingName } from './key-rings.ts';
import { roleNames, type RoleName } from './roles.ts';

/** Why grants were not changed. `overtaken`: another change of the same grant, or a revocation, came in between. */
export type GrantRefusal = 'too-many' | 'overtaken';

/** Roles wanted for a credential: in all that the register is about, or on one ring of it. */
export interface RolesGiven {
  readonly credentialId: string;
  readonly intent: string;
  readonly roles: readonly RoleName[];
  readonly ring?: RingName;
  /** As they were read: grants on rings that are no more are dropped with the next change. */
  readonly rings?: KeyRings;
}

/** The first step: announces a grant that gives nothing yet. `too-many`: more than `countMax` would be held. */
export function intendGrant(
  grants: Grants,
  { credentialId, intent }: Pick<RolesGiven, 'credentialId' | 'intent'>,
  countMax: number,
): Grants | GrantRefusal {
  const known = grantOf(grants, credentialId);
  if (known?.intent === intent) return grants;
  return bounded(
    withGrant(grants, credentialId, { ...(known ?? { roles: [] }), intent }),
    countMax,
  );
}

/** The last step: adds the roles to those that are there. `overtaken` when the intent does not stand any more. */
export function giveRoles(
  grants: Grants,
  { credentialId, intent, roles, ring, rings }: RolesGiven,
  countMax: number,
): Grants | GrantRefusal {
  const known = grantOf(grants, credentialId);
  if (known?.intent !== intent) return 'overtaken';
  const next =
    ring === undefined
      ? { ...known, roles: union(known.roles, roles) }
      : withRing(known, { ...ring, roles }, rings);
  return bounded(withGrant(grants, credentialId, next), countMax);
}

/** Takes `roles` away, or all of them: on one ring, or in all that the register is about. Twice is once. */
export function withdrawRoles(
  grants: Grants,
  wanted: {
    readonly credentialId: string;
    readonly roles?: readonly RoleName[];
    /** The ring's id: grants on rings that are no more go too. */
    readonly keyRingId?: string;
  },
): Grants {
  const { credentialId, roles, keyRingId } = wanted;
  const known = grantOf(grants, credentialId);
  if (known === undefined) return grants;
  const less = (held: readonly RoleName[]): readonly RoleName[] =>
    roles === undefined ? [] : held.filter((role) => !roles.includes(role));
  const next: Grant =
    keyRingId === undefined
      ? { ...known, roles: less(known.roles) }
      : {
          ...known,
          keyRings: (known.keyRings ?? [])
            .map((ring) =>
              ring.keyRingId === keyRingId ? { ...ring, roles: less(ring.roles) } : ring,
            )
            .filter((ring) => ring.roles.length > 0),
        };
  return isEmptyGrant(next)
    ? withdrawGrant(grants, credentialId)
    : withGrant(grants, credentialId, next);
}

/** Takes everything from a credential. */
export function withdrawGrant(grants: Grants, credentialId: string): Grants {
  if (grantOf(grants, credentialId) === undefined) return grants;
  return Object.fromEntries(Object.entries(grants).filter(([id]) => id !== credentialId));
}

function withGrant(grants: Grants, credentialId: string, grant: Grant): Grants {
  return { ...grants, [credentialId]: grant };
}

function withRing(known: Grant, added: RingGrant, rings: KeyRings | undefined): Grant {
  const isAdded = (ring: RingGrant): boolean =>
    ring.keyRingId === added.keyRingId && ring.keyRingNumber === added.keyRingNumber;
  const living = (known.keyRings ?? []).filter(
    (ring) => rings === undefined || isThere(ring, rings) || isAdded(ring),
  );
  const before = living.find(isAdded)?.roles ?? [];
  const others = living.filter((ring) => !isAdded(ring));
  return { ...known, keyRings: [...others, { ...added, roles: union(before, added.roles) }] };
}

/** In the order of the roles' table. */
function union(left: readonly RoleName[], right: readonly RoleName[]): readonly RoleName[] {
  return roleNames.filter((role) => left.includes(role) || right.includes(role));
}

function bounded(grants: Grants, countMax: number): Grants | GrantRefusal {
  return countGrants(grants) > countMax ? 'too-many' : grants;
}

/** Each credential counts once, and once more for each ring. */
export function countGrants(grants: Grants): number {
  return Object.values(grants).reduce((sum, { keyRings }) => sum + 1 + (keyRings?.length ?? 0), 0);
}

/** True for a grant that gives nothing. */
export function isEmptyGrant({ roles, keyRings }: Grant): boolean {
  return roles.length === 0 && (keyRings?.length ?? 0) === 0;
}
