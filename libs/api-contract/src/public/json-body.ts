// From the text of a request body to an object whose members have the contract's names, or the refusal to give.
// Knows nothing of any operation (reference §1.4, §1.5).
import { badBody, type ApiRefusal } from './errors.ts';

/** Far above any body of the contract (5 levels), far below what recursive code could stumble over. */
const nestingMax = 32;

export type JsonObject = Readonly<Record<string, unknown>>;

/** A decoded body. `empty`: absent, blank or the literal `null`, which clients send for "no body". */
export type DecodedBody =
  | { readonly kind: 'object'; readonly value: JsonObject }
  | { readonly kind: 'empty' }
  | { readonly kind: 'refused'; readonly refusal: ApiRefusal };

const empty: DecodedBody = { kind: 'empty' };
const refused = (detail: string): DecodedBody => ({ kind: 'refused', refusal: badBody(detail) });

/**
 * Reads a body as JSON whatever its media type. BAD_BODY_ERR: malformed, nested too deeply, not an object, or with a member that
 * is given twice: JSON.parse would take the last one, and whoever looked at the text before us perhaps the first.
 */
export function decodeBody(text: string | undefined): DecodedBody {
  if (text === undefined || text === '' || text === 'null') return empty;
  const memberCount = countMembersOf(text);
  if (memberCount === 'too-deep') return refused(`nested deeper than ${nestingMax} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text.trim() === '' ? empty : refused('the body is not valid JSON');
  }
  if (value === null) return empty;
  if (membersIn(value) !== memberCount) return refused('a field is given twice');
  return isJsonObject(value) ? { kind: 'object', value } : refused('the body is not a JSON object');
}

/** True for a JSON object, not for an array or null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const openBrace = 0x7b;
const openBracket = 0x5b;
const closeBrace = 0x7d;
const closeBracket = 0x5d;
const colon = 0x3a;
const quote = 0x22;
const backslash = 0x5c;

/** How many members the text writes down: of JSON, the colons outside of strings. */
function countMembersOf(text: string): number | 'too-deep' {
  let memberCount = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === quote) index = endOfString(text, index);
    else if (code === colon) memberCount += 1;
    else if (code === openBrace || code === openBracket) {
      depth += 1;
      if (depth > nestingMax) return 'too-deep';
    } else if (code === closeBrace || code === closeBracket) depth -= 1;
  }
  return memberCount;
}

/** How many members there are in a value, at all its levels: at most `nestingMax` of them. */
function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const contents = Object.values(value);
  let memberCount = Array.isArray(value) ? 0 : contents.length;
  for (const content of contents) memberCount += membersIn(content);
  return memberCount;
}

/** Index of the quote that ends the string begun at `start`; the text's length when none does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(index - 1 - backslashes) === backslash) backslashes += 1;
  return backslashes % 2 === 1;
}

/**
 * Picks `names` out of an object whatever their capitals (Go sends `Tags`, `KeyRingID`; trap 4). Unknown members and nulls
 * are left out. Two members that differ only in capitals are refused: nobody can say which was meant.
 */
export function pickMembers(
  value: JsonObject,
  names: readonly string[],
):
  | { readonly ok: true; readonly value: JsonObject }
  | { readonly ok: false; readonly refusal: ApiRefusal } {
  const canonical = new Map(names.map((name) => [name.toLowerCase(), name]));
  const seen = new Set<string>();
  const picked: Record<string, unknown> = {};
  for (const [member, content] of Object.entries(value)) {
    const name = canonical.get(member.toLowerCase());
    if (name === undefined) continue;
    if (seen.has(name)) return { ok: false, refusal: badBody(`the field ${name} is given twice`) };
    seen.add(name);
    if (content !== null) picked[name] = content;
  }
  return { ok: true, value: picked };
}

/** A name that goes into a refusal: the client knows what it sent, and an error body stays small. */
const shownNameMaxChars = 64;

/** `pickMembers` for what must have no other members than `names`. BAD_BODY_ERR: another one, or `value` is no object. */
export function onlyMembers(
  value: unknown,
  names: readonly string[],
  what = 'the resource',
): ReturnType<typeof pickMembers> {
  if (!isJsonObject(value)) return { ok: false, refusal: badBody(`${what} is not an object`) };
  const known = new Set(names.map((name) => name.toLowerCase()));
  const unknown = Object.keys(value).find((member) => !known.has(member.toLowerCase()));
  if (unknown === undefined) return pickMembers(value, names);
  const shown = JSON.stringify(unknown.slice(0, shownNameMaxChars));
  return { ok: false, refusal: badBody(`${what} has an unknown field ${shown}`) };
}
