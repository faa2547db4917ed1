// Takes roles from a credential: some, somewhere, or everything everywhere. Effective in every zone once it resolves.
import { grantOf, withdrawGrant, withdrawRoles, type RoleName } from '@zonehold/key-domain';
import type { Deadline } from '@zonehold/primitives';
import { placesOf, type ApiKey } from '../identity/api-key-repository.ts';
import { placeText, readPlace } from './grant-place.ts';
import { changeGrants, type GrantRegisters } from './grant-registers.ts';
import type { GrantPorts, WantedGrant } from './ports.ts';

/** Rounds under way at once: an API key may have grants in hundreds of places. */
const parallelMax = 32;

/** Takes `roles`, or all of them, at one place. Nothing there: nothing to do. NOT_FOUND when there is no such API key. */
export async function takeRoles(
  ports: GrantPorts,
  wanted: Omit<WantedGrant, 'roles'> & { readonly roles?: readonly RoleName[] },
  deadline: Deadline,
): Promise<void> {
  const { credentialId, place, keyRingId, roles } = wanted;
  const text = placeText(place);
  const before = await ports.apiKeys.find(credentialId, deadline);
  const left = await changeGrants<never>(
    ports,
    place,
    (grants) =>
      withdrawRoles(grants, {
        credentialId,
        ...(roles === undefined ? {} : { roles }),
        ...(keyRingId === undefined ? {} : { keyRingId }),
      }),
    deadline,
  );
  const isGone = left === 'absent' || grantOf(left, credentialId) === undefined;
  // Not one that somebody has noted since: their grant may be there by now.
  const isAsBefore = (noted: string, intent: string | undefined): boolean =>
    noted === text && intent === before.places?.[text];
  if (isGone) await ports.apiKeys.dropPlaces(credentialId, isAsBefore, deadline);
}

/** Takes everything that a credential has at the places it noted. */
export async function takeEverything(
  ports: GrantRegisters,
  apiKey: ApiKey,
  deadline: Deadline,
): Promise<void> {
  const waiting = [...placesOf(apiKey)];
  const work = async (): Promise<void> => {
    for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) {
      const place = readPlace(text);
      if (place === undefined) continue;
      await changeGrants(
        ports,
        place,
        (grants) => withdrawGrant(grants, apiKey.credentialId),
        deadline,
      );
    }
  };
  await Promise.all(Array.from({ length: parallelMax }, work));
}
