// Bodies of create, rotate, restore and patch: object in, canonical body or refusal out.
import { checkMaterialSize, keyPolicyNames, type KeyPolicyWishes } from '@zonehold/key-domain';
import { base64SizeBytes } from './base64.ts';
import { createKeyResource, patchKeyBody, restoreKeyResource, rotateBody } from './body-schemas.ts';
import type { CreateKeyBody, PatchKeyBody, RestoreBody, RotateBody } from './canonical.ts';
import { singleResource } from './envelope-input.ts';
import { badBody, invalidField, type ApiRefusal } from './errors.ts';
import { pickMembers, type DecodedBody, type JsonObject } from './json-body.ts';
import { readPolicyMembers } from './parse-key-policies.ts';
import { parsed, refused, type Parsed } from './parsed.ts';
import { readSchema } from './read-schema.ts';
import { parseTimestamp } from './timestamp.ts';

type Body = Exclude<DecodedBody, { readonly kind: 'refused' }>;

/** POST /keys: an envelope with one resource (reference §6.2). */
export function parseCreateKey(body: Body): Parsed<CreateKeyBody> {
  if (body.kind === 'empty') return refused(badBody('there is no body'));
  const resource = singleResource(body.value);
  return resource.ok ? readCreateKey(resource.value) : resource;
}

/**
 * POST /keys_with_policy_overrides: as POST /keys, with the policies of the key (reference §6.4). Which of them fit the key is
 * the domain's to say.
 */
export function parseCreateKeyWithOverrides(body: Body): Parsed<CreateKeyBody> {
  if (body.kind === 'empty') return refused(badBody('there is no body'));
  const resource = singleResource(body.value);
  if (!resource.ok) return resource;
  const created = readCreateKey(resource.value);
  if (!created.ok) return created;
  const members = pickMembers(resource.value, keyPolicyNames);
  if (!members.ok) return members;
  let policyOverrides: KeyPolicyWishes = {};
  for (const name of keyPolicyNames) {
    const member = members.value[name];
    if (member === undefined) continue;
    const wish = readPolicyMembers(name, member);
    if (!wish.ok) return wish;
    policyOverrides = { ...policyOverrides, ...wish.value };
  }
  return parsed({ ...created.value, policyOverrides });
}

function readCreateKey(resource: JsonObject): Parsed<CreateKeyBody> {
  const read = readSchema(createKeyResource, resource);
  if (!read.ok) return read;
  const { name, description, tags, aliases, extractable, expirationDate, payload } = read.value;
  const refusal = refuseSecureImport(read.value) ?? refuseMaterialSize(extractable, payload);
  if (refusal !== undefined) return refused(refusal);
  const expiresAtMs = expirationDate === undefined ? undefined : parseTimestamp(expirationDate);
  return parsed({
    name,
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined || tags.length === 0 ? {} : { tags }),
    ...(aliases === undefined || aliases.length === 0 ? {} : { aliases }),
    isExtractable: extractable,
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    ...(payload === undefined ? {} : { payload }),
  });
}

/** POST /keys/id/actions/rotate: flat, all optional; a documented example sends members of a create besides (§1.5). */
export function parseRotate(body: Body): Parsed<RotateBody> {
  const read = readSchema(rotateBody, objectOf(body));
  if (!read.ok) return read;
  const { payload } = read.value;
  const isGiven = payload !== undefined && payload !== '';
  const refusal =
    refuseSecureImport(read.value) ?? (isGiven ? refuseMaterialSize(false, payload) : undefined);
  if (refusal !== undefined) return refused(refusal);
  return parsed(isGiven ? { payload } : {});
}

/**
 * POST /keys/id/restore: no body needed. The historic envelope with material is checked, and no more than that there was some
 * goes on: the sealed versions come back with the key (reference §6.9).
 */
export function parseRestore(body: Body): Parsed<RestoreBody | undefined> {
  const value = objectOf(body);
  if (Object.keys(value).length === 0) return parsed(undefined);
  const resource = singleResource(value);
  if (!resource.ok) return resource;
  const read = readSchema(restoreKeyResource, resource.value);
  if (!read.ok) return read;
  const refusal = refuseSecureImport(read.value);
  if (refusal !== undefined) return refused(refusal);
  return parsed(read.value.payload ? { hasPayload: true } : undefined);
}

/** PATCH /keys/id: flat; the ring is all that can be patched (reference §6.6). */
export function parsePatchKey(body: Body): Parsed<PatchKeyBody> {
  if (body.kind === 'empty') return refused(badBody('there is no body'));
  const read = readSchema(patchKeyBody, body.value);
  return read.ok ? parsed({ keyRingId: read.value.keyRingID }) : read;
}

function objectOf(body: Body): JsonObject {
  return body.kind === 'empty' ? {} : body.value;
}

function refuseMaterialSize(
  isExtractable: boolean,
  payload: string | undefined,
): ApiRefusal | undefined {
  if (payload === undefined) return undefined;
  const rule = checkMaterialSize(isExtractable, base64SizeBytes(payload));
  return rule === undefined ? undefined : invalidField('payload', rule);
}

/** Nonce and IV come together (reference §6.2); import tokens themselves are not served yet. */
function refuseSecureImport(body: {
  readonly encryptedNonce?: string | undefined;
  readonly iv?: string | undefined;
}): ApiRefusal | undefined {
  const [hasNonce, hasIv] = [Boolean(body.encryptedNonce), Boolean(body.iv)];
  if (!hasNonce && !hasIv) return undefined;
  if (!hasIv) return invalidField('iv', 'present together with encryptedNonce');
  if (!hasNonce) return invalidField('encryptedNonce', 'present together with iv');
  return { code: 'NOT_IMPLEMENTED_ERR', detail: 'import with an import token' };
}
