// Body and query of a key's policies (reference §8). Strict, unlike other bodies: an unknown member is refused (§1.5).
import {
  keyPolicyNames,
  rotationIntervalMonthsMax,
  rotationIntervalMonthsMin,
  type KeyPolicyName,
  type KeyPolicyWishes,
} from '@zonehold/key-domain';
import { z } from 'zod';
import type { PolicyQuery } from './canonical.ts';
import { policyResources } from './envelope-input.ts';
import { badBody, invalidField, invalidQuery } from './errors.ts';
import { onlyMembers, type DecodedBody } from './json-body.ts';
import { parsed, refused, type Parsed } from './parsed.ts';
import { readSchema } from './read-schema.ts';
import type { RawQuery } from './parse-queries.ts';

type Body = Exclude<DecodedBody, { readonly kind: 'refused' }>;

const policyType = 'application/vnd.ibm.kms.policy+json';

/** What a client may send back as it read it; it changes nothing. */
const readOnlyMembers = ['id', 'crn', 'createdBy', 'creationDate', 'updatedBy', 'lastUpdateDate'];

const enabled = z.boolean({ error: 'true or false' });
const intervalError = `an integer between ${rotationIntervalMonthsMin} and ${rotationIntervalMonthsMax}`;

/** Months of a rotation policy, of a key or of an instance. */
export const intervalMonth = z
  .int({ error: intervalError })
  .min(rotationIntervalMonthsMin, { error: intervalError })
  .max(rotationIntervalMonthsMax, { error: intervalError });

const dualAuthMembers = z.object({ enabled });
const rotationMembers = z.object({
  enabled: enabled.optional(),
  interval_month: intervalMonth.optional(),
});

const strictDualAuth = dualAuthMembers.strict();
const strictRotation = rotationMembers.strict();

/** The policies that a create with overrides may bring along, for the document. */
export const keyPolicyMembers = {
  dualAuthDelete: strictDualAuth.optional(),
  rotation: strictRotation.optional(),
};

const echoedMembers = Object.fromEntries(
  readOnlyMembers.map((name) => [name, z.unknown().optional()]),
);

/** One resource of `parseKeyPolicies`, which reads it by hand, for the document. */
export const keyPolicyResource = z.union([
  z.strictObject({
    type: z.literal(policyType).optional(),
    dualAuthDelete: strictDualAuth,
    ...echoedMembers,
  }),
  z.strictObject({
    type: z.literal(policyType).optional(),
    rotation: strictRotation,
    ...echoedMembers,
  }),
]);

/** `?policy=` of one of `names`; absent: all of them. */
export function policyQueryOf<Name extends string>(
  names: readonly Name[],
): (query: RawQuery) => Parsed<PolicyQuery<Name>> {
  return ({ policy }) => {
    if (policy === undefined) return parsed({});
    const name = names.find((known) => known === policy);
    return name === undefined
      ? refused(invalidQuery('policy', `one of ${names.join(', ')}`))
      : parsed({ policy: name });
  };
}

/** GET and PUT /keys/id/policies. */
export const parseKeyPolicyQuery = policyQueryOf(keyPolicyNames);

/** PUT /keys/id/policies: an envelope with each policy once, and only that of the query when it names one. */
export function parseKeyPolicies(
  body: Body,
  query: PolicyQuery<KeyPolicyName>,
): Parsed<KeyPolicyWishes> {
  const resources = policyResources(body, query.policy, keyPolicyNames.length);
  if (!resources.ok) return resources;
  let wishes: KeyPolicyWishes = {};
  for (const resource of resources.value) {
    const wish = readPolicy(resource);
    if (!wish.ok) return wish;
    const [name] = Object.keys(wish.value) as [KeyPolicyName];
    if (query.policy !== undefined && name !== query.policy) {
      return refused({ code: 'BODY_QUERY_PARAM_MISMATCH_ERR' });
    }
    if (wishes[name] !== undefined) return refused(badBody(`the policy ${name} is given twice`));
    wishes = { ...wishes, ...wish.value };
  }
  return parsed(wishes);
}

/** Exactly one member of the result is set. */
function readPolicy(resource: unknown): Parsed<KeyPolicyWishes> {
  const members = onlyMembers(resource, ['type', ...keyPolicyNames, ...readOnlyMembers]);
  if (!members.ok) return members;
  const { type } = members.value;
  if (type !== undefined && type !== policyType) return refused(invalidField('type', policyType));
  const given = keyPolicyNames.filter((name) => members.value[name] !== undefined);
  const [name] = given;
  if (name === undefined || given.length > 1) {
    return refused(badBody(`each policy needs one of ${keyPolicyNames.join(' and ')}`));
  }
  return readPolicyMembers(name, members.value[name]);
}

/** The wishes that the members of a create with overrides express (reference §6.4), or those of one policy. */
export function readPolicyMembers(name: KeyPolicyName, value: unknown): Parsed<KeyPolicyWishes> {
  if (name === 'dualAuthDelete') {
    const members = onlyMembers(value, ['enabled'], name);
    if (!members.ok) return members;
    const read = readSchema(dualAuthMembers, members.value);
    return read.ok ? parsed({ dualAuthDelete: { isEnabled: read.value.enabled } }) : read;
  }
  const members = onlyMembers(value, ['enabled', 'interval_month'], name);
  if (!members.ok) return members;
  const read = readSchema(rotationMembers, members.value);
  if (!read.ok) return read;
  const { enabled: isEnabled = true, interval_month: intervalMonths } = read.value;
  return parsed({
    rotation: { isEnabled, ...(intervalMonths === undefined ? {} : { intervalMonths }) },
  });
}
