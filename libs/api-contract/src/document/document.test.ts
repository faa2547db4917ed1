// The document as a whole: a kept validator finds it well formed, and it and the operation table name the same operations.
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { errorTable, type ReasonCode } from '../public/errors.ts';
import { operations } from '../public/operations.ts';
import { documentPath, openApiDocument } from './document.ts';
import { operationEntries } from './entries.ts';
import { byStatus, reasonsOf } from './refusals.ts';

const document = openApiDocument();
const documented = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);

describe('the document', () => {
  it('is OpenAPI 3.1 to a validator that is not ours, references included', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(validator.version).toBe('3.1');
    expect(() => validator.resolveRefs()).not.toThrow();
  });

  it('is refused by the validator when an answer has no description', async () => {
    const broken = structuredClone(document);
    const answer = broken.components['responses']?.['401-1'] as { description?: string };
    delete answer.description;
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  it('has every operation of the table by method, path and name, the two of tokens, and no other', () => {
    const wanted = operations.map(
      ({ name, method, path }) => `${name} ${method.toLowerCase()} ${documentPath(path)}`,
    );
    const tokens = ['getToken post /identity/token', 'getOidcToken post /oidc/token'];
    const found = documented.map(
      ({ path, method, operation }) => `${operation.operationId} ${method} ${path}`,
    );
    expect(found.toSorted()).toEqual([...wanted, ...tokens].toSorted());
  });

  it.each(operations.map(({ name }) => name))('has an entry for %s', (name) => {
    expect(operationEntries).toHaveProperty(name);
    expect(operationEntries[name].summary.length).toBeGreaterThan(5);
  });

  it('has no entry for what is no operation', () => {
    expect(Object.keys(operationEntries).toSorted()).toEqual(
      operations.map(({ name }) => name).toSorted(),
    );
  });

  it('gives each body of a request at least one example', () => {
    for (const { body } of Object.values(operationEntries)) {
      if (body !== undefined) expect(Object.keys(body.examples)).not.toEqual([]);
    }
  });

  it('says 501 of what is not served, and shows no success of it', () => {
    for (const row of operations.filter(({ isImplemented }) => !isImplemented)) {
      const { responses } = operationOf(row.name);
      expect(Object.keys(responses).filter((status) => status.startsWith('2'))).toEqual([]);
      expect(responses).toHaveProperty('501');
    }
  });

  it('shows of a 401 no reason, and of every other refusal only those of its status', () => {
    for (const row of operations) {
      const statuses = byStatus(reasonsOf(row, operationEntries[row.name]));
      for (const [status, codes] of statuses) {
        expect(codes.every((code: ReasonCode) => errorTable[code].status === status)).toBe(true);
      }
      expect([...statuses.keys()]).toEqual(expect.arrayContaining([400, 401, 429, 503]));
    }
  });

  it('is small enough to be read over a slow line', () => {
    expect(JSON.stringify(document).length).toBeLessThan(250_000);
  });
});

function operationOf(name: string): { readonly responses: object } {
  const found = documented.find(({ operation }) => operation.operationId === name)?.operation;
  return { responses: found?.['responses'] as object };
}
