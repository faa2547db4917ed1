// The bodies of answers by the names they have in the document: no member more than these. reply-bodies.ts holds the types that
// the code writes, and a test that every one of them is what stands here.
import { allowedNetworks, instancePolicyNames } from '@zonehold/key-domain';
import { z } from 'zod';
import type { CollectionType } from '../public/reply-bodies.ts';
import {
  allowedIpPort,
  error,
  importToken,
  importTokenWithKey,
  migrationIntent,
  registration,
  token,
  tokenError,
} from './reply-schemas-other.ts';

const timestamp = z
  .string()
  .meta({ format: 'date-time', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$` });
const uuid = z.string().meta({
  format: 'uuid',
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
});
const base64 = z.string().meta({ contentEncoding: 'base64', pattern: '^[A-Za-z0-9+/]*={0,2}$' });
const crn = z.string().meta({ pattern: '^crn:v1:bluemix:public:kms:' });
const state = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(5)]);
const month = z.int().min(1).max(12);

/** Elements in their envelope: at least so many, or no member for them. `more` are members of the metadata. */
function collection(
  collectionType: CollectionType | `application/vnd.ibm.kms.${string}+json`,
  resource: z.ZodType,
  { more = {}, min = 1 }: { readonly more?: z.ZodRawShape; readonly min?: number } = {},
) {
  return z.object({
    metadata: z.object({
      collectionType: z.literal(collectionType),
      collectionTotal: z.int().min(0),
      totalCount: z.int().min(0).optional(),
      ...more,
    }),
    resources: z.array(resource).min(min).optional(),
  });
}

const terseKey = z.object({
  type: z.literal('application/vnd.ibm.kms.key+json'),
  id: uuid,
  name: z.string(),
  description: z.string().optional(),
  aliases: z.array(z.string()).min(1).optional(),
  state,
  expirationDate: timestamp.optional(),
  extractable: z.boolean(),
  crn,
  imported: z.boolean(),
  deleted: z.boolean(),
});

const version = z.object({ id: uuid, creationDate: timestamp });
const rotation = z.object({ enabled: z.boolean(), interval_month: month.optional() });

const key = terseKey.extend({
  algorithmType: z.literal('Deprecated'),
  algorithmMetadata: z.object({ bitLength: z.string().optional(), mode: z.literal('Deprecated') }),
  algorithmBitSize: z.int().optional(),
  algorithmMode: z.literal('Deprecated'),
  tags: z.array(z.string()).min(1).optional(),
  keyRingID: z.string(),
  creationDate: timestamp,
  createdBy: z.string(),
  lastUpdateDate: timestamp,
  lastRotateDate: timestamp.optional(),
  keyVersion: version.optional(),
  dualAuthDelete: z.object({
    enabled: z.boolean(),
    keySetForDeletion: z.boolean().optional(),
    authExpiration: timestamp.optional(),
  }),
  rotation: rotation.optional(),
  deletionDate: timestamp.optional(),
  deletedBy: z.string().optional(),
  restoreExpirationDate: timestamp.optional(),
  restoreAllowed: z.boolean().optional(),
  purgeAllowed: z.boolean().optional(),
  purgeAllowedFrom: timestamp.optional(),
  purgeScheduledOn: timestamp.optional(),
});

const keyWithPayload = key.extend({ payload: base64 });
const keyType = 'application/vnd.ibm.kms.key+json';
const policyType = 'application/vnd.ibm.kms.policy+json';

const searchMetadata = {
  incompleteSearch: z.boolean().optional(),
  searchQuery: z
    .object({
      query: z.string(),
      scopes: z.array(z.enum(['name', 'alias'])),
      not: z.boolean().optional(),
      exact: z.boolean().optional(),
    })
    .optional(),
};

const keyPolicy = z.object({
  type: z.literal(policyType),
  id: uuid,
  crn,
  createdBy: z.string(),
  creationDate: timestamp,
  updatedBy: z.string(),
  lastUpdateDate: timestamp,
  dualAuthDelete: z.object({ enabled: z.boolean() }).optional(),
  rotation: rotation.optional(),
});

const instancePolicy = z.object({
  creationDate: timestamp,
  createdBy: z.string(),
  updatedBy: z.string(),
  lastUpdated: timestamp,
  policy_type: z.enum(instancePolicyNames),
  policy_data: z.object({
    enabled: z.boolean(),
    attributes: z
      .union([
        z.object({ interval_month: month }),
        z.object({ allowed_network: z.enum(allowedNetworks) }),
        z.object({ allowed_ip: z.array(z.string()) }),
        z.object({
          create_root_key: z.boolean(),
          create_standard_key: z.boolean(),
          import_root_key: z.boolean(),
          import_standard_key: z.boolean(),
          enforce_token: z.boolean(),
        }),
      ])
      .optional(),
  }),
});

const versionRef = z.object({ id: uuid });
const wrapReply = z.object({
  plaintext: base64.optional(),
  ciphertext: base64,
  keyVersion: versionRef,
});
const unwrapReply = z.object({
  plaintext: base64,
  ciphertext: base64.optional(),
  keyVersion: versionRef,
  rewrappedKeyVersion: versionRef.optional(),
});
const rewrapReply = z.object({
  ciphertext: base64,
  keyVersion: versionRef,
  rewrappedKeyVersion: versionRef,
});
const keys = collection(keyType, key);
const created = collection(keyType, z.union([terseKey, key, keyWithPayload]));

/** By their names under components/schemas. */
export const replySchemas = {
  TerseKey: terseKey,
  Key: key,
  KeyWithPayload: keyWithPayload,
  Keys: keys,
  // A filter that keeps nothing has an empty list.
  FoundKeys: collection(keyType, key, { more: searchMetadata, min: 0 }),
  CreatedKey: created,
  KeysWithPayload: collection(keyType, z.union([key, keyWithPayload])),
  KeyVersions: collection('application/vnd.ibm.kms.key.version+json', version),
  WrapReply: wrapReply,
  UnwrapReply: unwrapReply,
  RewrapReply: rewrapReply,
  KeyActionReply: z.union([wrapReply, unwrapReply, rewrapReply, created]),
  KeyAliases: collection(
    keyType,
    z.object({ keyId: uuid, alias: z.string(), createdBy: z.string(), creationDate: timestamp }),
  ),
  KeyRings: collection(
    'application/vnd.ibm.kms.key_ring+json',
    z.object({
      id: z.string(),
      creationDate: timestamp.optional(),
      createdBy: z.string().optional(),
    }),
  ),
  KeyPolicies: collection(policyType, keyPolicy),
  InstancePolicies: collection(policyType, instancePolicy),
  Registrations: collection('application/vnd.ibm.kms.registration+json', registration),
  AllowedIpPorts: collection('application/vnd.ibm.kms.allowed_ip_metadata+json', allowedIpPort),
  ImportToken: importToken,
  ImportTokenWithKey: importTokenWithKey,
  MigrationIntents: collection('application/vnd.ibm.kms.migration_intent+json', migrationIntent),
  Error: error,
  Token: token,
  TokenError: tokenError,
} as const satisfies Readonly<Record<string, z.ZodType>>;

/** A body of an answer. */
export type ReplySchemaName = keyof typeof replySchemas;
