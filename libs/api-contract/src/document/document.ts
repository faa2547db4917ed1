// The OpenAPI 3.1 document of the contract: the operation table, the entries and the schemas put together. It decides nothing.
import { contractReasonCodes } from '../public/errors.ts';
import { operations, type OperationRow } from '../public/operations.ts';
import { AnswerCatalogue, tokenAnswers } from './answers.ts';
import { componentSchemas, schemaRef } from './components.ts';
import { operationEntries } from './entries.ts';
import type { OperationEntry } from './entry.ts';
import { pathExamples } from './examples.ts';
import { optionalHeaders, replyHeaders, sharedHeaders } from './headers.ts';

/** Methods of one path, in lower case. */
export type PathItem = Record<string, DocumentedOperation>;

/** The members of an operation that programs look at; all of them are OpenAPI's. */
export interface DocumentedOperation {
  readonly operationId: string;
  readonly [member: string]: unknown;
}

/** The document, as far as programs look at it. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly [member: string]: unknown;
}

const info = {
  title: 'Zonehold',
  version: '2.0.0',
  description:
    'A self-hosted, zone-redundant key management service. Its interface is the one that clients of IBM Key Protect speak.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

/** Makes the document. It is always the same, and takes some milliseconds: keep it. */
export function openApiDocument(): OpenApiDocument {
  const catalogue = new AnswerCatalogue();
  const paths: Record<string, PathItem> = {};
  for (const row of operations) {
    const path = documentPath(row.path);
    const item = (paths[path] ??= {});
    item[row.method.toLowerCase()] = operationOf(row, operationEntries[row.name], catalogue);
  }
  return {
    openapi: '3.1.0',
    info,
    'x-reason-codes': contractReasonCodes,
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: tagOrder.map((name) => ({ name })),
    paths: { ...paths, ...tokenPathItems() },
    components: {
      schemas: componentSchemas(),
      responses: catalogue.components,
      parameters: { ...sharedHeaders, ...optionalHeaders },
      headers: replyHeaders,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A token of the identity endpoint.',
        },
      },
    },
  };
}

/** The table's path with the SDKs' names of parameters. */
export function documentPath(path: string): string {
  return path
    .split('/')
    .map((segment, at, segments) =>
      segment.startsWith(':')
        ? `{${parameterName(segment, segments[at - 1], segments.length - 1 === at)}}`
        : segment,
    )
    .join('/');
}

/** Names that follow from what stands before the parameter; the others are `id`. */
const nameAfter: Readonly<Record<string, string>> = {
  aliases: 'alias',
  key_rings: 'key-ring-id',
  registrations: 'urlEncodedResourceCRN',
};

function parameterName(segment: string, before = '', isLast = false): string {
  if (segment === ':adapterRef' && !isLast) return 'adapter_id';
  return nameAfter[before] ?? 'id';
}

/** As a reader meets them. */
const tagOrder = [
  'Tokens',
  'Keys',
  'Key actions',
  'Policies',
  'Aliases and key rings',
  'Import tokens',
  'Registrations',
  'KMIP',
] as const;

/** The first pattern that fits a path decides. */
const tags: readonly { readonly name: (typeof tagOrder)[number]; readonly pattern: RegExp }[] = [
  { name: 'Registrations', pattern: /registrations|event_ack|migrationIntent|governance/ },
  { name: 'KMIP', pattern: /kmip/ },
  { name: 'Policies', pattern: /policies$|allowed_ip_port/ },
  { name: 'Aliases and key rings', pattern: /aliases|key_rings/ },
  { name: 'Import tokens', pattern: /import_token/ },
  { name: 'Key actions', pattern: /actions\// },
  { name: 'Keys', pattern: /keys/ },
];

function operationOf(
  row: OperationRow,
  entry: OperationEntry,
  catalogue: AnswerCatalogue,
): DocumentedOperation {
  const { summary, description, body } = entry;
  return {
    operationId: row.name,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: tags
      .filter(({ pattern }) => pattern.test(row.path))
      .slice(0, 1)
      .map(({ name }) => name),
    parameters: parametersOf(row, entry),
    ...(body === undefined ? {} : { requestBody: requestBodyOf(body) }),
    responses: catalogue.of(row, entry),
    'x-zonehold-right': row.right,
    'x-zonehold-implemented': row.isImplemented,
    'x-zonehold-service-only': row.isServiceOnly === true,
  };
}

function requestBodyOf({
  schema,
  isRequired,
  examples,
}: NonNullable<OperationEntry['body']>): object {
  const named = Object.entries(examples).map(([name, value]) => [name, { value }]);
  return {
    required: isRequired,
    content: {
      'application/json': {
        schema: schemaRef(schema),
        examples: Object.fromEntries(named) as object,
      },
    },
  };
}

function parametersOf(row: OperationRow, entry: OperationEntry): readonly object[] {
  const { queries = {}, headers = [] } = entry;
  const names = [...documentPath(row.path).matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
  const inPath = names.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
    example: entry.pathExamples?.[name] ?? pathExamples[name],
  }));
  const inQuery = Object.entries(queries).map(([name, { description, isRequired, schema }]) => ({
    name,
    in: 'query',
    required: isRequired === true,
    description,
    schema,
  }));
  const inHeaders = [...Object.keys(sharedHeaders), ...headers].map((name) => ({
    $ref: `#/components/parameters/${name}`,
  }));
  return [...inPath, ...inQuery, ...inHeaders];
}

function tokenPathItems(): Record<string, PathItem> {
  const form = {
    type: 'object',
    properties: {
      grant_type: { const: 'urn:ibm:params:oauth:grant-type:apikey' },
      apikey: { type: 'string', minLength: 1, maxLength: 256 },
    },
    required: ['grant_type', 'apikey'],
  };
  const post = (operationId: string): DocumentedOperation => ({
    operationId,
    summary: 'Change an API key into a token',
    tags: ['Tokens'],
    security: [],
    requestBody: {
      required: true,
      content: { 'application/x-www-form-urlencoded': { schema: form } },
    },
    responses: tokenAnswers(),
  });
  return {
    '/identity/token': { post: post('getToken') },
    '/oidc/token': { post: post('getOidcToken') },
  };
}
