// Schemas of bodies that only services send, with the contract's member names (reference §11.2). They say what is valid;
// parse-registrations.ts turns what passes into the canonical form.
import {
  checkRegistrationDescription,
  checkRegistrationMetadata,
  isUuidV4,
} from '@zonehold/key-domain';
import { z } from 'zod';
import { text } from './body-schemas.ts';

const keyVersionId = text((value) => (isUuidV4(value) ? undefined : 'the id of a key version'));

/** The one resource of a registration's create, merge and replace. */
export const registrationResource = z.object({
  preventKeyDeletion: z.boolean({ error: 'true or false' }).optional(),
  description: text(checkRegistrationDescription).optional(),
  registrationMetadata: text(checkRegistrationMetadata).optional(),
  keyVersionId: keyVersionId.optional(),
});

const matching =
  (pattern: RegExp, rule: string) =>
  (value: string): string | undefined =>
    pattern.test(value) ? undefined : rule;

/** One acknowledged event. Ids and states go to the audit log: nothing else may. */
export const acknowledgedEvent = z.object({
  eventId: text(matching(/^[A-Za-z0-9-]{1,64}$/, '1 to 64 letters, digits and -')),
  adopterKeyState: text(matching(/^[A-Z][A-Z_]{1,63}$/, 'a state in capital letters')),
  timestamp: z.string({ error: 'a string' }),
  keyStateData: z.record(z.string(), z.unknown(), { error: 'an object' }).optional(),
});
