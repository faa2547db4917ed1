// What JSON Schema can say of the checks that stand in code: keywords for the document. The checks alone decide; a test of the
// document holds the two together.
import {
  aliasLengthMax,
  aliasLengthMin,
  keyRingIdPattern,
  reservedAliases,
  resourceCrnMaxChars,
} from '@zonehold/key-domain';
import { base64Pattern } from './base64.ts';

/** Keywords of JSON Schema. */
export type Described = Readonly<Record<string, unknown>>;

/** A UUID v4 in any case, as `isUuidV4` sees it: JSON Schema has no flag for the case. */
const uuidV4Pattern =
  '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-4[0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$';

/** Canonical base64 of at least `minBytes` and at most `maxBytes` (a multiple of three, so that a length can say it). */
export function base64Described(minBytes: number, maxBytes?: number): Described {
  return {
    contentEncoding: 'base64',
    pattern: base64Pattern,
    ...(minBytes > 0 ? { minLength: base64LengthOf(minBytes) } : {}),
    ...(maxBytes === undefined ? {} : { maxLength: base64LengthOf(maxBytes) }),
  };
}

/** Base64 of so many characters, or an empty text, which says nothing. */
export function base64OrNothing(lengthChars: number): Described {
  return {
    contentEncoding: 'base64',
    pattern: `^(?:|[A-Za-z0-9+/]{${lengthChars - 2}}[A-Za-z0-9+/=]{2})$`,
  };
}

/** Material that a root key may be made of: 32 and 16 bytes that are no secret. */
export const materialExamples: Described = {
  examples: ['MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', 'MDEyMzQ1Njc4OWFiY2RlZg=='],
};

function base64LengthOf(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 3) * 4;
}

/** An alias; the reserved words are paths of a key. */
export const aliasDescribed: Described = {
  pattern: `^[A-Za-z0-9_-]{${aliasLengthMin},${aliasLengthMax}}$`,
  not: { anyOf: [{ enum: [...reservedAliases] }, { pattern: uuidV4Pattern }] },
};

/** The id of a key ring. */
export const keyRingIdDescribed: Described = { pattern: keyRingIdPattern.source };

/** A UUID in any case. */
export const uuidDescribed: Described = { pattern: uuidV4Pattern };

// Visible ASCII without the colon that ends a segment and the star that stands for one.
const crnSegment = '[!-)+-9;-~]*';

/** A pattern of CRNs: * for a whole segment from `firstStarAt` on (0 is `crn`), or at the end of the last. */
export function crnPatternDescribed(firstStarAt: number): Described {
  const plain = `(?::${crnSegment}){${firstStarAt - 1}}`;
  const starred = String.raw`(?::(?:${crnSegment}|\*)){${segmentsOfCrn - 1 - firstStarAt}}`;
  const last = String.raw`:${crnSegment}\*?`;
  return {
    type: 'string',
    pattern: `^crn${plain}${starred}${last}$`,
    maxLength: resourceCrnMaxChars,
  };
}

/** Ten, with `crn` before the first colon (reference §1.9). */
const segmentsOfCrn = 10;

const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';

/** An IPv4 range exactly; an IPv6 one by its characters, since its grammar is beyond a pattern that one can read. */
export const cidrDescribed: Described = {
  anyOf: [
    { pattern: String.raw`^(?:${octet}\.){3}${octet}/(?:3[0-2]|[12]?[0-9])$` },
    { pattern: '^[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40}/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])$' },
  ],
};
