import { beforeEach, describe, expect, it } from 'vitest';
import { operations } from '@zonehold/api-contract';
import { Deadline } from '@zonehold/primitives';
import {
  admin,
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestRegion,
} from './testing/key-managers.ts';

const unknownKeyId = '6f8b3c3e-3f4b-4b2e-9d7e-0c6a1d2e3f40';
const invalid = { code: 'INVALID_FIELD_ERR' } as const;
let test: TestRegion;
let keyId: string;

beforeEach(async () => {
  test = await startRegion();
  keyId = await makeKey(test);
});

/** Gives a credential the role Reader on one key. */
function grantOnKey(region: TestRegion, id: string, credentialId: string): Promise<void> {
  return region.here.operations.keys.change(
    region.instanceId,
    id,
    (current) => {
      if (current === undefined || current.isPurged) throw new Error('there is no key');
      const record = { ...current, grants: { [credentialId]: { roles: ['Reader'] as const } } };
      return { kind: 'write', record, result: undefined };
    },
    Deadline.after(region.clock, 1_000),
  );
}

describe('rights come first', () => {
  it('refuses a stranger with 401 before it looks at the form, the key or whether it serves the operation', async () => {
    const caller = { credentialId: 'ApiKey-nobody', iamId: 'x', accountId: 'x' };
    for (const members of [
      { keyRef: keyId },
      { keyRef: unknownKeyId },
      { keyRef: keyId, refusal: invalid },
    ]) {
      const reply = await send(test.here, requestOf(test, 'wrapKey', { caller, ...members }));
      expect(refusalOf(reply)).toBe('UNAUTHORIZED_ERR');
    }
    const policies = requestOf(test, 'putInstancePolicy', { caller });
    expect(refusalOf(await send(test.here, policies))).toBe('UNAUTHORIZED_ERR');
  });

  it('gives the refusal of the form only to a caller who has the right', async () => {
    const reader = callerOf(await test.credential('Reader'));
    const create = { body: {}, refusal: invalid };
    const asReader = requestOf(test, 'createKey', { caller: reader, ...create });
    const asManager = requestOf(test, 'createKey', create);
    expect(refusalOf(await send(test.here, asReader))).toBe('UNAUTHORIZED_ERR');
    expect(refusalOf(await send(test.here, asManager))).toBe('INVALID_FIELD_ERR');
  });

  it('refuses the form before it says whether the key exists', async () => {
    const request = requestOf(test, 'wrapKey', { keyRef: unknownKeyId, refusal: invalid });
    expect(refusalOf(await send(test.here, request))).toBe('INVALID_FIELD_ERR');
  });

  it('tells nobody whether an instance exists', async () => {
    for (const instanceId of [unknownKeyId, 'identity', 'region', '../x']) {
      const request = requestOf(test, 'getKeys', { instanceId });
      expect(refusalOf(await send(test.here, request))).toBe('UNAUTHORIZED_ERR');
    }
  });

  it('finds no grant under a name that every object has, in the instance or on the key', async () => {
    await grantOnKey(test, keyId, 'ApiKey-friend');
    for (const credentialId of ['constructor', '__proto__', 'toString']) {
      const caller = { credentialId, iamId: 'x', accountId: 'x' };
      const request = requestOf(test, 'getKeyMetadata', { caller, keyRef: keyId });
      expect(refusalOf(await send(test.here, request))).toBe('UNAUTHORIZED_ERR');
    }
  });

  it('lets a Reader wrap and not rotate', async () => {
    const caller = callerOf(await test.credential('Reader'));
    const wrap = requestOf(test, 'wrapKey', { caller, keyRef: keyId, body: { aad: [] } });
    const rotate = requestOf(test, 'rotateKey', { caller, keyRef: keyId, body: {} });
    expect(succeeded(await send(test.here, wrap)).status).toBe(200);
    expect(refusalOf(await send(test.here, rotate))).toBe('UNAUTHORIZED_ERR');
  });

  it('counts a grant on one key for that key alone', async () => {
    const otherId = await makeKey(test);
    const friend = { credentialId: 'ApiKey-friend', iamId: 'x', accountId: 'x' };
    await grantOnKey(test, keyId, friend.credentialId);
    const on = (keyRef: string) => requestOf(test, 'getKeyMetadata', { caller: friend, keyRef });
    expect(succeeded(await send(test.elsewhere, on(keyId))).status).toBe(200);
    expect(refusalOf(await send(test.elsewhere, on(otherId)))).toBe('UNAUTHORIZED_ERR');
    const list = requestOf(test, 'getKeys', { caller: friend });
    expect(refusalOf(await send(test.elsewhere, list))).toBe('UNAUTHORIZED_ERR');
  });
});

describe('a revoked credential', () => {
  it('fails on its next operation in every zone', async () => {
    const writer = await test.credential('Writer');
    const request = () =>
      requestOf(test, 'wrapKey', { caller: callerOf(writer), keyRef: keyId, body: { aad: [] } });
    succeeded(await send(test.here, request()));
    succeeded(await send(test.elsewhere, request()));
    await admin<'revoke-api-key'>(test.elsewhere, {
      kind: 'revoke-api-key',
      credentialId: writer.credentialId,
    });
    expect(refusalOf(await send(test.here, request()))).toBe('UNAUTHORIZED_ERR');
    expect(refusalOf(await send(test.elsewhere, request()))).toBe('UNAUTHORIZED_ERR');
  });
});

describe('what does not exist', () => {
  it('is not found: an unknown key, an alias, a key of another ring', async () => {
    for (const members of [
      { keyRef: unknownKeyId },
      { keyRef: 'my-alias' },
      { keyRef: keyId, keyRingId: 'other' },
    ]) {
      const request = requestOf(test, 'wrapKey', { body: { aad: [] }, ...members });
      expect(refusalOf(await send(test.here, request))).toBe('KEY_NOT_FOUND_ERR');
    }
  });

  it('is a ring other than default, for lists and creates', async () => {
    const list = requestOf(test, 'getKeys', { keyRingId: 'other' });
    expect(refusalOf(await send(test.here, list))).toBe('KEY_RING_NOT_FOUND_ERR');
    const create = requestOf(test, 'createKey', {
      keyRingId: 'other',
      body: { name: 'key', isExtractable: false },
    });
    expect(refusalOf(await send(test.here, create))).toBe('KEY_RING_NOT_FOUND_ERR');
  });

  it('finds a key whose id is written in capitals', async () => {
    const request = requestOf(test, 'getKeyMetadata', { keyRef: keyId.toUpperCase() });
    expect(succeeded(await send(test.here, request)).body.resources[0].id).toBe(keyId);
  });
});

describe('the rest of the contract', () => {
  it('answers 501, or 403 for what only services may call, and serves what the table says is implemented', async () => {
    const everything = await test.credential('Manager', 'KeyPurge');
    for (const { name, isImplemented, isServiceOnly } of operations) {
      if (isImplemented) continue;
      const caller = callerOf(everything);
      const reply = await send(test.here, requestOf(test, name, { caller, keyRef: keyId }));
      expect(refusalOf(reply), name).toBe(
        isServiceOnly === true ? 'SERVICE_ONLY_ERR' : 'NOT_IMPLEMENTED_ERR',
      );
    }
  });
});
