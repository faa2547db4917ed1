// What a development region is planted with, and that no other region takes any of it.
import type { SeedApiKey, SeedKey } from '@zonehold/api-contract';
import { keyState } from '@zonehold/key-domain';
import { Deadline } from '@zonehold/primitives';
import { beforeEach, describe, expect, it } from 'vitest';
import { issueToken } from '../identity/issue-token.ts';
import {
  admin,
  openManager,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type AnswerBody,
  type TestManager,
  type TestRegion,
} from '../testing/key-managers.ts';
import { administer } from './admin.ts';

const instance = {
  id: 'd0000000-0000-4000-8000-000000000001',
  name: 'seeded',
  accountId: 'd'.repeat(32),
  keyRings: ['payments'],
};
const instanceId = instance.id;
const material = (letter: string): string => Buffer.from(letter.repeat(32)).toString('base64');
const rootKey: SeedKey = {
  id: 'd0000000-0000-4000-8000-0000000000a1',
  name: 'seeded root key',
  aliases: ['seeded'],
  keyRing: 'payments',
  extractable: false,
  payload: material('a'),
};
const apiKey: SeedApiKey = {
  id: 'ApiKey-seeded',
  name: 'seeded manager',
  secret: 's'.repeat(43),
  iamId: 'iam-ServiceId-seeded',
  grants: [{ instance: instanceId, roles: ['Manager', 'KeyPurge'] }],
};
const caller = {
  credentialId: apiKey.id,
  iamId: 'iam-ServiceId-seeded',
  accountId: 'd'.repeat(32),
};

let test: TestRegion;
let dev: TestManager;
let devElsewhere: TestManager;

beforeEach(async () => {
  test = await startRegion();
  const { memory, clock, crypto } = test;
  dev = openManager({ memory, clock, crypto, isDev: true });
  devElsewhere = openManager({ memory, clock, crypto, isDev: true });
});

const plantInstance = () => admin<'seed-instance'>(dev, { kind: 'seed-instance', instance });
const plantApiKey = (change: Partial<SeedApiKey> = {}) =>
  admin<'seed-api-key'>(dev, { kind: 'seed-api-key', apiKey: { ...apiKey, ...change } });
const plantKey = (change: Partial<SeedKey> = {}, manager = dev) =>
  admin<'seed-key'>(manager, { kind: 'seed-key', instanceId, key: { ...rootKey, ...change } });
const ask = async (
  operation: Parameters<typeof requestOf>[1],
  members: Parameters<typeof requestOf>[2] = {},
) => send(devElsewhere, requestOf(test, operation, { instanceId, caller, ...members }));
const read = async (keyRef: string): Promise<AnswerBody['resources'][0]> =>
  succeeded(await ask('getKey', { keyRef })).body.resources[0];

async function plantAll(): Promise<void> {
  await plantInstance();
  await plantApiKey();
}

