// What keys are called, grouped and ruled by, through the official Node SDK and in several zones: aliases, key rings, policies,
// and the deletion by two persons.
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { attachRegion } from './region.ts';
import { refusalOf, SdkClient } from './sdk.ts';

const region = attachRegion();
const [here, elsewhere] = region.zones.map(
  (zone) => new SdkClient({ ...region.sdkOptions('MANAGER'), url: region.zoneUrl(zone) }),
) as [SdkClient, SdkClient];
const second = new SdkClient(region.sdkOptions('MANAGER2'));
const instance = { bluemixInstance: region.instanceId };

afterAll(() => [here, elsewhere, second].forEach((client) => client.close()));

const rootKey = () => here.createKey({ name: 'organised', extractable: false });
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function policyBody(policies: readonly object[]): Buffer {
  const collectionType = 'application/vnd.ibm.kms.policy+json';
  return json({
    metadata: { collectionType, collectionTotal: policies.length },
    resources: policies.map((policy) => ({ type: collectionType, ...policy })),
  });
}

describe('an alias', () => {
  it('leads to its key in every zone, belongs to one key, and is free once it is deleted', async () => {
    const [key, other] = [await rootKey(), await rootKey()];
    const alias = `payroll-${randomUUID().slice(0, 8)}`;
    const made = await here.api.createKeyAlias({ ...instance, id: key.id, alias });
    expect(made.status).toBe(201);
    const { ciphertext, plaintext } = await elsewhere.wrap(alias);
    expect((await here.unwrap(alias, { ciphertext })).plaintext).toBe(plaintext);
    expect((await elsewhere.metadata(alias))['aliases']).toEqual([alias]);
    const taken = elsewhere.api.createKeyAlias({ ...instance, id: other.id, alias });
    expect(await refusalOf(taken)).toMatchObject({ status: 409, code: 'KEY_ALIAS_NOT_UNIQUE_ERR' });
    const freed = await elsewhere.api.deleteKeyAlias({ ...instance, id: key.id, alias });
    expect(freed.status).toBe(204);
    expect(await refusalOf(here.wrap(alias))).toMatchObject({ status: 404 });
    await here.api.createKeyAlias({ ...instance, id: other.id, alias });
    expect((await elsewhere.metadata(alias)).id).toBe(other.id);
  });
});

describe('a key ring', () => {
  it('holds the keys that are made in it, and goes when it is empty', async () => {
    const keyRingId = `ring-${randomUUID().slice(0, 8)}`;
    expect((await here.api.createKeyRing({ ...instance, keyRingId })).status).toBe(201);
    const key = await elsewhere.createKey(
      { name: 'in a ring', extractable: false },
      { 'X-Kms-Key-Ring': keyRingId },
    );
    expect(await here.metadata(key.id)).toMatchObject({ keyRingID: keyRingId });
    const listed = await here.api.getKeys({ ...instance, xKmsKeyRing: keyRingId });
    expect((listed.result.resources ?? []).map(({ id }) => id)).toEqual([key.id]);
    const rings = await elsewhere.api.listKeyRings(instance);
    expect((rings.result.resources ?? []).map(({ id }) => id)).toContain(keyRingId);
    const kept = elsewhere.api.deleteKeyRing({ ...instance, keyRingId });
    expect(await refusalOf(kept)).toMatchObject({ status: 409, code: 'KEY_RING_NOT_EMPTY_ERR' });
    await here.deleteKey(key.id);
    const empty = `empty-${randomUUID().slice(0, 8)}`;
    await here.api.createKeyRing({ ...instance, keyRingId: empty });
    expect((await elsewhere.api.deleteKeyRing({ ...instance, keyRingId: empty })).status).toBe(204);
    const gone = here.api.getKeys({ ...instance, xKmsKeyRing: empty });
    expect(await refusalOf(gone)).toMatchObject({ status: 404, code: 'KEY_RING_NOT_FOUND_ERR' });
  });
});

describe('the policies of a key', () => {
  it('are set and shown, and let nobody delete it alone', async () => {
    const { id } = await rootKey();
    const set = await here.api.putPolicy({
      ...instance,
      id,
      setKeyPoliciesOneOf: policyBody([
        { rotation: { enabled: true, interval_month: 3 } },
        { dualAuthDelete: { enabled: true } },
      ]),
    });
    expect(set.status).toBe(200);
    const shown = await elsewhere.api.getPolicy({ ...instance, id });
    const resources = (shown.result as { resources: Record<string, unknown>[] }).resources;
    expect(resources).toMatchObject([
      { dualAuthDelete: { enabled: true } },
      { rotation: { interval_month: 3 } },
    ]);
    const alone = { status: 409, code: 'AUTHORIZATIONS_NOT_MET' };
    expect(await refusalOf(elsewhere.deleteKey(id))).toMatchObject(alone);
    expect((await here.api.setKeyForDeletion({ ...instance, id })).status).toBe(204);
    expect(await refusalOf(elsewhere.deleteKey(id))).toMatchObject(alone);
    await second.deleteKey(id);
    expect(await here.metadata(id)).toMatchObject({ state: 5, deleted: true });
  });
});
