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
} from '@zonehold/key-domain';
import { KmsError, toHex, type Deadline } from '@zonehold/primitives';
import type { ApiKey } from '../identity/api-key-repository.ts';
import { forgetEmptyPlaces } from './empty-places.ts';
import { describePlace, placeText, type GrantPlace } from './grant-place.ts';
import { changeGrants } from './grant-registers.ts';
import type { GrantPorts, WantedGrant } from './ports.ts';

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
  const note = () => ports.apiKeys.notePlace(credentialId, placeText(place), intent, deadline);
  let noted = await note();
  if (noted === 'too-many') {
    await forgetEmptyPlaces(ports, credentialId, deadline);
    noted = await note();
  }
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
