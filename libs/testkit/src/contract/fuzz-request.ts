// Requests drawn from the contract's document: valid ones, almost valid ones, and hostile ones. What only a running region knows,
// the ids of its keys and its ciphertexts, is drawn as a place in a list and filled in when the request is sent.
import fc from 'fast-check';
import type { ContractDocument, DocumentedCall, Parameter } from './contract-document.ts';
import {
  hostileBodies,
  hostileHeaders,
  hostileMethods,
  hostileQueries,
  hostileSegments,
} from './hostile.ts';
import { jsonArbitrary } from './json-arbitrary.ts';
import { nearMiss, wrongValues } from './near-miss.ts';

export type FuzzKind = 'valid' | 'near' | 'hostile';

/** A segment of a path: a text that is ready for a URL, or the key at a place of the world's list. */
export type Segment = { readonly text: string } | { readonly keyAt: number };

/** One drawn request. */
export interface FuzzRequest {
  readonly kind: FuzzKind;
  readonly operationId: string;
  readonly method: string;
  /** The document's path: parameters are in `segments`. */
  readonly path: string;
  readonly segments: Readonly<Record<string, Segment>>;
  /** With its question mark, or empty. */
  readonly query: string;
  /** An empty text takes a header away. */
  readonly headers: Readonly<Record<string, string>>;
  /** A value to write as JSON, or bytes as they are. */
  readonly body?: unknown;
  /** Whether a ciphertext of the body is to be one that the key has made. */
  readonly isCiphertextReal: boolean;
}

/** Names of rings and aliases are few, so that requests meet. */
const nameMax = 12;
const idempotencyKeys = ['again-1', 'again-2', 'again-3'];

/** Requests of `call`, half of them valid. */
export function fuzzRequest(
  document: ContractDocument,
  call: DocumentedCall,
): fc.Arbitrary<FuzzRequest> {
  const valid = validRequest(document, call);
  return fc.oneof(
    { weight: 5, arbitrary: valid },
    { weight: 3, arbitrary: nearRequest(document, call, valid) },
    { weight: 2, arbitrary: hostileRequest(valid) },
  );
}

function validRequest(document: ContractDocument, call: DocumentedCall): fc.Arbitrary<FuzzRequest> {
  const { operationId, method, path, bodySchema, isBodyRequired } = call;
  const body: fc.Arbitrary<unknown> =
    bodySchema === undefined
      ? fc.constant(undefined)
      : fc.oneof(
          { weight: 2, arbitrary: fc.constantFrom(...Object.values(call.bodyExamples)) },
          {
            weight: 4,
            arbitrary: jsonArbitrary(bodySchema, document.resolve).filter((value) =>
              document.accepts(call, value),
            ),
          },
          { weight: isBodyRequired ? 0 : 2, arbitrary: fc.constant(undefined) },
        );
  return fc
    .record({
      segments: segmentsOf(call),
      query: queryOf(call, (parameter) => valueText(document, parameter)),
      headers: headersOf(call),
      body,
      isCiphertextReal: fc.oneof(fc.constant(true), fc.constant(true), fc.boolean()),
    })
    .map((drawn): FuzzRequest => ({ kind: 'valid', operationId, method, path, ...drawn }));
}

function nearRequest(
  document: ContractDocument,
  call: DocumentedCall,
  valid: fc.Arbitrary<FuzzRequest>,
): fc.Arbitrary<FuzzRequest> {
  const wrongText = fc.constantFrom(...wrongValues).map((value) => String(value).slice(0, 400));
  const query = queryOf(call, (parameter) =>
    fc.oneof(
      valueText(document, parameter),
      wrongText.filter((text) => text.isWellFormed()),
    ),
  );
  const body =
    call.bodySchema === undefined
      ? fc.constant(undefined)
      : nearMiss(jsonArbitrary(call.bodySchema, document.resolve));
  return fc
    .tuple(valid, query, body, fc.boolean())
    .map(([request, otherQuery, otherBody, isQueryWrong]) => ({
      ...request,
      kind: 'near',
      ...(isQueryWrong || otherBody === undefined ? { query: otherQuery } : { body: otherBody }),
    }));
}

