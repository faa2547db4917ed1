// Schemas of bodies that only services send, with the contract's member names (reference §11.2). They say what is valid;
// parse-registrations.ts turns what passes into the canonical form.
import {
  checkRegistrationDescription,
  checkRegistrationMetadata,
  descriptionLengthMax,
  isUuidV4,
  registrationMetadataMaxChars,
} from '@zonehold/key-domain';
import { z } from 'zod';
import { text } from './body-schemas.ts';
import { uuidDescribed } from './described.ts';

const keyVersionId = text(
  (value) => (isUuidV4(value) ? undefined : 'the id of a key version'),
  uuidDescribed,
);

/** The one resource of a registration's create, merge and replace. */
export const registrationResource = z.object({
  preventKeyDeletion: z.boolean({ error: 'true or false' }).optional(),
  description: text(checkRegistrationDescription, { maxLength: descriptionLengthMax }).optional(),
  registrationMetadata: text(checkRegistrationMetadata, {
    maxLength: registrationMetadataMaxChars,
  }).optional(),
  keyVersionId: keyVersionId.optional(),
});

const matching = (pattern: RegExp, rule: string): z.ZodString =>
  text((value) => (pattern.test(value) ? undefined : rule), { pattern: pattern.source });

/** One acknowledged event. Ids and states go to the audit log: nothing else may. */
export const acknowledgedEvent = z.object({
  eventId: matching(/^[A-Za-z0-9-]{1,64}$/, '1 to 64 letters, digits and -'),
  adopterKeyState: matching(/^[A-Z][A-Z_]{1,63}$/, 'a state in capital letters'),
  timestamp: z.string({ error: 'a string' }).meta({ format: 'date-time' }),
  keyStateData: z.looseObject({}, { error: 'an object' }).optional(),
});
