// Gives a credential roles somewhere, so that no revocation can miss them. Three registers take part, one after the other, and each
// step may be repeated: the intent where the grant will be, the place in the API key's register, the roles where the intent is
// (key-domain's grant-changes.ts says why).
import {
  giveRoles,
  grantPlacesMax,
  intendGrant,
  nameKeyRing,
  withdrawRoles,
  type GrantRefusal,
  type KeyRings,
  type RingName,
  type RoleName,
} from '@zonehold/key-domain';
import { KmsError, toHex, type Deadline, type Random } from '@zonehold/primitives';
import type { ApiKey, ApiKeyRepository } from '../identity/api-key-repository.ts';
import type { KeyRingRepository } from '../key-ring-repository.ts';
import { describePlace, placeText, type GrantPlace } from './grant-place.ts';
import { changeGrants, type GrantRegisters } from './grant-registers.ts';

export interface GrantPorts extends GrantRegisters {
  readonly keyRings: KeyRingRepository;
  readonly apiKeys: ApiKeyRepository;
  readonly random: Random;
}

export interface WantedGrant {
  readonly credentialId: string;
  readonly place: GrantPlace;
  /** Only in an instance: on the keys of this ring alone. */
  readonly keyRingId?: string;
  readonly roles: readonly RoleName[];
}

const intentBytes = 8;

/**
 * Adds `roles` to what the credential has there; effective in every zone once it resolves. NOT_FOUND: no such credential, instance,
 * ring or key. CONFLICT: too many grants, or the credential is revoked; nothing was given then.
 */
export async function giveGrant(
  ports: GrantPorts,
  wanted: WantedGrant,
  deadline: Deadline,
): Promise<ApiKey> {
  const { credentialId, place, keyRingId, roles } = wanted;
  const intent = toHex(ports.random.bytes(intentBytes));
  const onRing =
    keyRingId === undefined || place.kind !== 'instance'
      ? undefined
      : await ringIn(ports, place.instanceId, keyRingId, deadline);
  // Before anything is written: an intent for nobody would stay.
  await ports.apiKeys.findLive(credentialId, deadline);
  const intended = await changeGrants<GrantRefusal>(
    ports,
    place,
    (grants, countMax) => intendGrant(grants, { credentialId, intent }, countMax),
    deadline,
  );
  check(intended, place);
  const noted = await ports.apiKeys.notePlace(credentialId, placeText(place), intent, deadline);
  if (noted === 'too-many') {
    await changeGrants(
      ports,
      place,
      (grants) => withdrawRoles(grants, { credentialId, roles: [] }),
      deadline,
    );
    throw new KmsError('CONFLICT', `an API key has grants in at most ${grantPlacesMax} places`);
  }
  const given = await changeGrants<GrantRefusal>(
    ports,
    place,
    (grants, countMax) => giveRoles(grants, { credentialId, intent, roles, ...onRing }, countMax),
    deadline,
  );
  check(given, place);
  return noted;
}

async function ringIn(
  { keyRings }: GrantPorts,
  instanceId: string,
  keyRingId: string,
  deadline: Deadline,
): Promise<{ readonly ring: RingName; readonly rings: KeyRings }> {
  const rings = await keyRings.read(instanceId, deadline);
  const ring = nameKeyRing(rings, keyRingId);
  if (ring === undefined) {
    throw new KmsError('NOT_FOUND', `instance ${instanceId} has no key ring ${keyRingId}`);
  }
  return { ring, rings };
}

function check(outcome: object | GrantRefusal | 'absent', place: GrantPlace): void {
  if (outcome === 'absent') throw new KmsError('NOT_FOUND', `there is no ${describePlace(place)}`);
  if (outcome === 'too-many') {
    throw new KmsError('CONFLICT', `${describePlace(place)} holds as many grants as it may`);
  }
  if (outcome === 'overtaken') {
    throw new KmsError(
      'CONFLICT',
      'the API key was revoked, or its grant changed by somebody else, at the same time',
    );
  }
}
