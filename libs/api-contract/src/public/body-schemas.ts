// Schemas of request bodies, with the contract's member names (reference §5.1, §6, §7). They say what is valid;
// body-parsers.ts turns what passes into the canonical form.
import {
  aadStringLengthMax,
  aadStringsMax,
  aliasesMax,
  allowedIpMax,
  checkAad,
  checkAliases,
  checkDescription,
  checkKeyRingId,
  checkName,
  checkTags,
  descriptionLengthMax,
  descriptionLengthMin,
  importTokenLifetimeDefaultS,
  importTokenLifetimeMaxS,
  importTokenLifetimeMinS,
  importTokenRetrievalsDefault,
  importTokenRetrievalsMax,
  nameLengthMax,
  nameLengthMin,
  tagLengthMax,
  tagsMax,
  standardMaterialMaxBytes,
  wrapPlaintextMaxBytes,
} from '@zonehold/key-domain';
import { z } from 'zod';
import { base64Rule, base64SizeBytes, isBase64 } from './base64.ts';
import {
  aliasDescribed,
  base64Described,
  base64OrNothing,
  keyRingIdDescribed,
  materialExamples,
  type Described,
} from './described.ts';
import { parseTimestamp } from './timestamp.ts';

/** Turns a check of the domain (broken rule as text, or undefined) into one of zod. */
function obey<Value>(check: (value: Value) => string | undefined): z.core.CheckFn<Value> {
  return (context) => {
    const rule = check(context.value);
    if (rule !== undefined) {
      context.issues.push({ code: 'custom', message: rule, input: context.value });
    }
  };
}

/** A string that obeys `check`. */
export const text = (
  check: (value: string) => string | undefined,
  described: Described = {},
): z.ZodString => z.string({ error: 'a string' }).check(obey(check)).meta(described);

/** An array of strings that obeys `check`. */
export const texts = (
  check: (value: readonly string[]) => string | undefined,
  described: { readonly array: Described; readonly items: Described } = { array: {}, items: {} },
): z.ZodArray<z.ZodString> => {
  const error = 'an array of strings';
  const item = z.string({ error }).meta(described.items);
  return z.array(item, { error }).check(obey(check)).meta(described.array);
};

const base64 = (
  check: (sizeBytes: number) => string | undefined,
  described: Described,
): z.ZodString =>
  text((value) => (isBase64(value) ? check(base64SizeBytes(value)) : base64Rule(value)), described);

const notEmpty = (sizeBytes: number): string | undefined =>
  sizeBytes === 0 ? 'a base64 encoded value that is not empty' : undefined;
const anySize = (): undefined => undefined;

const aad = texts(checkAad, {
  array: { maxItems: aadStringsMax },
  items: { maxLength: aadStringLengthMax },
}).optional();

/** Members that only come with an import token (reference §10.3); parse-import-token.ts says what they must be. */
const secureImport = {
  encryptedNonce: z.string({ error: 'a string' }).meta(base64OrNothing(40)).optional(),
  iv: z.string({ error: 'a string' }).meta(base64OrNothing(16)).optional(),
  encryptionAlgorithm: z
    .string({ error: 'a string' })
    .meta({ enum: ['RSAES_OAEP_SHA_256', ''] })
    .optional(),
};

/** The one resource of a create. */
export const createKeyResource = z.object({
  name: text(checkName, { minLength: nameLengthMin, maxLength: nameLengthMax }),
  description: text(checkDescription, {
    minLength: descriptionLengthMin,
    maxLength: descriptionLengthMax,
  }).optional(),
  tags: texts(checkTags, {
    array: { maxItems: tagsMax },
    items: { maxLength: tagLengthMax, pattern: '^[^<>,:&|]*$' },
  }).optional(),
  aliases: texts(checkAliases, {
    array: { maxItems: aliasesMax, uniqueItems: true },
    items: aliasDescribed,
  }).optional(),
  expirationDate: text(
    (value) => (parseTimestamp(value) === undefined ? 'a date and time of RFC 3339' : undefined),
    { format: 'date-time' },
  ).optional(),
  // Not documented; a key without the member was always taken for a standard key (reference §5.1).
  extractable: z.boolean({ error: 'true or false' }).default(true),
  payload: base64(notEmpty, {
    ...base64Described(1, standardMaterialMaxBytes),
    ...materialExamples,
  }).optional(),
  ...secureImport,
});

/** Rotate: flat, unlike create. Clients send an empty payload for none. */
export const rotateBody = z.object({
  payload: base64(anySize, { ...base64Described(0), ...materialExamples }).optional(),
  ...secureImport,
});

/** The optional resource of a restore: material is accepted and not needed (reference §27.1 #9). */
export const restoreKeyResource = z.object({
  payload: base64(anySize, base64Described(0)).optional(),
  ...secureImport,
});

/** PATCH of a key: flat. */
export const patchKeyBody = z.object({ keyRingID: text(checkKeyRingId, keyRingIdDescribed) });

const wholeNumber = (min: number, max: number): z.ZodNumber =>
  // Clients send whole numbers as floats too (reference §1.5); JSON makes no difference between them.
  z
    .number({ error: `a whole number from ${min} to ${max}` })
    .check(
      obey((value: number) =>
        Number.isInteger(value) && value >= min && value <= max
          ? undefined
          : `a whole number from ${min} to ${max}`,
      ),
    )
    .meta({ type: 'integer', minimum: min, maximum: max });

/** POST of an import token: flat, all optional. */
export const importTokenBody = z.object({
  expiration: wholeNumber(importTokenLifetimeMinS, importTokenLifetimeMaxS).default(
    importTokenLifetimeDefaultS,
  ),
  maxAllowedRetrievals: wholeNumber(1, importTokenRetrievalsMax).default(
    importTokenRetrievalsDefault,
  ),
});

/** Wrap: an empty plaintext asks for a generated DEK, as an absent one does. */
export const wrapBody = z.object({
  plaintext: base64(
    (sizeBytes) =>
      sizeBytes > wrapPlaintextMaxBytes
        ? `base64 of at most ${wrapPlaintextMaxBytes} bytes`
        : undefined,
    base64Described(0, wrapPlaintextMaxBytes),
  ).optional(),
  aad,
});

/** Unwrap and rewrap. */
export const unwrapBody = z.object({ ciphertext: base64(notEmpty, base64Described(1)), aad });

/** Longest arrays that reach a schema: it would list every bad element of a longer one. */
export const arraySizeMax: Readonly<Record<string, number>> = {
  tags: tagsMax,
  aliases: aliasesMax,
  aad: aadStringsMax,
  allowed_ip: allowedIpMax,
};
