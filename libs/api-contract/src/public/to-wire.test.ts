// Reply bodies member for member, against reference §1.6, §5.1-§5.3, §7 and the worked timing of the vendor's mock.
import { deleteKey, disableKey, rotateKey } from '@zonehold/key-domain';
import { describe, expect, it } from 'vitest';
import {
  fullKey,
  instanceCrn,
  keyCollection,
  keyWithPayload,
  rewrapReply,
  terseKey,
  unwrapReply,
  versionCollection,
  wrapReply,
} from './to-wire.ts';
import { context, createdMs, made, stamp } from './wire-fixture.ts';

const keyType = 'application/vnd.ibm.kms.key+json';
const crn = `crn:v1:bluemix:public:kms:us-south:a/${'a'.repeat(32)}:instance-1:key:key-1`;

const terse = {
  type: keyType,
  id: 'key-1',
  name: 'payroll',
  state: 1,
  extractable: false,
  crn,
  imported: false,
  deleted: false,
};
const full = {
  ...terse,
  keyRingID: 'default',
  creationDate: '2021-04-01T10:00:00Z',
  createdBy: 'iam-ServiceId-1',
  lastUpdateDate: '2021-04-01T10:00:00Z',
  algorithmType: 'Deprecated',
  algorithmMetadata: { bitLength: '256', mode: 'Deprecated' },
  algorithmBitSize: 256,
  algorithmMode: 'Deprecated',
  keyVersion: { id: 'key-1', creationDate: '2021-04-01T10:00:00Z' },
  dualAuthDelete: { enabled: false },
};

describe('a key on the wire', () => {
  it('is terse after a plain create: no update date, no version, nothing else', () => {
    expect(terseKey(made(), context)).toEqual(terse);
    expect(
      terseKey(
        made({ description: 'dd', aliases: ['al'], tags: ['t'], expiresAtMs: createdMs + 1_000 }),
        context,
      ),
    ).toEqual({
      ...terse,
      description: 'dd',
      aliases: ['al'],
      expirationDate: '2021-04-01T10:00:01Z',
    });
  });

  it('is full otherwise, with keyRingID, the string bitLength and no payload', () => {
    expect(fullKey(made(), context)).toEqual(full);
    expect(fullKey(made({ tags: ['t'] }), context)).toEqual({ ...full, tags: ['t'] });
    expect(JSON.stringify(fullKey(made(), context))).not.toContain('sealed');
  });

  it('of a standard key has no version, and its payload only when that was fetched', () => {
    const standard: Partial<typeof full> = { ...full, extractable: true };
    delete standard.keyVersion;
    const key = made({ isExtractable: true });
    expect(fullKey(key, context)).toEqual(standard);
    expect(keyWithPayload(key, context, 'c2VjcmV0')).toEqual({ ...standard, payload: 'c2VjcmV0' });
  });

  it('of an imported key claims no size of the material', () => {
    const body = fullKey(made({ isImported: true }), context);
    expect(body).toMatchObject({ imported: true, algorithmMetadata: { mode: 'Deprecated' } });
    expect(body.algorithmBitSize).toBeUndefined();
  });

  it('shows lastRotateDate and the newest version after a rotation', () => {
    const rotated = rotateKey(
      made(),
      { stamp, versionId: 'v2', sealedMaterial: 's', hasPayload: false },
      createdMs + 5_000,
    );
    if (!rotated.ok) throw new Error(rotated.refusal.code);
    expect(fullKey(rotated.key, context)).toMatchObject({
      lastRotateDate: '2021-04-01T10:00:05Z',
      keyVersion: { id: 'v2', creationDate: '2021-04-01T10:00:05Z' },
    });
    expect(versionCollection(rotated.key.versions, 2)).toEqual({
      metadata: {
        collectionType: 'application/vnd.ibm.kms.key.version+json',
        collectionTotal: 2,
        totalCount: 2,
      },
      resources: [
        { id: 'v2', creationDate: '2021-04-01T10:00:05Z' },
        { id: 'key-1', creationDate: '2021-04-01T10:00:00Z' },
      ],
    });
  });

  it('shows states as they are now: 2 when disabled, 3 once expired', () => {
    const disabled = disableKey(made(), { stamp }, createdMs);
    expect(disabled.ok && terseKey(disabled.key, context).state).toBe(2);
    const expiring = made({ expiresAtMs: createdMs + 1 });
    expect(
      [createdMs, createdMs + 1].map((nowMs) => terseKey(expiring, { ...context, nowMs }).state),
    ).toEqual([1, 3]);
  });

  it("after a delete has the dates of the vendor's own example: +4 h, +30 d, +90 d", () => {
    const deletedMs = Date.UTC(2021, 3, 20, 18, 15, 24);
    const deleted = deleteKey(made(), { stamp, deletedBy: 'iam-2' }, deletedMs);
    if (!deleted.ok) throw new Error(deleted.refusal.code);
    const at = (nowMs: number): unknown => fullKey(deleted.key, { ...context, nowMs });
    expect(at(deletedMs)).toEqual({
      ...full,
      state: 5,
      deleted: true,
      lastUpdateDate: '2021-04-20T18:15:24Z',
      deletionDate: '2021-04-20T18:15:24Z',
      deletedBy: 'iam-2',
      purgeAllowed: false,
      purgeAllowedFrom: '2021-04-20T22:15:24Z',
      restoreAllowed: true,
      restoreExpirationDate: '2021-05-20T18:15:24Z',
      purgeScheduledOn: '2021-07-19T18:15:24Z',
    });
    expect(at(deletedMs + 4 * 3_600_000)).toMatchObject({
      purgeAllowed: true,
      restoreAllowed: true,
    });
    expect(at(deletedMs + 30 * 86_400_000 + 1)).toMatchObject({ restoreAllowed: false });
  });
});

