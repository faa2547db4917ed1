// Places that an API key has noted and has nothing at any more: keys that were purged, grants whose giving broke off.
import { grantOf } from '@zonehold/key-domain';
import type { Deadline } from '@zonehold/primitives';
import { placesOf } from '../identity/api-key-repository.ts';
import { readPlace } from './grant-place.ts';
import { readGrants } from './grant-registers.ts';
import type { GrantPorts } from './ports.ts';

/** Forgets them, but for those that somebody has noted since. Reads every place: only for when there is no room for another. */
export async function forgetEmptyPlaces(
  ports: GrantPorts,
  credentialId: string,
  deadline: Deadline,
): Promise<void> {
  const apiKey = await ports.apiKeys.find(credentialId, deadline);
  const empty = new Set<string>();
  for (const text of placesOf(apiKey)) {
    const place = readPlace(text);
    const grants = place && (await readGrants(ports, place, deadline));
    if (grantOf(grants, credentialId) === undefined) empty.add(text);
  }
  await ports.apiKeys.dropPlaces(
    credentialId,
    (text, intent) => empty.has(text) && intent === apiKey.places?.[text],
    deadline,
  );
}
