// The grammar of `search` (reference §6.3): options in any order, then a term.
import { searchScopes, type KeySearch, type SearchScope } from '@zonehold/key-domain';
import { invalidQuery } from './errors.ts';
import { parsed, refused, type Parsed } from './parsed.ts';

/** UTF-16 units: the longest name, or alias, twice over. */
export const searchLengthMax = 400;

const options = ['not:', 'exact:', 'alias:', 'name:', 'escape:'] as const;

type Option = (typeof options)[number];

const scopeOf: Readonly<Partial<Record<Option, SearchScope>>> = {
  'alias:': 'alias',
  'name:': 'name',
};

/** Reads `search`; undefined when it asks for nothing: Go sends a comma alone for an empty one. Never throws. */
export function parseSearch(text: string): Parsed<KeySearch | undefined> {
  if (text.length > searchLengthMax) {
    return refused(invalidQuery('search', `at most ${searchLengthMax} characters`));
  }
  const { given, rest } = readOptions(text);
  // After escape everything is literal, but for the comma that Go puts behind every term.
  const term = given.has('escape:') ? withoutComma(rest) : withoutComma(rest.trim()).trim();
  if (term === '') {
    if (given.size === 0) return parsed(undefined);
    return refused(invalidQuery('search', `options of ${options.join(' ')} followed by a term`));
  }
  const named = [...given].flatMap((option) => scopeOf[option] ?? []);
  return parsed({
    term,
    scopes: searchScopes.filter((scope) => named.length === 0 || named.includes(scope)),
    isInverted: given.has('not:'),
    isExact: given.has('exact:'),
    isAliasNamed: named.includes('alias'),
  });
}

/** The options before the term; the same one twice is one. */
function readOptions(text: string): { readonly given: ReadonlySet<Option>; readonly rest: string } {
  const given = new Set<Option>();
  let rest = text.trimStart();
  while (!given.has('escape:')) {
    const option = options.find((one) => rest.startsWith(one));
    if (option === undefined) break;
    given.add(option);
    rest = rest.slice(option.length);
    if (option !== 'escape:') rest = rest.trimStart();
  }
  return { given, rest };
}

function withoutComma(text: string): string {
  return text.endsWith(',') ? text.slice(0, -1) : text;
}