describe('envelopes', () => {
  it('count their own page, tell the total only when asked, and leave resources out when empty', () => {
    expect(keyCollection([])).toEqual({
      metadata: { collectionType: keyType, collectionTotal: 0 },
    });
    expect(keyCollection([terseKey(made(), context)], 7)).toEqual({
      metadata: { collectionType: keyType, collectionTotal: 1, totalCount: 7 },
      resources: [terse],
    });
    expect(instanceCrn('us-south', 'acc', 'i')).toBe(
      'crn:v1:bluemix:public:kms:us-south:a/acc:i::',
    );
  });

  it('are not around wrap, unwrap and rewrap', () => {
    expect(wrapReply({ ciphertext: 'c', versionId: 'v1' })).toEqual({
      ciphertext: 'c',
      keyVersion: { id: 'v1' },
    });
    expect(wrapReply({ ciphertext: 'c', versionId: 'v1', plaintext: 'p' })).toEqual({
      plaintext: 'p',
      ciphertext: 'c',
      keyVersion: { id: 'v1' },
    });
    expect(rewrapReply({ ciphertext: 'c', versionId: 'v1', newestVersionId: 'v1' })).toEqual({
      ciphertext: 'c',
      keyVersion: { id: 'v1' },
      rewrappedKeyVersion: { id: 'v1' },
    });
  });

  it('unwrap hands out a fresh ciphertext exactly when the input was of an older version', () => {
    const old = { plaintext: 'p', versionId: 'v1', newestVersionId: 'v2', ciphertext: 'c' };
    expect(unwrapReply(old)).toEqual({
      plaintext: 'p',
      ciphertext: 'c',
      keyVersion: { id: 'v1' },
      rewrappedKeyVersion: { id: 'v2' },
    });
    expect(unwrapReply({ ...old, versionId: 'v2' })).toEqual({
      plaintext: 'p',
      keyVersion: { id: 'v2' },
    });
  });
});