describe('a seeded key', () => {
  beforeEach(plantAll);

  it('has its id, ring and alias in every zone, and what it wraps no other key unwraps', async () => {
    await plantKey();
    await plantKey({
      id: 'd0000000-0000-4000-8000-0000000000a2',
      aliases: [],
      payload: material('b'),
    });
    expect(await read('seeded')).toMatchObject({
      id: rootKey.id,
      keyRingID: 'payments',
      imported: true,
      state: keyState.active,
    });
    const { ciphertext } = succeeded(
      await ask('wrapKey', { keyRef: rootKey.id, body: { plaintext: 'cGxhaW4=', aad: [] } }),
    ).body;
    const body = { ciphertext, aad: [] };
    const opened = await ask('unwrapKey', { keyRef: 'seeded', body });
    expect(succeeded(opened).body.plaintext).toBe('cGxhaW4=');
    const other = { keyRef: 'd0000000-0000-4000-8000-0000000000a2', body };
    expect(refusalOf(await ask('unwrapKey', other))).toBe('UNPROCESSABLE_CIPHERTEXT_ERR');
  });

  it('comes with its versions, oldest last, and is enabled and rotated at once', async () => {
    const versionId = 'd0000000-0000-4000-8000-0000000000b1';
    const rotations = [{ versionId, payload: material('b') }, { payload: material('c') }];
    await plantKey({ rotations, state: 'suspended', imported: false });
    expect((await read('seeded')).state).toBe(keyState.suspended);
    succeeded(await ask('enableKey', { keyRef: 'seeded' }));
    const query = { limit: 9, offset: 0, isTotalWanted: false, isAnyStateAllowed: false };
    const versions = succeeded(await ask('getKeyVersions', { keyRef: 'seeded', query }));
    const ids = versions.body.resources.map(({ id }) => id);
    expect(ids).toHaveLength(3);
    expect(ids.slice(1)).toEqual([versionId, rootKey.id]);
    succeeded(await ask('rotateKey', { keyRef: 'seeded', body: {} }));
  });

  it('may be a standard key, whose payload is what was planted', async () => {
    await plantKey({ extractable: true, payload: material('p') });
    expect((await read('seeded')).payload).toBe(material('p'));
  });

  it('may have policies; one that does not fit is refused, and nothing is planted', async () => {
    const policies = {
      rotation: { enabled: true, interval_month: 2 },
      dualAuthDelete: { enabled: true },
    } as const;
    await expect(plantKey({ policies })).rejects.toThrow(
      /rotation: must be absent for an imported/,
    );
    expect(refusalOf(await ask('getKey', { keyRef: rootKey.id }))).toBe('KEY_NOT_FOUND_ERR');
    await plantKey({ policies, imported: false });
    expect(await read('seeded')).toMatchObject({
      rotation: { enabled: true, interval_month: 2 },
      dualAuthDelete: { enabled: true },
    });
  });

  it('stays as clients left it when it is planted again, also when they purged it', async () => {
    expect(await plantKey()).toEqual({ isNew: true });
    succeeded(await ask('disableKey', { keyRef: rootKey.id }));
    expect(await plantKey({ name: 'another name' }, devElsewhere)).toEqual({ isNew: false });
    expect(await read('seeded')).toMatchObject({ name: rootKey.name, state: keyState.suspended });
    succeeded(await ask('deleteKey', { keyRef: rootKey.id }));
    test.clock.advance(4 * 3_600_000);
    succeeded(await ask('purgeKey', { keyRef: rootKey.id }));
    expect(await plantKey()).toEqual({ isNew: false });
    expect(refusalOf(await ask('getKey', { keyRef: rootKey.id }))).toBe('KEY_NOT_FOUND_ERR');
  });

  it('is refused with an alias that another key has, in a ring or an instance that is not there, or expired', async () => {
    await plantKey();
    const id = 'd0000000-0000-4000-8000-0000000000a3';
    await expect(plantKey({ id })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(plantKey({ id, keyRing: 'nowhere' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(plantKey({ id, expirationDate: '2020-01-01T00:00:00Z' })).rejects.toThrow(
      /expirationDate: must be a date in the future/,
    );
    const elsewhere = { kind: 'seed-key', instanceId: id, key: rootKey } as const;
    await expect(admin<'seed-key'>(dev, elsewhere)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a seeded instance', () => {
  it('is planted once, and a ring that is missing comes back', async () => {
    expect(await plantInstance()).toEqual({ isNew: true });
    await plantApiKey();
    succeeded(await ask('deleteKeyRing', { subRef: 'payments', query: {} }));
    expect(await plantInstance()).toEqual({ isNew: false });
    await plantKey();
    expect((await read('seeded')).keyRingID).toBe('payments');
  });
});

describe('a seeded instance that was deleted', () => {
  it('stays so, and nothing more is planted in it', async () => {
    await plantAll();
    await plantKey();
    await admin<'suspend-instance'>(dev, { kind: 'suspend-instance', instanceId });
    const removal = { kind: 'delete-instance', instanceId, name: 'seeded' } as const;
    await admin<'delete-instance'>(dev, { ...removal, isWithKeys: true });
    const again = [plantInstance(), plantKey({ id: rootKey.id.replace('a1', 'a2') })];
    expect(await Promise.all(again)).toEqual([{ isNew: false }, { isNew: false }]);
    expect(await plantApiKey({ id: 'ApiKey-late' })).toEqual({ isNew: false });
    const { apiKeys } = await admin<'list-api-keys'>(dev, { kind: 'list-api-keys' });
    expect(apiKeys.map(({ credentialId }) => credentialId)).not.toContain('ApiKey-late');
    expect(refusalOf(await ask('getKey', { keyRef: rootKey.id }))).toBe('UNAUTHORIZED_ERR');
  });
});

describe('a seeded API key', () => {
  const exchange = (manager: TestManager) =>
    issueToken(
      manager.identity,
      { apiKey: `${apiKey.id}.${apiKey.secret}`, correlationId: 'test' },
      Deadline.after(test.clock, 5_000),
    );

  it('gives tokens in a development region, and in no other', async () => {
    await plantAll();
    expect(await exchange(devElsewhere)).toMatchObject({ ok: true });
    expect(await exchange(test.here)).toEqual({ ok: false });
  });

  it('keeps its secret, and a revocation outlives the next planting', async () => {
    await plantAll();
    expect(await plantApiKey()).toEqual({ isNew: false });
    await expect(plantApiKey({ secret: 't'.repeat(43) })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await admin<'revoke-api-key'>(dev, { kind: 'revoke-api-key', credentialId: apiKey.id });
    await plantApiKey();
    expect(await exchange(dev)).toEqual({ ok: false });
    expect(refusalOf(await ask('listKeyRings'))).toBe('UNAUTHORIZED_ERR');
  });
});

describe('outside development', () => {
  it.each([
    { kind: 'seed-instance', instance },
    { kind: 'seed-api-key', apiKey },
    { kind: 'seed-key', instanceId, key: rootKey },
  ])('$kind is as unknown as any other word', async (request) => {
    await plantAll();
    const context = { deadline: Deadline.after(test.clock, 1_000), correlationId: 'test' };
    const nonsense = administer(test.here.admin, { kind: 'nonsense' }, context);
    const refused = administer(test.here.admin, request, context);
    const [expected, actual] = await Promise.allSettled([nonsense, refused]);
    expect(actual).toEqual(expected);
    expect(actual).toMatchObject({ status: 'rejected', reason: { code: 'INVALID_ARGUMENT' } });
  });
});
