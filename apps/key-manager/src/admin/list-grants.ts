// list-grants: who has which roles at a place, or all that one API key has.
import type { AdminReplies, GrantTarget, GrantView } from '@zonehold/api-contract';
import { isThere, noKeyRings, type Grant, type KeyRings } from '@zonehold/key-domain';
import { KmsError, type Deadline } from '@zonehold/primitives';
import { describePlace, readPlace, type GrantPlace } from '../grants/grant-place.ts';
import { readGrants } from '../grants/grant-registers.ts';
import { placesOf } from '../identity/api-key-repository.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';

/** NOT_FOUND for an API key, an instance or a key that does not exist. */
export async function listGrants(
  ports: AdminPorts,
  { credentialId, target }: AdminRequestOf<'list-grants'>,
  { deadline }: AdminContext,
): Promise<AdminReplies['list-grants']> {
  if (target !== undefined) {
    const grants = await grantsOn(ports, target, credentialId, deadline);
    if (grants !== undefined) return { grants };
    throw new KmsError('NOT_FOUND', `there is no ${describePlace(placeOf(target).place)}`);
  }
  if (credentialId === undefined) {
    throw new KmsError('INVALID_ARGUMENT', 'not a valid request: credentialId, target');
  }
  const apiKey = await ports.apiKeys.find(credentialId, deadline);
  const found: GrantView[] = [];
  for (const text of placesOf(apiKey)) {
    const place = readPlace(text);
    const grants = place && (await grantsAt(ports, place, deadline));
    found.push(...(grants ?? []).filter((grant) => grant.credentialId === credentialId));
  }
  return { grants: found };
}

/** What was given at a target, to everybody or to one API key; undefined when there is no such instance or key. */
export async function grantsOn(
  ports: AdminPorts,
  target: GrantTarget,
  credentialId: string | undefined,
  deadline: Deadline,
): Promise<readonly GrantView[] | undefined> {
  const { place, keyRingId } = placeOf(target);
  const grants = await grantsAt(ports, place, deadline);
  return grants?.filter(
    (grant) =>
      (credentialId === undefined || grant.credentialId === credentialId) &&
      (keyRingId === undefined || grant.keyRingId === keyRingId),
  );
}

/** The register that holds a target's grants, and the ring in it. */
export function placeOf(target: GrantTarget): {
  readonly place: GrantPlace;
  readonly keyRingId?: string;
} {
  if ('accountId' in target) return { place: { kind: 'account', ...target } };
  if ('keyId' in target) return { place: { kind: 'key', ...target } };
  const { instanceId, keyRingId } = target;
  const place = { kind: 'instance', instanceId } as const;
  return keyRingId === undefined ? { place } : { place, keyRingId };
}

/** The roles given at a place, by credential; undefined when there is no such instance or key. */
async function grantsAt(
  ports: AdminPorts,
  place: GrantPlace,
  deadline: Deadline,
): Promise<readonly GrantView[] | undefined> {
  const grants = await readGrants(ports, place, deadline);
  if (grants === undefined) return undefined;
  const rings =
    place.kind === 'instance' ? await ports.keyRings.read(place.instanceId, deadline) : noKeyRings;
  return Object.entries(grants).flatMap(([credentialId, grant]) =>
    viewsOf(credentialId, place, grant, rings),
  );
}

/** An intent without roles is nothing yet, and a ring that is gone gives nothing any more. */
function viewsOf(
  credentialId: string,
  { kind: _kind, ...where }: GrantPlace,
  { roles, keyRings = [] }: Grant,
  rings: KeyRings,
): readonly GrantView[] {
  const whole = roles.length === 0 ? [] : [{ credentialId, ...where, roles }];
  const onRings = keyRings
    .filter((ring) => isThere(ring, rings))
    .map((ring) => ({ credentialId, ...where, keyRingId: ring.keyRingId, roles: ring.roles }));
  return [...whole, ...onRings];
}
