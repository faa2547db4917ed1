// The contract's OpenAPI document as a judge: which operation a request is for, which values its schemas accept, and what is wrong
// with an answer. It takes the document as it is served; it knows no operation by itself.
import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema } from './json-arbitrary.ts';

/** What programs look at in a document. */
export interface ServedDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;
  readonly [member: string]: unknown;
}

/** One parameter, references resolved. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

/** One operation of the document. */
export interface DocumentedCall {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly isImplemented: boolean;
  /** Users are refused. */
  readonly isServiceOnly: boolean;
  readonly isBodyRequired: boolean;
  /** Absent when the operation takes no JSON. */
  readonly bodySchema?: JsonSchema;
  readonly bodyExamples: Readonly<Record<string, unknown>>;
}

/** An answer as it came. */
export interface SeenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

const documentId = 'document';
/** Frames of a stack, and names of files that only a stack shows. */
const stackPattern = /\n\s+at |node:internal|\.[cm]?[jt]s:\d+:\d+/;
const unroutedCodes = ['ROUTE_NOT_FOUND_ERR', 'METHOD_NOT_ALLOWED_ERR', 'TOO_MANY_REQUESTS_ERR'];
/** What Node's parser refuses before there is an operation. */
const unparsedStatuses = [400, 408, 431];
const json = 'application~1json';

export class ContractDocument {
  readonly calls: readonly DocumentedCall[];
  readonly #document: ServedDocument;
  readonly #ajv = new Ajv2020({ strict: false, allowUnionTypes: true });
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #templates: readonly { readonly pattern: RegExp; readonly path: string }[];

