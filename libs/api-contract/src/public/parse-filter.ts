// The grammar of `filter` (reference §6.3): clauses of properties, separated by blanks, all of which must hold.
import {
  dateClause,
  dateProperties,
  type DateClause,
  type DateComparison,
  type DateProperty,
  type WrittenDate,
} from '@zonehold/key-domain';
import type { KeyCountQuery } from './canonical.ts';
import { invalidQuery } from './errors.ts';
import { parsed, refused, type Parsed } from './parsed.ts';
import { parseTimestamp } from './timestamp.ts';

/** Every property as often as it may be, written at length, is half of it. */
export const filterLengthMax = 2_000;
/** Clauses of one property. */
export const clausesPerPropertyMax = 3;

/** What a filter selects, and which of the older parameters it takes the place of. */
export interface ParsedFilter {
  readonly selection: KeyCountQuery;
  readonly hasState: boolean;
  readonly hasExtractable: boolean;
}

const otherProperties = ['state', 'extractable', 'hasMigrationIntent'] as const;

type Property = DateProperty | (typeof otherProperties)[number];

const properties: readonly string[] = [...dateProperties, ...otherProperties];
const comparisonByOperator: Readonly<Record<string, DateComparison>> = {
  'lt:': 'lt',
  'lte:': 'lte',
  'gt:': 'gt',
  'gte:': 'gte',
};
const clausePattern = /^([A-Za-z]+)=((?:lte?|gte?):)?(.+)$/;
const secondMs = 1_000;

const clauseRule = `clauses property=value, separated by blanks, of the properties ${properties.join(', ')}`;
const dateRule =
  'clauses whose dates are none, or RFC 3339 with a time in double quotes, after = alone or = and one of lt: lte: gt: gte:';
const booleanRule = 'clauses whose extractable and hasMigrationIntent are true or false';
const stateRule =
  'clauses whose state is a comma-separated list of 0, 1, 2, 3 and 5 without spaces';

/** Conditions, gathered clause by clause. */
interface Gathered {
  states: readonly number[] | undefined;
  isExtractable: boolean | undefined;
  /** Two clauses contradict each other, or one asks for what no key has. */
  isImpossible: boolean;
  readonly dates: DateClause[];
}

/** Reads `filter`; an empty one keeps everything. Never throws. */
export function parseFilter(text: string): Parsed<ParsedFilter> {
  if (text.length > filterLengthMax) {
    return refused(invalidQuery('filter', `at most ${filterLengthMax} characters`));
  }
  const counts = new Map<Property, number>();
  const gathered: Gathered = {
    states: undefined,
    isExtractable: undefined,
    isImpossible: false,
    dates: [],
  };
  for (const clause of text.split(' ')) {
    if (clause === '') continue;
    const [, property = '', operator, value = ''] = clausePattern.exec(clause) ?? [];
    if (!isProperty(property)) return refused(invalidQuery('filter', clauseRule));
    const count = (counts.get(property) ?? 0) + 1;
    counts.set(property, count);
    const brokenRule =
      count > clausesPerPropertyMax
        ? `at most ${clausesPerPropertyMax} clauses of ${property}`
        : gatherers[property](gathered, value, operator);
    if (brokenRule !== undefined) return refused(invalidQuery('filter', brokenRule));
  }
  return parsed({
    selection: selectionOf(gathered),
    hasState: counts.has('state'),
    hasExtractable: counts.has('extractable'),
  });
}

function isProperty(text: string): text is Property {
  return properties.includes(text);
}

/** Adds what a clause says; the rule that it breaks. */
type Gatherer = (
  gathered: Gathered,
  value: string,
  operator: string | undefined,
) => string | undefined;

const gatherers: Readonly<Record<Property, Gatherer>> = {
  creationDate: dateGatherer('creationDate'),
  lastUpdateDate: dateGatherer('lastUpdateDate'),
  lastRotateDate: dateGatherer('lastRotateDate'),
  deletionDate: dateGatherer('deletionDate'),
  expirationDate: dateGatherer('expirationDate'),
  state: (gathered, value, operator) => {
    if (operator !== undefined || !/^[01235](?:,[01235]){0,20}$/.test(value)) return stateRule;
    const wanted = value.split(',').map(Number);
    gathered.states = gathered.states?.filter((state) => wanted.includes(state)) ?? wanted;
    return undefined;
  },
  extractable: (gathered, value, operator) => {
    const wanted = readAnyCaseBoolean(value);
    if (operator !== undefined || wanted === undefined) return booleanRule;
    gathered.isImpossible ||= gathered.isExtractable === !wanted;
    gathered.isExtractable = wanted;
    return undefined;
  },
  // No key here has an intent to move to another.
  hasMigrationIntent: (gathered, value, operator) => {
    const wanted = readAnyCaseBoolean(value);
    if (operator !== undefined || wanted === undefined) return booleanRule;
    gathered.isImpossible ||= wanted;
    return undefined;
  },
};

function dateGatherer(property: DateProperty): Gatherer {
  return (gathered, value, operator) => {
    const clause = readDate(property, operator, value);
    if (clause === undefined) return dateRule;
    gathered.dates.push(clause);
    return undefined;
  };
}

function readAnyCaseBoolean(value: string): boolean | undefined {
  return /^(?:true|false)$/i.test(value) ? value.toLowerCase() === 'true' : undefined;
}

function readDate(
  property: DateProperty,
  operator: string | undefined,
  value: string,
): DateClause | undefined {
  if (operator === undefined && value.toLowerCase() === 'none') return { property, isNone: true };
  const quoted = /^"([^"]+)"$/.exec(value)?.[1];
  const date = quoted === undefined ? undefined : readWrittenDate(quoted);
  return date && dateClause(property, comparisonByOperator[operator ?? ''] ?? 'eq', date);
}

/**
 * The dates that a client reads are whole seconds, while keys have milliseconds. So a date without a fraction means all of its
 * second: what was read is found again. One with a fraction comes from a clock and means its millisecond.
 */
function readWrittenDate(text: string): WrittenDate | undefined {
  const fromMs = parseTimestamp(text);
  if (fromMs === undefined) return undefined;
  return { fromMs, beforeMs: fromMs + (text.includes('.') ? 1 : secondMs) };
}

function selectionOf({ states, isExtractable, isImpossible, dates }: Gathered): KeyCountQuery {
  return {
    ...(isImpossible ? { states: [] } : states === undefined ? {} : { states }),
    ...(isExtractable === undefined ? {} : { isExtractable }),
    ...(dates.length === 0 ? {} : { dates }),
  };
}
