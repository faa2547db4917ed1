// Limits on what a key may carry (reference §5.1, §13, §23). Each check returns the broken rule as text, or undefined.
import { isCidr } from './cidr.ts';

export const nameLengthMin = 2;
export const nameLengthMax = 90;
export const descriptionLengthMin = 2;
export const descriptionLengthMax = 240;
export const tagsMax = 30;
export const tagLengthMax = 30;
export const aliasesMax = 5;
export const aliasLengthMin = 2;
export const aliasLengthMax = 90;
/** Standard key material before base64. */
export const standardMaterialMaxBytes = 7_500;
/** AES-128, AES-192, AES-256. */
export const rootMaterialSizesBytes: readonly number[] = [16, 24, 32];
export const aadStringsMax = 255;
export const aadStringLengthMax = 255;
/** The reference leaves it open and calls the standard key's limit a safe choice (§7.2). */
export const wrapPlaintextMaxBytes = 7_500;
/** Months of a rotation policy (reference §8.1); one is 30 days, so 12 are 360 (§27.1 #13). */
export const rotationIntervalMonthsMin = 1;
export const rotationIntervalMonthsMax = 12;
/** Our own bound: an instance's register travels with every operation, and 200 ranges are 10 kB at most. */
export const allowedIpMax = 200;
/** In one instance, besides `default` (reference §12, §27.1 #4). All of them travel with each list. */
export const keyRingsMax = 50;
export const keyRingIdPattern = /^[A-Za-z0-9-]{2,100}$/;

/**
 * Our own bound: a key's register travels whole with every unwrap, and 2,000 sealed versions are about 0.6 MB of the
 * 2 MiB a frame holds. That is 83 days of a rotation in every hour the contract allows one.
 */
export const keyVersionsMax = 2_000;

/** Our own bound: grants travel with every operation, about 150 bytes each. One credential in an instance or an account counts once, and once more for each ring. */
export const instanceGrantsMax = 1_000;
export const accountGrantsMax = 1_000;
export const keyGrantsMax = 50;
/** Places where one credential may have grants: each is a round of its own when it is revoked. */
export const grantPlacesMax = 500;

const uuidV4Pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const forbiddenInTags = /[<>,:&|]/;
const aliasPattern = /^[A-Za-z0-9_-]+$/;

/** Path segments that an alias would shadow (reference §13). */
export const reservedAliases: ReadonlySet<string> = new Set([
  'allowed_ip',
  'key',
  'keys',
  'metadata',
  'policy',
  'policies',
  'registration',
  'registrations',
  'ring',
  'rings',
  'rotate',
  'wrap',
  'unwrap',
  'rewrap',
  'version',
  'versions',
]);

/** True for a UUID v4 in any case: how a path's `{id}` is told from an alias. */
export function isUuidV4(text: string): boolean {
  return uuidV4Pattern.test(text);
}

/** Characters are Unicode code points, so that one emoji counts once. */
function isLengthWithin(text: string, min: number, max: number): boolean {
  // Cheap bounds first: a code point is one or two UTF-16 units.
  if (text.length < min || text.length > 2 * max) return false;
  const characters = Array.from(text).length;
  return characters >= min && characters <= max;
}

function checkText(text: string, min: number, max: number): string | undefined {
  if (!text.isWellFormed()) return 'well-formed Unicode text';
  return isLengthWithin(text, min, max) ? undefined : `between ${min} and ${max} characters`;
}

/** The rule that a key's name breaks. */
export function checkName(name: string): string | undefined {
  return checkText(name, nameLengthMin, nameLengthMax);
}

/** The rule that a key's description breaks. */
export function checkDescription(description: string): string | undefined {
  return checkText(description, descriptionLengthMin, descriptionLengthMax);
}

/** The rule that a key's tags break. */
export function checkTags(tags: readonly string[]): string | undefined {
  if (tags.length > tagsMax) return `at most ${tagsMax} tags`;
  for (const tag of tags) {
    const rule = checkText(tag, 0, tagLengthMax);
    if (rule !== undefined) return `tags of ${rule}`;
    if (forbiddenInTags.test(tag)) return 'tags without the characters < > , : & |';
  }
  return undefined;
}

/** The rule that one alias breaks. */
export function checkAlias(alias: string): string | undefined {
  if (!isLengthWithin(alias, aliasLengthMin, aliasLengthMax)) {
    return `between ${aliasLengthMin} and ${aliasLengthMax} characters`;
  }
  if (!aliasPattern.test(alias)) return 'letters, digits, - and _ only';
  if (isUuidV4(alias)) return 'something else than a UUID';
  return reservedAliases.has(alias) ? 'a word that is not reserved' : undefined;
}

/** The rule that the id of a key ring breaks (reference §12). */
export function checkKeyRingId(id: string): string | undefined {
  return keyRingIdPattern.test(id) ? undefined : '2 to 100 letters, digits and -';
}

/** The rule that the aliases of a create break. */
export function checkAliases(aliases: readonly string[]): string | undefined {
  if (aliases.length > aliasesMax) return `at most ${aliasesMax} aliases`;
  if (new Set(aliases).size !== aliases.length) return 'aliases that differ from each other';
  for (const alias of aliases) {
    const rule = checkAlias(alias);
    if (rule !== undefined) return `aliases of ${rule}`;
  }
  return undefined;
}

/** The rule that imported material of `sizeBytes` breaks. */
export function checkMaterialSize(isExtractable: boolean, sizeBytes: number): string | undefined {
  if (!isExtractable) {
    return rootMaterialSizesBytes.includes(sizeBytes)
      ? undefined
      : 'base64 of 16, 24 or 32 bytes for a root key';
  }
  return sizeBytes >= 1 && sizeBytes <= standardMaterialMaxBytes
    ? undefined
    : `base64 of 1 to ${standardMaterialMaxBytes} bytes`;
}

/** The rule that the ranges of an allowedIP policy break (reference §9.1). */
export function checkAllowedIps(cidrs: readonly string[]): string | undefined {
  const isWithin = cidrs.length >= 1 && cidrs.length <= allowedIpMax;
  return isWithin && cidrs.every(isCidr)
    ? undefined
    : `1 to ${allowedIpMax} IPv4 or IPv6 ranges, each an address, a slash and a prefix length`;
}

/** The rule that additional authenticated data break (reference §7.2). */
export function checkAad(aad: readonly string[]): string | undefined {
  if (aad.length > aadStringsMax) return `at most ${aadStringsMax} strings`;
  for (const text of aad) {
    if (text.length > aadStringLengthMax && Array.from(text).length > aadStringLengthMax) {
      return `strings of at most ${aadStringLengthMax} characters`;
    }
    if (!text.isWellFormed()) return 'strings of well-formed Unicode text';
  }
  return undefined;
}