function hostileRequest(valid: fc.Arbitrary<FuzzRequest>): fc.Arbitrary<FuzzRequest> {
  const changes = fc.oneof(
    fc.constantFrom(...hostileBodies).map((body) => ({ body })),
    fc.constantFrom(...hostileHeaders).map((headers) => ({ headers })),
    fc.constantFrom(...hostileQueries).map((query) => ({ query })),
    fc.constantFrom(...hostileSegments).map((text) => ({ segment: { text } })),
    fc.constantFrom(...hostileMethods).map((method) => ({ method })),
  );
  return fc.tuple(valid, changes).map(([request, change]) => {
    const { segment, ...other } = change as typeof change & { segment?: Segment };
    const headers =
      'headers' in change ? { ...request.headers, ...change.headers } : request.headers;
    const segments = Object.keys(request.segments).map((name) => [name, segment]);
    return {
      ...request,
      ...other,
      kind: 'hostile',
      headers,
      ...(segment === undefined
        ? {}
        : { segments: Object.fromEntries(segments) as Record<string, Segment> }),
    };
  });
}

function segmentsOf({ parameters }: DocumentedCall): fc.Arbitrary<Record<string, Segment>> {
  const named = parameters
    .filter((parameter) => parameter.in === 'path')
    .map((parameter) => [parameter.name, segmentOf(parameter)]);
  return fc.record(Object.fromEntries(named) as Record<string, fc.Arbitrary<Segment>>);
}

function segmentOf({ name, example }: Parameter): fc.Arbitrary<Segment> {
  const shown = { text: typeof example === 'string' ? example : 'none' };
  if (name === 'id') {
    return fc.oneof(
      { weight: 8, arbitrary: fc.nat({ max: 1_000 }).map((keyAt) => ({ keyAt })) },
      { weight: 1, arbitrary: fc.constant(shown) },
      { weight: 1, arbitrary: fc.uuid({ version: 4 }).map((text) => ({ text })) },
    );
  }
  return fc.oneof(
    fc.nat({ max: nameMax }).map((at) => ({ text: `fuzz-${at}` })),
    fc.constant(shown),
  );
}

function queryOf(
  { parameters }: DocumentedCall,
  textOf: (parameter: Parameter) => fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  const queries = parameters.filter((parameter) => parameter.in === 'query');
  const drawn = queries.map((parameter) =>
    fc.oneof(
      {
        weight: parameter.required ? 12 : 2,
        arbitrary: textOf(parameter).map((text): [string, string] => [parameter.name, text]),
      },
      { weight: 4, arbitrary: fc.constant(undefined) },
    ),
  );
  return fc.tuple(...drawn).map((pairs) => {
    const given = pairs.filter((pair) => pair !== undefined);
    return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
  });
}

function valueText(document: ContractDocument, { schema }: Parameter): fc.Arbitrary<string> {
  return jsonArbitrary(schema, document.resolve).map((value) => String(value).slice(0, 400));
}

function headersOf({ parameters }: DocumentedCall): fc.Arbitrary<Record<string, string>> {
  const has = (name: string): boolean => parameters.some((parameter) => parameter.name === name);
  const now = (values: readonly string[]): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 5, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom(...values) },
    );
  return fc.record({
    'correlation-id': now(['fuzz-correlation']),
    'idempotency-key': now(idempotencyKeys),
    ...(has('Prefer') ? { prefer: now(['return=minimal', 'return=representation']) } : {}),
    ...(has('X-Kms-Key-Ring')
      ? { 'x-kms-key-ring': now(['default', 'default', 'default', 'fuzz-1']) }
      : {}),
    ...(has('If-Match') ? { 'if-match': now(['W/"1"', '*', 'none']) } : {}),
  });
}
