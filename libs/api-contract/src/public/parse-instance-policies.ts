// Body and query of an instance's policies (reference §9.1). Strict: an unknown member is refused, at every level. A policy is
// replaced whole: what a request leaves out has its default, and a disabled policy keeps no attributes (trap 15).
import {
  allowedIpMax,
  allowedNetworks,
  checkAllowedIps,
  instancePolicyNames,
  type InstancePolicyName,
  type InstancePolicyWishes,
} from '@zonehold/key-domain';
import { z } from 'zod';
import { texts } from './body-schemas.ts';
import type { PolicyQuery } from './canonical.ts';
import { cidrDescribed } from './described.ts';
import { policyResources } from './envelope-input.ts';
import { badBody, invalidField } from './errors.ts';
import { onlyMembers, type DecodedBody } from './json-body.ts';
import { intervalMonth, policyQueryOf } from './parse-key-policies.ts';
import { parsed, refused, type Parsed } from './parsed.ts';
import { readSchema } from './read-schema.ts';

type Body = Exclude<DecodedBody, { readonly kind: 'refused' }>;

/** What a client may send back as it read it; it changes nothing. */
const readOnlyMembers = ['creationDate', 'createdBy', 'updatedBy', 'lastUpdated'];

/** GET and PUT /instance/policies. */
export const parseInstancePolicyQuery = policyQueryOf(instancePolicyNames);

/** PUT /instance/policies: an envelope with each policy once, and only that of the query when it names one. */
export function parseInstancePolicies(
  body: Body,
  query: PolicyQuery<InstancePolicyName>,
): Parsed<InstancePolicyWishes> {
  const resources = policyResources(body, query.policy, instancePolicyNames.length);
  if (!resources.ok) return resources;
  let wishes: InstancePolicyWishes = {};
  for (const resource of resources.value) {
    const members = onlyMembers(resource, ['policy_type', 'policy_data', ...readOnlyMembers]);
    if (!members.ok) return members;
    const { policy_type: type, policy_data: data } = members.value;
    const name = instancePolicyNames.find((known) => known === type);
    if (name === undefined) {
      return refused(invalidField('policy_type', `one of ${instancePolicyNames.join(', ')}`));
    }
    if (query.policy !== undefined && name !== query.policy) {
      return refused({ code: 'BODY_QUERY_PARAM_MISMATCH_ERR' });
    }
    if (wishes[name] !== undefined) return refused(badBody(`the policy ${name} is given twice`));
    const wish = readData(name, data);
    if (!wish.ok) return wish;
    wishes = { ...wishes, ...wish.value };
  }
  return parsed(wishes);
}

function readData(name: InstancePolicyName, data: unknown): Parsed<InstancePolicyWishes> {
  const members = onlyMembers(data, ['enabled', 'attributes'], 'policy_data');
  if (!members.ok) return members;
  const { enabled, attributes } = members.value;
  if (typeof enabled !== 'boolean') return refused(invalidField('enabled', 'true or false'));
  return readers[name](enabled, attributes);
}

/** `attributes` is undefined when the policy came without any. */
type Reader = (isEnabled: boolean, attributes: unknown) => Parsed<InstancePolicyWishes>;