  constructor(document: ServedDocument) {
    this.#document = document;
    addFormats.default(this.#ajv);
    this.#ajv.addSchema({ ...document, $id: documentId });
    // Static paths win over those with parameters, as in a router.
    const paths = Object.keys(document.paths).toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
    this.#templates = paths.map((path) => ({ path, pattern: patternOf(path) }));
    this.calls = paths.flatMap((path) =>
      Object.entries(document.paths[path] ?? {}).map(([method, operation]) =>
        this.#callOf(path, method, operation),
      ),
    );
  }

  /** The operation by its name. */
  call(operationId: string): DocumentedCall {
    const found = this.calls.find((call) => call.operationId === operationId);
    if (found === undefined) throw new Error(`the document has no operation ${operationId}`);
    return found;
  }

  /** What a reference means. */
  resolve = (reference: string): JsonSchema => {
    const found = pointer(this.#document, reference.slice(1));
    if (found === undefined) throw new Error(`the document has no ${reference}`);
    return found as JsonSchema;
  };

  /** Whether the body is one that the document describes for the operation. */
  accepts(call: DocumentedCall, body: unknown): boolean {
    if (call.bodySchema === undefined) return false;
    return this.#validator(JSON.stringify(call.bodySchema), call.bodySchema)(body);
  }

  /** Whether the schema accepts the value. */
  fits(schema: JsonSchema, value: unknown): boolean {
    return this.#validator(JSON.stringify(schema), schema)(value);
  }

  /** What is wrong with an answer to a request; empty: nothing. */
  faults(method: string, url: string, answer: SeenAnswer): string[] {
    const { status, text, headers } = answer;
    const faults: string[] = [];
    if (stackPattern.test(text)) faults.push('the body shows a stack');
    if (headers['correlation-id'] === undefined) {
      if (unparsedStatuses.includes(status))
        return [...faults, ...this.#faultsUnrouted(method, answer)];
      faults.push('there is no Correlation-Id');
    }
    const path = url.split('?')[0] ?? '';
    const found = this.#templates.find(({ pattern }) => pattern.test(path))?.path;
    const operation =
      found === undefined ? undefined : this.#document.paths[found]?.[method.toLowerCase()];
    if (found === undefined || operation === undefined || isUnrouted(path, answer)) {
      return [...faults, ...this.#faultsUnrouted(method, answer)];
    }
    const place = ['paths', found, method.toLowerCase(), 'responses', String(status)];
    const documented = pointer(this.#document, `/${place.map(escaped).join('/')}`);
    if (documented === undefined)
      return [...faults, `${status} is not documented: ${text.slice(0, 300)}`];
    if (status >= 500 && status !== 501)
      faults.push(`${status} is a failure: ${text.slice(0, 300)}`);
    const response = reference(documented);
    const base = response === undefined ? `/${place.map(escaped).join('/')}` : response.slice(1);
    const content = pointer(this.#document, `${base}/content/${json}/schema`);
    return [
      ...faults,
      ...this.#bodyFaults(
        `${documentId}#${encodePointer(base)}/content/${json}/schema`,
        content,
        answer,
        method,
      ),
    ];
  }

  #faultsUnrouted(method: string, answer: SeenAnswer): string[] {
    const { status, text } = answer;
    if (method === 'HEAD') return text === '' ? [] : ['a HEAD is answered with a body'];
    const faults = this.#bodyFaults(`${documentId}#/components/schemas/Error`, {}, answer, method);
    const isExpected =
      unroutedCodes.includes(codeOf(text) ?? '') || unparsedStatuses.includes(status);
    return isExpected
      ? faults
      : [...faults, `${status} of a path that is none: ${text.slice(0, 300)}`];
  }

  #bodyFaults(place: string, schema: unknown, answer: SeenAnswer, method: string): string[] {
    const { status, text, headers } = answer;
    if (schema === undefined || method === 'HEAD') {
      return text === '' ? [] : [`${status} has a body: ${text.slice(0, 300)}`];
    }
    if (headers['content-type'] !== 'application/json') return [`${status} is no application/json`];
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return [`the body of ${status} is no JSON: ${text.slice(0, 300)}`];
    }
    const validate = this.#validator(place, { $ref: place });
    if (validate(body)) return [];
    const [first] = validate.errors ?? [];
    return [
      `the body of ${status} is not as documented at ${first?.instancePath ?? ''}: ${first?.message ?? ''} ${JSON.stringify(first?.params)} ${text.slice(0, 600)}`,
    ];
  }

  #validator(key: string, schema: JsonSchema): ValidateFunction {
    let validator = this.#validators.get(key);
    if (validator === undefined) {
      validator = this.#ajv.compile(absolute(schema) as JsonSchema);
      this.#validators.set(key, validator);
    }
    return validator;
  }

  #callOf(path: string, method: string, operation: Record<string, unknown>): DocumentedCall {
    const parameters = ((operation['parameters'] ?? []) as object[]).map((parameter) => {
      const target = reference(parameter);
      return (target === undefined ? parameter : this.resolve(target)) as Parameter;
    });
    const requestBody = operation['requestBody'] as
      | {
          required: boolean;
          content: Record<
            string,
            { schema: JsonSchema; examples?: Record<string, { value: unknown }> }
          >;
        }
      | undefined;
    const content = requestBody?.content['application/json'];
    const examples = Object.entries(content?.examples ?? {}).map(([name, { value }]) => [
      name,
      value,
    ]);
    return {
      operationId: String(operation['operationId']),
      method: method.toUpperCase(),
      path,
      parameters,
      isImplemented: operation['x-zonehold-implemented'] === true,
      isServiceOnly: operation['x-zonehold-service-only'] === true,
      isBodyRequired: requestBody?.required === true,
      ...(content === undefined ? {} : { bodySchema: content.schema }),
      bodyExamples: Object.fromEntries(examples) as Record<string, unknown>,
    };
  }
}

/** The reason code of a refusal; undefined when it has none. */
export function codeOf(text: string): string | undefined {
  try {
    const body = JSON.parse(text) as { resources?: { reasons?: { code?: string }[] }[] };
    return body.resources?.[0]?.reasons?.[0]?.code;
  } catch {
    return undefined;
  }
}

/** A percent code that is none leads to no route, whatever the path looks like. */
function isUnrouted(path: string, { status, text }: SeenAnswer): boolean {
  return status === 404 && path.includes('%') && codeOf(text) === 'ROUTE_NOT_FOUND_ERR';
}

/** `~` comes after every character that a path is made of. */
function rank(path: string): string {
  return path
    .split('/')
    .map((segment) => (segment.startsWith('{') ? `~${segment}` : segment))
    .join('/');
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}/?$`);
}

function reference(value: unknown): string | undefined {
  const { $ref } = value as { $ref?: unknown };
  return typeof $ref === 'string' ? $ref : undefined;
}

function escaped(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A pointer in the fragment of a reference: braces of paths are no characters of a URL. */
function encodePointer(path: string): string {
  return path.replaceAll('{', '%7B').replaceAll('}', '%7D');
}

function pointer(document: unknown, path: string): unknown {
  let value = document;
  for (const segment of path.split('/').slice(1)) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** References of a piece of the document, which stands alone when it is compiled. */
function absolute(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(absolute);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) =>
      name === '$ref' && String(value).startsWith('#')
        ? [name, `${documentId}${String(value)}`]
        : [name, absolute(value)],
    ),
  );
}
