// Bodies of wrap, unwrap and rewrap. Most requests of a region are these: a well-formed body is read by hand, and only
// what looks unusual goes through the schema, which decides alone (a test proves that both give the same).
import { checkAad, wrapPlaintextMaxBytes } from '@zonehold/key-domain';
import { base64SizeBytes, isBase64 } from './base64.ts';
import { unwrapBody, wrapBody } from './body-schemas.ts';
import type { UnwrapBody, WrapBody } from './canonical.ts';
import type { DecodedBody, JsonObject } from './json-body.ts';
import { parsed, refused, type Parsed } from './parsed.ts';
import { readSchema } from './read-schema.ts';

type Body = Exclude<DecodedBody, { readonly kind: 'refused' }>;

const noAad: readonly string[] = [];

/** POST /keys/id/actions/wrap (reference §7.2). No body, no plaintext or an empty one: the service makes a DEK. */
export function parseWrap(body: Body): Parsed<WrapBody> {
  if (body.kind === 'empty') return parsed({ aad: noAad });
  return readWrapByHand(body.value) ?? readWrapBySchema(body.value);
}

/** POST /keys/id/actions/unwrap and rewrap (reference §7.3, §7.4). NO_BODY_ERR without a body. */
export function parseUnwrap(body: Body): Parsed<UnwrapBody> {
  if (body.kind === 'empty') return refused({ code: 'NO_BODY_ERR' });
  return readUnwrapByHand(body.value) ?? readUnwrapBySchema(body.value);
}

/** The whole truth about a wrap body. */
export function readWrapBySchema(value: JsonObject): Parsed<WrapBody> {
  const read = readSchema(wrapBody, value);
  if (!read.ok) return read;
  const { plaintext, aad } = read.value;
  const isGiven = plaintext !== undefined && plaintext !== '';
  return parsed({ ...(isGiven ? { plaintext } : {}), aad: aad ?? noAad });
}

/** The whole truth about an unwrap or rewrap body. */
export function readUnwrapBySchema(value: JsonObject): Parsed<UnwrapBody> {
  const read = readSchema(unwrapBody, value);
  if (!read.ok) return read;
  return parsed({ ciphertext: read.value.ciphertext, aad: read.value.aad ?? noAad });
}

/** A plain, valid wrap body; undefined when the schema has to look. */
export function readWrapByHand(value: JsonObject): Parsed<WrapBody> | undefined {
  if (!hasOnly(value, 'plaintext')) return undefined;
  const { plaintext } = value;
  const aad = readAad(value);
  if (aad === undefined) return undefined;
  if (plaintext === undefined) return { ok: true, value: { aad } };
  const isPlain =
    typeof plaintext === 'string' &&
    plaintext !== '' &&
    isBase64(plaintext) &&
    base64SizeBytes(plaintext) <= wrapPlaintextMaxBytes;
  return isPlain ? { ok: true, value: { plaintext, aad } } : undefined;
}

/** A plain, valid unwrap body; undefined when the schema has to look. */
export function readUnwrapByHand(value: JsonObject): Parsed<UnwrapBody> | undefined {
  if (!hasOnly(value, 'ciphertext')) return undefined;
  const { ciphertext } = value;
  const aad = readAad(value);
  if (aad === undefined || typeof ciphertext !== 'string') return undefined;
  return ciphertext !== '' && isBase64(ciphertext)
    ? { ok: true, value: { ciphertext, aad } }
    : undefined;
}

/** True when all members are `name` or `aad`, in these capitals. */
function hasOnly(value: JsonObject, name: string): boolean {
  for (const member in value) {
    if (member !== name && member !== 'aad') return false;
  }
  return true;
}

function readAad(value: JsonObject): readonly string[] | undefined {
  const { aad } = value;
  if (aad === undefined) return noAad;
  if (!Array.isArray(aad)) return undefined;
  for (const text of aad) if (typeof text !== 'string') return undefined;
  const texts = aad as readonly string[];
  return checkAad(texts) === undefined ? texts : undefined;
}
