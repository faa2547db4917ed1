// Import tokens at the edge: what may be asked of one, which members bring material with it, and what a client reads of it.
import { describe, expect, it } from 'vitest';
import { importToken, retrievedImportToken } from './import-token-to-wire.ts';
import { parse, refusalOf } from './parse-fixture.ts';

const base64 = (sizeBytes: number): string => Buffer.alloc(sizeBytes, 7).toString('base64');

describe('POST of an import token', () => {
  it.each([undefined, '', 'null', '{}', { expiration: null }, { unknown: 1 }])(
    'of %j asks for ten minutes and one retrieval',
    (body) => {
      expect(parse('postImportToken', body)).toMatchObject({
        body: { lifetimeS: 600, retrievalsMax: 1 },
      });
    },
  );

  it('takes the bounds, any capitals, and whole numbers that are written as floats', () => {
    const text = '{"Expiration":300.0,"MAXALLOWEDRETRIEVALS":5e2}';
    expect(parse('postImportToken', text)).toMatchObject({
      body: { lifetimeS: 300, retrievalsMax: 500 },
    });
    expect(parse('postImportToken', { expiration: 86_400, maxAllowedRetrievals: 1 }).ok).toBe(true);
  });

  it.each([
    ['expiration', { expiration: 299 }],
    ['expiration', { expiration: 86_401 }],
    ['expiration', { expiration: 600.5 }],
    ['expiration', { expiration: '600' }],
    ['expiration', { expiration: 0 }],
    ['expiration', '{"expiration":1e999}'],
    ['maxAllowedRetrievals', { maxAllowedRetrievals: 0 }],
    ['maxAllowedRetrievals', { maxAllowedRetrievals: 501 }],
    ['maxAllowedRetrievals', { maxAllowedRetrievals: 1.5 }],
    ['maxAllowedRetrievals', { maxAllowedRetrievals: true }],
  ])('names the field %s (case %#)', (field, body) => {
    expect(refusalOf(parse('postImportToken', body))).toBe(`INVALID_FIELD_ERR field ${field}`);
  });

  it('says which numbers there are', () => {
    expect(parse('postImportToken', { expiration: 1 })).toMatchObject({
      refusal: { detail: 'a whole number from 300 to 86400' },
    });
  });
});

const material = {
  payload: base64(512),
  encryptedNonce: base64(28),
  iv: base64(12),
  encryptionAlgorithm: 'RSAES_OAEP_SHA_256',
};
const tokenMaterial = { payload: base64(512), encryptedNonce: base64(28), iv: base64(12) };
const envelope = (resource: object) => ({
  metadata: { collectionTotal: 1 },
  resources: [resource],
});

/** The three places where material may come, each with the members given. */
const places = {
  createKey: (members: object) =>
    parse('createKey', envelope({ name: 'ab', extractable: false, ...members })),
  createKeyWithPoliciesOverrides: (members: object) =>
    parse(
      'createKeyWithPoliciesOverrides',
      envelope({ name: 'ab', extractable: false, ...members }),
    ),
  rotateKey: (members: object) => parse('rotateKey', members),
  restoreKey: (members: object) => parse('restoreKey', envelope(members)),
} as const;

describe.each(Object.entries(places))('material with an import token, in %s', (_name, place) => {
  it('goes on apart from plain material', () => {
    const read = place(material);
    expect(read).toMatchObject({ ok: true, body: { tokenMaterial } });
    expect((read as { body: object }).body).not.toHaveProperty('payload');
  });

  it('needs no name of its algorithm, since there is one only', () => {
    expect(place({ ...material, encryptionAlgorithm: '' })).toMatchObject({
      body: { tokenMaterial },
    });
  });

  it.each([
    ['encryptedNonce', { encryptedNonce: undefined }],
    ['encryptedNonce', { encryptedNonce: '' }],
    ['encryptedNonce', { encryptedNonce: undefined, iv: undefined }],
    ['encryptedNonce', { encryptedNonce: base64(27) }],
    ['encryptedNonce', { encryptedNonce: `${base64(28).slice(0, -1)}*` }],
    ['iv', { iv: undefined }],
    ['iv', { iv: base64(16) }],
    ['payload', { payload: base64(32) }],
    ['payload', { payload: base64(513) }],
    ['payload', { payload: undefined }],
    ['encryptionAlgorithm', { encryptionAlgorithm: 'RSAES_OAEP_SHA_1' }],
  ])('names the field %s (case %#)', (field, members) => {
    expect(refusalOf(place({ ...material, ...members }))).toBe(`INVALID_FIELD_ERR field ${field}`);
  });
});

describe('material with an import token', () => {
  it('is for root keys only', () => {
    const standard = envelope({ name: 'ab', extractable: true, ...material });
    expect(refusalOf(parse('createKey', standard))).toBe('KEY_ROOT_REQ_ERR');
  });

  it('never passes for the plain material of a standard key, though it would fit', () => {
    const { payload, encryptionAlgorithm } = material;
    const standard = envelope({ name: 'ab', extractable: true, payload, encryptionAlgorithm });
    expect(refusalOf(parse('createKey', standard))).toBe('INVALID_FIELD_ERR field encryptedNonce');
  });
});

describe('what is read of an import token', () => {
  const view = {
    createdAtMs: Date.UTC(2026, 0, 1),
    expiresAtMs: Date.UTC(2026, 0, 1, 0, 10),
    retrievalsMax: 50,
    retrievalsLeft: 49,
  };
  const shown = {
    maxAllowedRetrievals: 50,
    remainingRetrievals: 49,
    creationDate: '2026-01-01T00:00:00Z',
    expirationDate: '2026-01-01T00:10:00Z',
  };

  it('has no envelope, and before a retrieval neither key nor nonce', () => {
    expect(importToken(view)).toEqual(shown);
  });

  it('has after a retrieval the PEM text in base64, and the nonce', () => {
    expect(retrievedImportToken(view, { publicKeyPem: 'PEM', nonce: 'AAAA' })).toEqual({
      ...shown,
      payload: 'UEVN',
      nonce: 'AAAA',
    });
  });
});
