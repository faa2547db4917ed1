// What an operation may answer, as the document says it: its successes, and each status of a refusal with the reasons that go
// with it. Answers that are alike are one component.
import type { ReasonCode } from '../public/errors.ts';
import type { OperationRow } from '../public/operations.ts';
import { schemaRef, type JsonSchema } from './components.ts';
import type { OperationEntry } from './entry.ts';
import type { ReplySchemaName } from './reply-schemas.ts';
import { byStatus, reasonsOf } from './refusals.ts';

const correlated = { 'Correlation-Id': { $ref: '#/components/headers/Correlation-Id' } };

/** Collects answers while the document is made. */
export class AnswerCatalogue {
  readonly #names = new Map<string, string>();
  readonly #components: Record<string, object> = {};

  /** The answers that were asked for, by name. */
  get components(): Readonly<Record<string, object>> {
    return this.#components;
  }

  /** `responses` of an operation. */
  of(row: OperationRow, entry: OperationEntry): Readonly<Record<string, object>> {
    const answers: Record<string, object> = {};
    if (row.isImplemented) {
      const { successStatus, representationStatus } = row;
      const statuses = [successStatus, representationStatus, ...(entry.moreStatuses ?? [])];
      for (const status of statuses)
        if (status !== undefined) answers[status] = success(status, entry);
    }
    for (const [status, codes] of byStatus(reasonsOf(row, entry))) {
      answers[status] = this.#refusal(status, codes, row.method === 'HEAD');
    }
    return answers;
  }

  #refusal(status: number, codes: readonly ReasonCode[], isBodiless: boolean): object {
    const key = JSON.stringify([isBodiless, ...codes.toSorted()]);
    let name = this.#names.get(key);
    if (name === undefined) {
      const alike = Object.keys(this.#components).filter((known) => known.startsWith(`${status}-`));
      name = `${status}-${alike.length + 1}`;
      this.#names.set(key, name);
      this.#components[name] = {
        description: codes.join(', '),
        headers: headersOf(status),
        ...(isBodiless ? {} : content(refusalSchema(status, codes))),
      };
    }
    return { $ref: `#/components/responses/${name}` };
  }
}

/** A 401 says nothing of its reason; every other refusal gives one. */
function refusalSchema(status: number, codes: readonly ReasonCode[]): JsonSchema {
  const reasons =
    status === 401
      ? { properties: { reasons: false } }
      : {
          required: ['reasons'],
          properties: { reasons: { items: { properties: { code: { enum: codes } } } } },
        };
  return { allOf: [schemaRef('Error'), { properties: { resources: { items: reasons } } }] };
}

function headersOf(status: number): object {
  if (status === 401) return { ...correlated, ...header('WWW-Authenticate') };
  return status === 429 || status === 503
    ? { ...correlated, ...header('Retry-After') }
    : correlated;
}

function header(name: string): object {
  return { [name]: { $ref: `#/components/headers/${name}` } };
}

function success(status: number, { reply, replyHeaders = [] }: OperationEntry): object {
  const isShown = reply !== undefined && status !== 204;
  return {
    description: isShown ? 'Done.' : 'Done; there is nothing to show.',
    headers: Object.assign({}, correlated, ...replyHeaders.map(header)) as object,
    ...(isShown ? content(schemaRef(reply)) : {}),
  };
}

function content(schema: JsonSchema): object {
  return { content: { 'application/json': { schema } } };
}

/** The identity endpoint's own answers. */
export function tokenAnswers(): Readonly<Record<string, object>> {
  const answer = (description: string, ...names: readonly ReplySchemaName[]): object => {
    const [only, ...others] = names.map((name) => schemaRef(name));
    const schema = others.length === 0 ? only : { anyOf: [only, ...others] };
    return { description, headers: correlated, ...content(schema ?? {}) };
  };
  return {
    200: answer('A token.', 'Token'),
    400: answer('The head, the form or the API key is not valid.', 'TokenError', 'Error'),
    413: answer('The form is too large.', 'TokenError'),
    429: answer('Too many requests.', 'TokenError'),
    431: answer('The head is too large.', 'Error'),
    503: answer('Nobody can say now.', 'TokenError'),
  };
}
