// The shapes that an operator's request may have, checked: the CLI is a program of another machine user.
import { checkKeyRingId, isUuidV4, roleNames } from '@zonehold/key-domain';
import { KmsError } from '@zonehold/primitives';
import { z } from 'zod';
import { isCredentialId } from '../identity/secret.ts';

const name = z.string().min(1).max(90);
const instanceId = z.string().refine(isUuidV4).toLowerCase();
/** IBM's account ids (reference §1.9). */
const accountId = z.string().regex(/^[0-9a-f]{32}$/);

/** As the fifth segment of a CRN has it. */
const serviceName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const credentialId = z.string().refine(isCredentialId);
const keyRingId = z.string().refine((id) => checkKeyRingId(id) === undefined);
const keyId = z.string().refine(isUuidV4).toLowerCase();
const roles = z.array(z.enum(roleNames)).min(1).max(roleNames.length);
const grantTarget = z.union([
  z.strictObject({ accountId }),
  z.strictObject({ instanceId, keyId }),
  z.strictObject({ instanceId, keyRingId: keyRingId.optional() }),
]);

/** One credential may have grants in this many instances: each is a round of its own when it is revoked. */
const grantsMax = 100;

const grant = z.strictObject({ instanceId, roles });

const adminRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('create-instance'), name, accountId: accountId.optional() }),
  z.strictObject({ kind: z.literal('list-instances') }),
  z.strictObject({ kind: z.literal('open-instance'), instanceId }),
  z.strictObject({
    kind: z.literal('create-api-key'),
    name,
    service: serviceName.optional(),
    grants: z.array(grant).min(1).max(grantsMax),
  }),
  z.strictObject({ kind: z.literal('revoke-api-key'), credentialId }),
  z.strictObject({ kind: z.literal('list-api-keys') }),
  z.strictObject({ kind: z.literal('add-grant'), credentialId, target: grantTarget, roles }),
  z.strictObject({
    kind: z.literal('remove-grant'),
    credentialId,
    target: grantTarget,
    roles: roles.optional(),
  }),
  z.strictObject({
    kind: z.literal('list-grants'),
    credentialId: credentialId.optional(),
    target: grantTarget.optional(),
  }),
  z.strictObject({ kind: z.literal('suspend-instance'), instanceId }),
  z.strictObject({ kind: z.literal('resume-instance'), instanceId }),
  z.strictObject({
    kind: z.literal('delete-instance'),
    instanceId,
    name,
    isWithKeys: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('list-erasures') }),
  z.strictObject({ kind: z.literal('zones') }),
  z.strictObject({
    kind: z.literal('replace-acceptor'),
    zone: z.string().min(1).max(100),
    host: z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/),
    port: z.int().min(1).max(65_535),
    isPlanOnly: z.boolean(),
  }),
]);

export type CheckedAdminRequest = z.infer<typeof adminRequest>;
/** One kind of request. */
export type AdminRequestOf<Kind extends CheckedAdminRequest['kind']> = Extract<
  CheckedAdminRequest,
  { kind: Kind }
>;

/** The request, or INVALID_ARGUMENT with the members that are wrong. */
export function parseAdminRequest(body: unknown): CheckedAdminRequest {
  const parsed = adminRequest.safeParse(body);
  if (parsed.success) return parsed.data;
  const members = parsed.error.issues.map((issue) => issue.path.join('.') || 'kind');
  throw new KmsError('INVALID_ARGUMENT', `not a valid request: ${members.join(', ')}`);
}