const readers: Readonly<Record<InstancePolicyName, Reader>> = {
  dualAuthDelete: (isEnabled, attributes) =>
    refuseAttributes(attributes, 'dualAuthDelete') ?? parsed({ dualAuthDelete: { isEnabled } }),
  metrics: (isEnabled, attributes) =>
    refuseAttributes(attributes, 'metrics') ?? parsed({ metrics: { isEnabled } }),
  rotation: (isEnabled, attributes) => {
    if (!isEnabled) {
      const refusal = refuseAttributes(attributes, 'a disabled rotation');
      return refusal ?? parsed({ rotation: { isEnabled } });
    }
    const read = readAttributes(rotationAttributes, attributes);
    if (!read.ok) return read;
    return parsed({ rotation: { isEnabled, intervalMonths: read.value.interval_month } });
  },
  allowedNetwork: (isEnabled, attributes) => {
    // Sent with a disable too, for historical reasons: checked, and dropped with it.
    if (!isEnabled && attributes === undefined) return parsed({ allowedNetwork: { isEnabled } });
    const read = readAttributes(allowedNetworkAttributes, attributes);
    if (!read.ok) return read;
    const network = read.value.allowed_network;
    return parsed({ allowedNetwork: isEnabled ? { isEnabled, network } : { isEnabled } });
  },
  allowedIP: (isEnabled, attributes) => {
    if (!isEnabled) {
      const refusal = refuseAttributes(attributes, 'a disabled allowedIP');
      return refusal ?? parsed({ allowedIP: { isEnabled } });
    }
    const read = readAttributes(allowedIpAttributes, attributes);
    return read.ok ? parsed({ allowedIP: { isEnabled, cidrs: read.value.allowed_ip } }) : read;
  },
  keyCreateImportAccess: (isEnabled, attributes) => {
    const read = readAttributes(accessAttributes, attributes);
    if (!read.ok) return read;
    if (!isEnabled) return parsed({ keyCreateImportAccess: { isEnabled } });
    const access = {
      createRootKey: read.value.create_root_key,
      createStandardKey: read.value.create_standard_key,
      importRootKey: read.value.import_root_key,
      importStandardKey: read.value.import_standard_key,
      enforceToken: read.value.enforce_token,
    };
    return parsed({ keyCreateImportAccess: { isEnabled, access } });
  },
};

const rotationAttributes = z.object({ interval_month: intervalMonth });

const allowedNetworkAttributes = z.object({
  allowed_network: z.enum(allowedNetworks, { error: `one of ${allowedNetworks.join(', ')}` }),
});

const allowedIpAttributes = z.object({
  allowed_ip: texts(checkAllowedIps, {
    array: { minItems: 1, maxItems: allowedIpMax, examples: [['10.0.0.0/8', '2001:db8::/32']] },
    items: cidrDescribed,
  }),
});

const flag = (absent: boolean) => z.boolean({ error: 'true or false' }).default(absent);

const accessAttributes = z.object({
  create_root_key: flag(true),
  create_standard_key: flag(true),
  import_root_key: flag(true),
  import_standard_key: flag(true),
  enforce_token: flag(false),
});

const echoedMembers = Object.fromEntries(
  readOnlyMembers.map((name) => [name, z.unknown().optional()]),
);

const described = <Data extends z.ZodType>(name: InstancePolicyName, data: Data) =>
  z.strictObject({ policy_type: z.literal(name), policy_data: data, ...echoedMembers });
const on = { enabled: z.literal(true) };
const off = { enabled: z.literal(false) };
const either = { enabled: z.boolean() };

/** One resource of `parseInstancePolicies`, which reads it by hand, for the document. */
export const instancePolicyResource = z.union([
  described('dualAuthDelete', z.strictObject(either)),
  described('metrics', z.strictObject(either)),
  described(
    'rotation',
    z.union([
      z.strictObject({ ...on, attributes: rotationAttributes.strict() }),
      z.strictObject(off),
    ]),
  ),
  described(
    'allowedNetwork',
    z.union([
      z.strictObject({ ...on, attributes: allowedNetworkAttributes.strict() }),
      z.strictObject({ ...off, attributes: allowedNetworkAttributes.strict().optional() }),
    ]),
  ),
  described(
    'allowedIP',
    z.union([
      z.strictObject({ ...on, attributes: allowedIpAttributes.strict() }),
      z.strictObject(off),
    ]),
  ),
  described(
    'keyCreateImportAccess',
    z.strictObject({ ...either, attributes: accessAttributes.strict().optional() }),
  ),
]);

function readAttributes<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  attributes: unknown = {},
): Parsed<z.output<z.ZodObject<Shape>>> {
  const members = onlyMembers(attributes, Object.keys(schema.shape), 'attributes');
  return members.ok ? readSchema(schema, members.value) : members;
}

function refuseAttributes(
  attributes: unknown,
  what: string,
): ReturnType<typeof refused> | undefined {
  return attributes === undefined ? undefined : refused(badBody(`${what} has no attributes`));
}
