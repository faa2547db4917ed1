// What a development region is planted with: instances, API keys and keys with ids, secrets and material that somebody chose
// (docs/dev-mode.md). The seed file and the operator's requests have these shapes; a key-manager takes them in a development
// region only. All of it is public by nature.
import {
  checkAliases,
  checkDescription,
  checkKeyRingId,
  checkMaterialSize,
  checkName,
  checkTags,
  isUuidV4,
  keyRingsMax,
  roleNames,
} from '@zonehold/key-domain';
import { z } from 'zod';
import { base64Rule, base64SizeBytes, isBase64 } from '../public/base64.ts';
import { intervalMonth } from '../public/parse-key-policies.ts';
import { parseTimestamp } from '../public/timestamp.ts';

/** A register of versions that a person wrote by hand. */
const rotationsMax = 100;
const grantsMax = 100;

/** Refuses with the rule that `check` names. */
function ruled<Schema extends z.ZodType<string> | z.ZodType<string[]>>(
  schema: Schema,
  check: (value: z.infer<Schema>) => string | undefined,
): Schema {
  return schema.superRefine((value, context) => {
    const rule = check(value as z.infer<Schema>);
    if (rule !== undefined) context.addIssue({ code: 'custom', message: `must be ${rule}` });
  }) as Schema;
}

const uuid = z.string().refine(isUuidV4, 'must be a UUID v4').toLowerCase();
const base64 = ruled(z.string(), (text) => (isBase64(text) ? undefined : base64Rule(text)));
const enabled = z.boolean();

const seedPolicies = z.strictObject({
  dualAuthDelete: z.strictObject({ enabled: z.literal(true) }).optional(),
  rotation: z.strictObject({ enabled, interval_month: intervalMonth }).optional(),
});

export const seedKeySchema = z
  .strictObject({
    id: uuid,
    name: ruled(z.string(), checkName),
    description: ruled(z.string(), checkDescription).optional(),
    tags: ruled(z.array(z.string()), checkTags).optional(),
    aliases: ruled(z.array(z.string()), checkAliases).optional(),
    keyRing: ruled(z.string(), checkKeyRingId).optional(),
    /** True: a standard key. */
    extractable: z.boolean(),
    /** Base64. */
    payload: base64,
    /** False: the key counts as generated, so that it may have a rotation policy. */
    imported: z.boolean().optional(),
    /** Later versions, oldest first. */
    rotations: z
      .array(z.strictObject({ versionId: uuid.optional(), payload: base64 }))
      .max(rotationsMax)
      .optional(),
    expirationDate: z
      .string()
      .refine((text) => parseTimestamp(text) !== undefined, 'must be a time as RFC 3339 writes it')
      .optional(),
    policies: seedPolicies.optional(),
    state: z.enum(['active', 'suspended']).optional(),
  })
  .superRefine((key, context) => {
    const refuse = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    const check = (path: (string | number)[], payload: string): void => {
      const rule = checkMaterialSize(key.extractable, base64SizeBytes(payload));
      if (rule !== undefined) refuse(path, `must be ${rule}`);
    };
    check(['payload'], key.payload);
    key.rotations?.forEach(({ payload }, at) => check(['rotations', at, 'payload'], payload));
    const versionIds = [key.id, ...(key.rotations ?? []).map(({ versionId }) => versionId)];
    versionIds.forEach((id, at) => {
      if (id === undefined || versionIds.indexOf(id) === at) return;
      refuse(['rotations', at - 1, 'versionId'], 'must differ from the key and from each other');
    });
    if (!key.extractable) return;
    if (key.rotations !== undefined) refuse(['rotations'], 'must be absent: only root keys rotate');
    if (key.state === 'suspended') refuse(['state'], 'must be active: only root keys are disabled');
  });

export const seedInstanceSchema = z.strictObject({
  id: uuid,
  name: z.string().min(1).max(90),
  accountId: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'must be 32 lower-case hexadecimal digits')
    .optional(),
  /** Besides `default`. */
  keyRings: z.array(ruled(z.string(), checkKeyRingId)).max(keyRingsMax).optional(),
});

export const seedApiKeySchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9-]{1,80}$/, 'must be 1 to 80 letters, digits and -'),
  /** The API key is `<id>.<secret>`, of the same form as any other. */
  secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 43 letters, digits, - and _'),
  name: z.string().min(1).max(90),
  iamId: z
    .string()
    .regex(/^iam-ServiceId-[A-Za-z0-9-]{1,80}$/, 'must be iam-ServiceId- and more')
    .optional(),
  grants: z
    .array(
      z.strictObject({
        instance: uuid,
        roles: z.array(z.enum(roleNames)).min(1).max(roleNames.length),
      }),
    )
    .min(1)
    .max(grantsMax),
});

export type SeedKey = z.infer<typeof seedKeySchema>;
export type SeedInstance = z.infer<typeof seedInstanceSchema>;
export type SeedApiKey = z.infer<typeof seedApiKeySchema>;
