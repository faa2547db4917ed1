// Bodies of create, rotate, restore and patch: object in, canonical body or refusal out.
import { checkMaterialSize, keyPolicyNames, type KeyPolicyWishes } from '@zonehold/key-domain';
import { base64SizeBytes } from './base64.ts';
import { createKeyResource, patchKeyBody, restoreKeyResource, rotateBody } from './body-schemas.ts';
import type { CreateKeyBody, PatchKeyBody, RestoreBody, RotateBody } from './canonical.ts';
import { singleResource } from './envelope-input.ts';
import { badBody, invalidField } from './errors.ts';
import { pickMembers, type DecodedBody, type JsonObject } from './json-body.ts';
import { readTokenMaterial, type SecureImportMembers } from './parse-import-token.ts';
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
  const { name, description, tags, aliases, extractable, expirationDate } = read.value;
  const material = readMaterial(read.value, extractable);
  if (!material.ok) return material;
  const expiresAtMs = expirationDate === undefined ? undefined : parseTimestamp(expirationDate);
  return parsed({
    name,
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined || tags.length === 0 ? {} : { tags }),
    ...(aliases === undefined || aliases.length === 0 ? {} : { aliases }),
    isExtractable: extractable,
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    ...material.value,
  });
}

/** POST /keys/id/actions/rotate: flat, all optional; a documented example sends members of a create besides (§1.5). */
export function parseRotate(body: Body): Parsed<RotateBody> {
  const read = readSchema(rotateBody, objectOf(body));
  if (!read.ok) return read;
  const { payload, ...others } = read.value;
  return readMaterial(payload === '' ? others : read.value, false);
}

/**
 * POST /keys/id/restore: no body needed. The historic envelope with material is checked. That there was some goes on, and with an
 * import token what proves that it is the right one: the sealed versions come back with the key (reference §6.9).
 */
export function parseRestore(body: Body): Parsed<RestoreBody | undefined> {
  const value = objectOf(body);
  if (Object.keys(value).length === 0) return parsed(undefined);
  const resource = singleResource(value);
  if (!resource.ok) return resource;
  const read = readSchema(restoreKeyResource, resource.value);
  if (!read.ok) return read;
  const token = readTokenMaterial(read.value);
  if (!token.ok) return token;
  if (token.value !== undefined) return parsed({ hasPayload: true, tokenMaterial: token.value });
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

/** Material that the client brings: in the clear, or with an import token (reference §5.4). */
function readMaterial(
  members: SecureImportMembers,
  isExtractable: boolean,
): Parsed<Pick<CreateKeyBody, 'payload' | 'tokenMaterial'>> {
  const token = readTokenMaterial(members);
  if (!token.ok) return token;
  if (token.value !== undefined) {
    return isExtractable
      ? refused({ code: 'KEY_ROOT_REQ_ERR', detail: 'an import token brings root keys only' })
      : parsed({ tokenMaterial: token.value });
  }
  const { payload } = members;
  if (payload === undefined) return parsed({});
  const rule = checkMaterialSize(isExtractable, base64SizeBytes(payload));
  return rule === undefined ? parsed({ payload }) : refused(invalidField('payload', rule));
}
