// What JSON Schema says of the query parameters that parse-queries.ts and its like read by hand. For the document alone; a test
// holds each against its parser. A parameter is a text on the wire: a number or a boolean here is how that text must look.
import {
  dateProperties,
  instancePolicyNames,
  keyPolicyNames,
  keyRingPageLimitDefault,
  pageLimitDefault,
  pageLimitMax,
  sortProperties,
} from '@zonehold/key-domain';
import { crnPatternDescribed, type Described } from './described.ts';
import { legacyActions } from './operations.ts';
import { filterLengthMax } from './parse-filter.ts';
import { searchLengthMax } from './parse-search.ts';

/** One query parameter. */
export interface QueryDescription {
  readonly description: string;
  readonly isRequired?: boolean;
  readonly schema: Described;
}

/** Parameters by name. */
export type Queries = Readonly<Record<string, QueryDescription>>;

const flag = (description: string): QueryDescription => ({
  description,
  schema: { type: 'boolean', default: false },
});

/** `limit`, `offset` and `totalCount` of a list. */
export function pageQueries(
  limitDefault: number = pageLimitDefault,
  limitMax = pageLimitMax,
): Queries {
  return {
    limit: {
      description: 'How many elements a page has at most.',
      schema: { type: 'integer', minimum: 1, maximum: limitMax, default: limitDefault },
    },
    offset: {
      description: 'How many elements to leave out before the page.',
      schema: { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1, default: 0 },
    },
    totalCount: flag('Asks for metadata.totalCount: how many elements there are on all pages.'),
  };
}

const anyCase = (word: string): string =>
  word.replaceAll(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
const instant =
  '[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt](?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}(?:[.][0-9]{1,30})?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])';
const clause = `(?:${[
  `(?:${dateProperties.join('|')})=(?:${anyCase('none')}|(?:[lg]te?:)?"${instant}")`,
  `(?:extractable|hasMigrationIntent)=(?:${anyCase('true')}|${anyCase('false')})`,
  'state=[01235](?:,[01235]){0,20}',
].join('|')})`;

const selectionQueries: Queries = {
  state: {
    description: 'Only keys in these states. Without it: all but destroyed ones.',
    schema: { type: 'string', pattern: '^[0-5](?:,[0-5]){0,20}$' },
  },
  extractable: {
    description: 'Only standard keys (true) or only root keys (false).',
    schema: { type: 'boolean' },
  },
  filter: {
    description:
      'Clauses of the form property=value, separated by blanks, all of which must hold; at most three of a property.',
    schema: {
      type: 'string',
      pattern: `^ *(?:${clause}(?: +${clause})*)? *$`,
      maxLength: filterLengthMax,
      examples: ['state=1,2 creationDate=gte:"2026-01-01T00:00:00Z"', 'expirationDate=none'],
    },
  },
};

const search: QueryDescription = {
  description:
    'Only keys whose name or one of whose aliases holds this text; not:, exact:, alias:, name: and escape: may stand before it.',
  schema: {
    type: 'string',
    maxLength: searchLengthMax,
    examples: ['payroll', 'not:exact:name:Payroll root key', 'alias:payroll-root'],
  },
};

/** HEAD /keys. */
export const keyCountQueries: Queries = selectionQueries;

const sortProperty = `-?(?:${sortProperties.join('|')})`;

/** GET /keys. */
export const listKeysQueries: Queries = {
  ...pageQueries(),
  ...selectionQueries,
  search,
  sort: {
    description:
      'Different properties to sort by, the first one first; one with - in front descends.',
    schema: {
      type: 'string',
      pattern: `^(?:${sortProperty}(?:,${sortProperty})*)?$`,
      default: 'id',
    },
  },
};

/** GET /keys/id/versions. */
export const listVersionsQueries: Queries = {
  ...pageQueries(),
  allKeyStates: flag('Also shows the versions of a key that is not active.'),
};

/** GET /key_rings. */
export const listKeyRingsQueries: Queries = pageQueries(keyRingPageLimitDefault);

/** DELETE of a key. */
export const deleteKeyQueries: Queries = {
  force: flag('Deletes the key although resources are registered with it.'),
};

/** DELETE of a key ring. */
export const deleteKeyRingQueries: Queries = {
  force: flag('Deletes the ring although it holds keys, if all of them are destroyed.'),
};

/** Policies of a key. */
export const keyPolicyQueries: Queries = {
  policy: {
    description: 'Only the policy of this name.',
    schema: { type: 'string', enum: [...keyPolicyNames] },
  },
};

/** Policies of an instance. */
export const instancePolicyQueries: Queries = {
  policy: {
    description: 'Only the policy of this name.',
    schema: { type: 'string', enum: [...instancePolicyNames] },
  },
};

/** POST of a key. */
export const actionQueries: Queries = {
  action: {
    description: 'What to do with the key.',
    isRequired: true,
    schema: { type: 'string', enum: Object.keys(legacyActions) },
  },
};

function registrationQueries(firstStarAt: number): Queries {
  return {
    ...pageQueries(),
    urlEncodedResourceCRNQuery: {
      description:
        'Only registrations whose CRN fits this pattern of ten segments; * stands for a whole segment or for the end of the last.',
      schema: crnPatternDescribed(firstStarAt),
    },
    preventKeyDeletion: {
      description:
        'Only registrations that keep their key from being deleted (true), or only the others (false).',
      schema: { type: 'boolean' },
    },
  };
}

/** Registrations of one key. */
export const keyRegistrationQueries: Queries = registrationQueries(1);

/** Registrations of all keys: the service instance is named in full. */
export const allRegistrationQueries: Queries = registrationQueries(8);
