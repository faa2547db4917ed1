// The document against the parsers that decide: what one accepts, the other accepts, for bodies and for queries.
import {
  openApiDocument,
  parseOperation,
  isOperationName,
  type OperationName,
} from '@zonehold/api-contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContractDocument, type DocumentedCall, type Parameter } from './contract-document.ts';
import { jsonArbitrary } from './json-arbitrary.ts';
import { nearMiss } from './near-miss.ts';

const document = new ContractDocument(openApiDocument());
const seed = 20_261;
const numRuns = 150;
/** Thousands of values: beside other work a machine needs longer than for other tests. */
const timeoutMs = 30_000;

/** With the name in its path that the document shows. */
function parse(call: DocumentedCall, query: Readonly<Record<string, string>>, body?: unknown) {
  return parseOperation(nameOf(call), {
    query,
    subRef: subRefOf(call),
    ...(body === undefined ? {} : { bodyText: JSON.stringify(body) }),
  });
}

function subRefOf({ parameters }: DocumentedCall): string {
  const named = parameters.findLast((parameter) => parameter.in === 'path');
  return decodeURIComponent(String(named?.example));
}

function nameOf({ operationId }: DocumentedCall): OperationName {
  if (!isOperationName(operationId)) throw new Error(`${operationId} is no operation`);
  return operationId;
}

/** Refused by what JSON Schema does not say: material by the kind of key, totals that do not add up, policies given twice. */
const beyondSchema =
  /KEY_|NOT_IMPLEMENTED_ERR|IPv4 or IPv6 ranges|COLLECTION_TOTAL_MISMATCH_ERR|is given twice|payload|iv|encryptedNonce|rewrappedKeyVersion/;
const withBody = document.calls.filter(
  (call) =>
    call.isImplemented && call.bodySchema !== undefined && call.operationId !== 'actionOnKey',
);
const withQueries = document.calls.flatMap((call) =>
  call.isImplemented && call.operationId !== 'actionOnKey'
    ? call.parameters
        .filter((parameter) => parameter.in === 'query')
        .map((parameter) => ({ call, parameter }))
    : [],
);

describe('the body of', { timeout: timeoutMs }, () => {
  it.each(withBody)('$operationId that the document accepts, the parser accepts', (call) => {
    const arbitrary = jsonArbitrary(call.bodySchema ?? {}, document.resolve);
    let accepted = 0;
    fc.assert(
      fc.property(arbitrary, (body) => {
        fc.pre(document.accepts(call, body));
        const parsed = parse(call, {}, body);
        if (parsed.ok) accepted += 1;
        else expect(JSON.stringify(parsed.refusal)).toMatch(beyondSchema);
      }),
      { seed, numRuns },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it.each(withBody)('$operationId that the document refuses, the parser refuses', (call) => {
    const arbitrary = nearMiss(jsonArbitrary(call.bodySchema ?? {}, document.resolve));
    let refused = 0;
    fc.assert(
      fc.property(arbitrary, (body) => {
        fc.pre(!document.accepts(call, body) && !isLenient(body, call));
        refused += 1;
        expect(parse(call, {}, body)).toMatchObject({ ok: false });
      }),
      { seed, numRuns, maxSkipsPerRun: 1_000 },
    );
    expect(refused).toBe(numRuns);
  });

  it.each(withBody)('$operationId in the examples is accepted by both', (call) => {
    for (const example of Object.values(call.bodyExamples)) {
      expect(document.accepts(call, example)).toBe(true);
      expect(parse(call, {}, example)).toMatchObject({ ok: true });
    }
  });
});

/** Texts on both sides of every bound. An empty one says nothing, as if the parameter were absent. */
const texts = [
  ...[
    '0',
    '1',
    '2',
    '200',
    '4999',
    '5000',
    '5001',
    '-1',
    '1.5',
    '1e3',
    ' 1',
    '2147483647',
    '2147483648',
  ],
  ...[
    'true',
    'false',
    'TRUE',
    'yes',
    'null',
    '1,2',
    '0,1,2,3,5',
    '1,',
    ',1',
    '1, 2',
    '4',
    '6',
    '12',
  ],
  ...[
    'id',
    '-id',
    'id,-state',
    'id,',
    '--id',
    'name',
    'creationDate',
    'rotation',
    'dualAuthDelete',
    'metrics',
  ],
];

describe('the query parameter', () => {
  it.each(
    withQueries.map(({ call, parameter }) => ({
      call,
      parameter,
      title: `${parameter.name} of ${call.operationId}`,
    })),
  )('$title is read as the document says', ({ call, parameter }) => {
    for (const text of texts) {
      const parsed = parse(call, { [parameter.name]: text }, Object.values(call.bodyExamples)[0]);
      const isRefused = !parsed.ok && parsed.refusal.target?.name === parameter.name;
      const fits = document.fits(parameter.schema, valueOf(parameter, text));
      expect({ text, isRefused }).toEqual({ text, isRefused: !fits });
    }
  });
});

/** A query's text as the type that its schema names, when it is written as one. */
function valueOf({ schema }: Parameter, text: string): unknown {
  if (schema['type'] === 'integer') return /^\d{1,10}$/.test(text) ? Number(text) : text;
  if (schema['type'] === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

/** Whether the parser's leniency may be what accepts the body: it drops nulls and takes names in any capitals. */
function isLenient(body: unknown, call: DocumentedCall): boolean {
  return (
    JSON.stringify(body) !== JSON.stringify(plain(body)) || (body === null && !call.isBodyRequired)
  );
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => member !== null && name !== name.toUpperCase())
      .map(([name, member]) => [name, plain(member)]),
  );
}
