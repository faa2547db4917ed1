// The bodies that requests may have, by the names they have in the document. Built from the schemas that read the bodies, with the
// envelope around them that envelope-input.ts reads by hand. Names of members are read in any capitals, unknown members of keys
// and actions are ignored, and null means absent: JSON Schema cannot say so, and the document describes what to send.
import { keyPolicyNames } from '@zonehold/key-domain';
import { z } from 'zod';
import {
  createKeyResource,
  importTokenBody,
  patchKeyBody,
  restoreKeyResource,
  rotateBody,
  unwrapBody,
  wrapBody,
} from '../public/body-schemas.ts';
import { acknowledgedEvent, registrationResource } from '../public/body-schemas-registrations.ts';
import { instancePolicyResource } from '../public/parse-instance-policies.ts';
import { keyPolicyMembers, keyPolicyResource } from '../public/parse-key-policies.ts';
import { acknowledgedEventsMax } from '../public/parse-registrations.ts';

const instancePolicyCount = instancePolicyResource.options.length;

/** What `collectionType` says is not looked at. */
function envelope<Resource extends z.ZodType>(resource: Resource, max: number) {
  const collectionTotal = max === 1 ? z.literal(1) : z.int().min(1).max(max);
  return z.object({
    metadata: z.object({ collectionType: z.unknown().optional(), collectionTotal }),
    resources: z.array(resource).min(1).max(max),
  });
}

const createKeyRequest = envelope(createKeyResource, 1);
const overridesResource = createKeyResource.extend(keyPolicyMembers);
const restoreKeyRequest = envelope(restoreKeyResource, 1);

const registrationInput = registrationResource.omit({ keyVersionId: true });

/** With the envelope or without it: whatever names neither of its members is taken for the resource itself. */
function withOrWithoutEnvelope(resource: z.ZodObject, { isBlankAllowed = false } = {}) {
  const named = [{ required: ['metadata'] }, { required: ['resources'] }];
  const flat = resource.meta({
    not: { anyOf: named },
    ...(isBlankAllowed ? {} : { minProperties: 1 }),
  });
  return z.union([envelope(resource, 1), flat]);
}

/** By their names under components/schemas. */
export const requestSchemas = {
  CreateKeyRequest: createKeyRequest,
  CreateKeyWithPoliciesOverridesRequest: envelope(overridesResource, 1),
  PatchKeyRequest: patchKeyBody,
  RestoreKeyRequest: restoreKeyRequest,
  WrapRequest: wrapBody,
  UnwrapRequest: unwrapBody,
  RotateRequest: rotateBody,
  KeyActionRequest: z.union([unwrapBody, wrapBody, rotateBody, restoreKeyRequest]),
  KeyPoliciesRequest: envelope(keyPolicyResource, keyPolicyNames.length),
  InstancePoliciesRequest: envelope(instancePolicyResource, instancePolicyCount),
  ImportTokenRequest: importTokenBody,
  RegistrationRequest: withOrWithoutEnvelope(registrationInput, { isBlankAllowed: true }),
  RegistrationChangeRequest: withOrWithoutEnvelope(registrationResource),
  RegistrationReplacementRequest: withOrWithoutEnvelope(registrationResource.required()),
  DeactivateRegistrationRequest: envelope(z.object({ resourceCrn: z.string() }), 1),
  EventAcknowledgeRequest: envelope(acknowledgedEvent, acknowledgedEventsMax),
  MigrationIntentRequest: envelope(z.object({ targetCRK: z.string() }), 1),
  KmipAdapterRequest: envelope(
    z.object({
      name: z.string().optional(),
      description: z.string().optional(),
      profile: z.literal('native_1.0'),
      profile_data: z.object({ crk_id: z.string() }),
    }),
    1,
  ),
  KmipClientCertificateRequest: envelope(
    z.object({ name: z.string().optional(), certificate: z.string() }),
    1,
  ),
} as const satisfies Readonly<Record<string, z.ZodType>>;

/** A body of a request. */
export type RequestSchemaName = keyof typeof requestSchemas;
