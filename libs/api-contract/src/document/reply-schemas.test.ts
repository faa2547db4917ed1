// The bodies that the code writes against the schemas that the document shows: no member too few, none too many.
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { errorBody, errorTable, type ReasonCode } from '../public/errors.ts';
import {
  aliasCollection,
  fullKey,
  keyCollection,
  keyRingCollection,
  keyWithPayload,
  rewrapReply,
  terseKey,
  unwrapReply,
  versionCollection,
  wrapReply,
} from '../public/to-wire.ts';
import { context, made } from '../public/wire-fixture.ts';
import { openApiDocument } from './document.ts';

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema({ ...openApiDocument(), $id: 'document' });

/** What the schema of that name finds wrong. */
function faults(name: string, body: unknown): unknown[] {
  const validate = ajv.compile({ $ref: `document#/components/schemas/${name}` });
  return validate(JSON.parse(JSON.stringify(body))) ? [] : (validate.errors ?? []);
}

const id = 'd2b3f1a0-1b2c-4d3e-8f90-a1b2c3d4e5f6';
const key = made({ id, aliases: ['payroll'], tags: ['a'], description: 'wraps' });
const deleted = { ...key, state: 5 as const, deletedAtMs: context.nowMs, deletedBy: 'me' };
const standard = made({ id, isExtractable: true, expiresAtMs: context.nowMs + 1_000 });
const at = { createdAtMs: context.nowMs, createdBy: 'me' };

describe('the document describes', () => {
  it.each([
    ['TerseKey', terseKey(key, context)],
    ['Key', fullKey(key, context)],
    ['Key', fullKey(deleted, context)],
    ['KeyWithPayload', keyWithPayload(standard, context, 'QUJD')],
    ['Keys', keyCollection([fullKey(key, context)], 1)],
    ['Keys', keyCollection([])],
    ['KeyVersions', versionCollection(key.versions, 1)],
    ['KeyAliases', aliasCollection({ keyId: id, alias: 'payroll', ...at })],
    ['WrapReply', wrapReply({ ciphertext: 'QUJD', versionId: id, plaintext: 'QUJD' })],
    ['KeyRings', keyRingCollection(context.keyRings, { limit: 2, offset: 0, isTotalWanted: true })],
    ['UnwrapReply', unwrapReply({ plaintext: 'QUJD', versionId: id, newestVersionId: id })],
    ['RewrapReply', rewrapReply({ ciphertext: 'QUJD', versionId: id, newestVersionId: id })],
  ])('%s as it is written', (name, body) => {
    expect(faults(name, body)).toEqual([]);
    expect(faults(name, { ...body, sealedMaterial: 'x' })).not.toEqual([]);
  });

  it.each(Object.keys(errorTable) as ReasonCode[])('the error body of %s', (code) => {
    expect(faults('Error', errorBody({ code, detail: 'why' }, 'It failed'))).toEqual([]);
  });
});
