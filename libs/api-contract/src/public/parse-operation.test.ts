// Requests as clients really send them (reference §1.4, §1.5, §25), and everything that must be refused, by its code.
import { createKey } from '@zonehold/key-domain';
import { fromBase64 } from '@zonehold/primitives';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64SizeBytes, isBase64 } from './base64.ts';
import { decodeBody, type JsonObject } from './json-body.ts';
import { operations } from './operations.ts';
import { parse, refusalOf } from './parse-fixture.ts';
import type { ParsedOperation } from './parse-operation.ts';
import {
  readUnwrapByHand,
  readUnwrapBySchema,
  readWrapByHand,
  readWrapBySchema,
} from './parse-wrap-bodies.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';

const base64 = (sizeBytes: number): string => Buffer.alloc(sizeBytes, 7).toString('base64');
const metadata = { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 1 };

const create = (resource: unknown): ParsedOperation<'createKey'> =>
  parse('createKey', { metadata, resources: [resource] });

describe('create', () => {
  it('reads what Go sends: `Tags` with a capital, unknown and empty members, any order', () => {
    const body =
      '{"resources":[{"extractable":false,"Tags":["a b"],"x":1,"name":"root","type":"t"}],"Metadata":{"CollectionTotal":1.0}}';
    expect(parse('createKey', body)).toEqual({
      ok: true,
      body: { name: 'root', tags: ['a b'], isExtractable: false },
      query: undefined,
    });
  });

  it('gives a full canonical body', () => {
    const resource = {
      name: 'secret',
      description: 'of the database',
      tags: [],
      aliases: ['db'],
      extractable: true,
      expirationDate: '2030-01-01T01:00:00.123456789+01:00',
      payload: base64(7_500),
      iv: null,
    };
    expect(create(resource)).toMatchObject({
      body: {
        name: 'secret',
        description: 'of the database',
        aliases: ['db'],
        isExtractable: true,
        expiresAtMs: Date.UTC(2030, 0, 1, 0, 0, 0, 123),
        payload: resource.payload,
      },
    });
    expect(create(resource).ok && 'tags' in (create(resource) as { body: object }).body).toBe(
      false,
    );
  });

  it('takes a key without `extractable` for a standard key', () => {
    expect(create({ name: 'ab' })).toMatchObject({ body: { isExtractable: true } });
  });

  it.each([
    ['name', {}],
    ['name', { name: null }],
    ['name', { name: 'x' }],
    ['name', { name: 'x'.repeat(91) }],
    ['name', { name: 7 }],
    ['name', { name: ['ab'] }],
    ['name', { name: 'ab\ud800' }],
    ['description', { name: 'ab', description: 'x' }],
    ['description', { name: 'ab', description: 'x'.repeat(241) }],
    ['tags', { name: 'ab', Tags: ['a,b'] }],
    ['tags', { name: 'ab', tags: Array(31).fill('x') }],
    ['tags', { name: 'ab', tags: [1] }],
    ['tags', { name: 'ab', tags: 'x' }],
    ['aliases', { name: 'ab', aliases: ['policies'] }],
    ['expirationDate', { name: 'ab', expirationDate: '2030-01-01' }],
    ['expirationDate', { name: 'ab', expirationDate: '2030-02-30T00:00:00Z' }],
    ['extractable', { name: 'ab', extractable: 'false' }],
    ['payload', { name: 'ab', payload: '' }],
    ['payload', { name: 'ab', payload: 'AAA' }],
    ['payload', { name: 'ab', payload: base64(7_501) }],
    ['payload', { name: 'ab', extractable: false, payload: base64(17) }],
    ['payload', { name: 'ab', extractable: false, payload: `${base64(16)}\n` }],
    ['iv', { name: 'ab', extractable: false, payload: base64(16), encryptedNonce: 'AAAA' }],
    ['encryptedNonce', { name: 'ab', extractable: false, payload: base64(16), iv: 'AAAA' }],
  ])('names the field %s (case %#)', (field, resource) => {
    expect(refusalOf(create(resource))).toBe(`INVALID_FIELD_ERR field ${field}`);
  });

  it.each([
    ['BAD_BODY_ERR', undefined],
    ['BAD_BODY_ERR', 'null'],
    ['BAD_BODY_ERR', '{'],
    ['BAD_BODY_ERR', '[]'],
    ['BAD_BODY_ERR', '"x"'],
    ['BAD_BODY_ERR', {}],
    ['BAD_BODY_ERR', { metadata: {}, resources: [{ name: 'ab' }] }],
    ['BAD_BODY_ERR', { metadata: { collectionTotal: '1' }, resources: [{ name: 'ab' }] }],
    ['BAD_BODY_ERR', { metadata: { collectionTotal: 1 }, resources: {} }],
    ['BAD_BODY_ERR', { metadata: { collectionTotal: 1 }, resources: ['x'] }],
    ['BAD_BODY_ERR', { metadata: { collectionTotal: 0 }, resources: [] }],
    [
      'BAD_BODY_ERR',
      { metadata: { collectionTotal: 2 }, resources: [{ name: 'ab' }, { name: 'cd' }] },
    ],
    [
      'COLLECTION_TOTAL_MISMATCH_ERR',
      { metadata: { collectionTotal: 2 }, resources: [{ name: 'ab' }] },
    ],
    ['BAD_BODY_ERR', '{"metadata":{"collectionTotal":1},"resources":[{"name":"ab","Name":"cd"}]}'],
    ['BAD_BODY_ERR', `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('gives %s (case %#)', (code, body) => {
    expect(refusalOf(parse('createKey', body))).toBe(code);
  });

  it('counts levels: 32 in a member nobody knows are ignored, 33 are refused', () => {
    const nested = (levels: number): string =>
      `{"plaintext":"${base64(48)}","x":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect(parse('wrapKey', nested(32)).ok).toBe(true);
    expect(refusalOf(parse('wrapKey', nested(33)))).toBe('BAD_BODY_ERR');
  });

  it('is not fooled about depth by brackets in strings', () => {
    expect(create({ name: 'ab', description: `"\\${'['.repeat(100)}` }).ok).toBe(true);
  });

  it('refuses an array of half a million wrong tags by its length, before looking at each', () => {
    expect(create({ name: 'ab', tags: Array(500_000).fill(1) })).toMatchObject({
      refusal: { detail: 'an array of at most 30 strings', target: { name: 'tags' } },
    });
  });
});

describe('wrap, unwrap and rewrap', () => {
  it.each([
    undefined,
    '',
    ' \n',
    'null',
    ' null ',
    {},
    { plaintext: null },
    { plaintext: '' },
    { aad: [] },
  ])('wrap of %j asks for a DEK', (body) => {
    expect(parse('wrapKey', body)).toEqual({ ok: true, body: { aad: [] }, query: undefined });
  });

  it('keep plaintext, ciphertext and the order of AAD', () => {
    const aad = ['b', 'a', ''];
    expect(parse('wrapKey', { plaintext: 'AAAA', aad })).toMatchObject({
      body: { plaintext: 'AAAA', aad },
    });
    expect(parse('unwrapKey', { Ciphertext: 'AAAA', aad })).toMatchObject({
      body: { ciphertext: 'AAAA', aad },
    });
    expect(parse('rewrapKey', { ciphertext: 'AAAA' })).toMatchObject({
      body: { ciphertext: 'AAAA', aad: [] },
    });
  });

  it.each([
    ['wrapKey', { plaintext: 'AA' }, 'INVALID_FIELD_ERR field plaintext'],
    ['wrapKey', { plaintext: 'AB==' }, 'INVALID_FIELD_ERR field plaintext'],
    ['wrapKey', { plaintext: '-_-_' }, 'INVALID_FIELD_ERR field plaintext'],
    ['wrapKey', { plaintext: base64(7_501) }, 'INVALID_FIELD_ERR field plaintext'],
    ['wrapKey', { aad: 'x' }, 'INVALID_FIELD_ERR field aad'],
    ['wrapKey', { aad: ['x'.repeat(256)] }, 'INVALID_FIELD_ERR field aad'],
    ['wrapKey', { aad: Array(256).fill('') }, 'INVALID_FIELD_ERR field aad'],
    ['wrapKey', '{"aad":["\\ud800"]}', 'INVALID_FIELD_ERR field aad'],
    ['wrapKey', { plaintext: 'AAAA', Plaintext: 'BBBB' }, 'BAD_BODY_ERR'],
    ['unwrapKey', undefined, 'NO_BODY_ERR'],
    ['rewrapKey', 'null', 'NO_BODY_ERR'],
    ['unwrapKey', {}, 'INVALID_FIELD_ERR field ciphertext'],
    ['unwrapKey', { ciphertext: '' }, 'INVALID_FIELD_ERR field ciphertext'],
    ['unwrapKey', { ciphertext: 'AAAA\u2028' }, 'INVALID_FIELD_ERR field ciphertext'],
  ] as const)('%s, case %#, is refused by its code', (operation, body, refusal) => {
    expect(refusalOf(parse(operation, body))).toBe(refusal);
  });

  it('say where the base64 breaks', () => {
    expect(parse('wrapKey', { plaintext: 'AAAA*AAA' })).toMatchObject({
      refusal: { detail: expect.stringContaining('input byte 4') },
    });
  });

  it('are read by hand exactly as the schema reads them', () => {
    const valid = fc.base64String({ minLength: 4, maxLength: 16 });
    const text = fc.oneof(
      { weight: 3, arbitrary: valid },
      fc.string({ maxLength: 8 }),
      fc.constantFrom('', null, 7, 'AB==', base64(7_500), base64(7_501)),
    );
    const aad = fc.oneof(
      { weight: 3, arbitrary: fc.array(fc.string({ maxLength: 8 }), { maxLength: 3 }) },
      fc.constantFrom(null, 'x', [1], ['\ud800'], Array(256).fill('')),
    );
    const usual = fc.record(
      { plaintext: text, ciphertext: text, aad },
      { requiredKeys: [], noNullPrototype: true },
    );
    const oneOf = (name: string): fc.Arbitrary<JsonObject> =>
      fc.tuple(text, aad, fc.boolean()).map(([value, strings, hasAad]) => ({
        [name]: value,
        ...(hasAad ? { aad: strings } : {}),
      }));
    const odd = fc.record({
      plaintext: text,
      Plaintext: text,
      CIPHERTEXT: text,
      AAD: aad,
      other: text,
    });
    const body = fc.oneof(usual, oneOf('plaintext'), oneOf('ciphertext'), odd);
    let byHand = 0;
    fc.assert(
      fc.property(body, (value: JsonObject) => {
        const wrap = readWrapByHand(value);
        const unwrap = readUnwrapByHand(value);
        if (wrap !== undefined) expect(wrap).toEqual(readWrapBySchema(value));
        if (unwrap !== undefined) expect(unwrap).toEqual(readUnwrapBySchema(value));
        byHand += Number(wrap !== undefined) + Number(unwrap !== undefined);
      }),
      { numRuns: 500 },
    );
    expect(byHand).toBeGreaterThan(0);
  });
});

describe('rotate and restore', () => {
  it.each([
    undefined,
    'null',
    '{}',
    { payload: '' },
    { type: 't', name: 'x', description: 'y', extractable: false },
  ])('rotate of %j brings no material', (body) => {
    expect(parse('rotateKey', body)).toEqual({ ok: true, body: {}, query: undefined });
  });

  it('rotate takes 16, 24 or 32 bytes', () => {
    expect(parse('rotateKey', { payload: base64(24) })).toMatchObject({
      body: { payload: base64(24) },
    });
    expect(refusalOf(parse('rotateKey', { payload: base64(20) }))).toBe(
      'INVALID_FIELD_ERR field payload',
    );
    expect(refusalOf(parse('rotateKey', '[1]'))).toBe('BAD_BODY_ERR');
  });

  it('restore needs no body; of old material goes on no more than that there was some', () => {
    for (const body of [undefined, 'null', '{}', { metadata, resources: [{ payload: '' }] }]) {
      expect(parse('restoreKey', body)).toEqual({ ok: true, body: undefined, query: undefined });
    }
    expect(parse('restoreKey', { metadata, resources: [{ payload: base64(16) }] })).toEqual({
      ok: true,
      body: { hasPayload: true },
      query: undefined,
    });
    expect(refusalOf(parse('restoreKey', { metadata, resources: [{ payload: '!' }] }))).toBe(
      'INVALID_FIELD_ERR field payload',
    );
  });
});

describe('patch', () => {
  it.each([{ keyRingID: 'ring-a' }, { KeyRingID: 'ring-a', other: 1 }])('reads %j', (body) => {
    expect(parse('patchKey', body)).toMatchObject({ body: { keyRingId: 'ring-a' } });
  });

  it.each([
    [undefined, 'BAD_BODY_ERR'],
    ['{', 'BAD_BODY_ERR'],
    [{}, 'INVALID_FIELD_ERR field keyRingID'],
    [{ keyRingID: 7 }, 'INVALID_FIELD_ERR field keyRingID'],
    [{ keyRingID: 'ring a' }, 'INVALID_FIELD_ERR field keyRingID'],
    [{ name: 'another' }, 'INVALID_FIELD_ERR field keyRingID'],
  ])('of %j gives %s', (body, wanted) => {
    expect(refusalOf(parse('patchKey', body))).toBe(wanted);
  });
});

describe('every operation', () => {
  it('that is not built yet says so, and the others read a legacy action like the new path', () => {
    for (const { name, isImplemented } of operations) {
      if (!isImplemented) expect(refusalOf(parse(name))).toBe('NOT_IMPLEMENTED_ERR');
    }
    expect(parse('actionOnKey', { plaintext: 'AAAA' }, { action: 'wrap' })).toEqual(
      parse('wrapKey', { plaintext: 'AAAA' }),
    );
  });

  it('answers any text with a value or a refusal, never an exception', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...operations.map((row) => row.name)),
        fc.oneof(fc.json(), fc.string()),
        (name, text) => {
          expect(typeof parse(name, text, { action: 'wrap' }).ok).toBe('boolean');
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('base64 and times', () => {
  it('base64 is accepted exactly when the strict decoder accepts it, with its size', () => {
    const nearly = fc
      .tuple(fc.base64String(), fc.constantFrom('', '=', '==', 'A', 'AB==', 'ABC=', '\n'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string()), (text) => {
        const bytes = fromBase64(text);
        expect(isBase64(text)).toBe(bytes !== undefined);
        if (bytes !== undefined) expect(base64SizeBytes(text)).toBe(bytes.byteLength);
      }),
      { numRuns: 2_000 },
    );
  });

  it('times go out in whole seconds and come back', () => {
    expect(formatTimestamp(Date.UTC(2020, 2, 12, 3, 37, 32, 999))).toBe('2020-03-12T03:37:32Z');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e9 }), (atS) => {
        expect(parseTimestamp(formatTimestamp(atS * 1_000))).toBe(atS * 1_000);
      }),
    );
    expect(parseTimestamp('2020-03-12t03:37:32.5-01:30')).toBe(
      Date.UTC(2020, 2, 12, 5, 7, 32, 500),
    );
    for (const bad of [
      '',
      '2020-03-12',
      '2020-03-12T03:37:32',
      '2020-03-12T03:37:32+0000',
      '2020-13-12T03:37:32Z',
      '2020-03-12T24:00:00Z',
      '2020-03-12T03:37:32+24:00',
      // Years of five digits cannot be written in RFC 3339, and the SDKs could not read the key's list.
      '9999-12-31T23:59:59-00:01',
      '0000-01-01T00:00:00+00:01',
    ]) {
      expect(parseTimestamp(bad)).toBeUndefined();
    }
  });

  it('a body of only white space is no body', () => {
    expect(decodeBody('  \n')).toEqual({ kind: 'empty' });
  });

  it('a canonical create is what the domain takes', () => {
    const result = create({ name: 'ab', extractable: false });
    if (!result.ok) throw new Error(result.refusal.code);
    const made = createKey(
      {
        ...result.body,
        id: 'k',
        instanceId: 'i',
        isImported: false,
        keyRingId: 'default',
        createdBy: 'me',
        sealedMaterial: 's',
        stamp: { operationId: 'o', tokenKind: 'none', tokenValue: '', parametersHash: '' },
      },
      0,
    );
    expect(made.ok).toBe(true);
  });
});
