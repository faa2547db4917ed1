// Grants as an operator gives and takes them, on accounts, instances, rings and keys, and what callers see of it in every zone.
import { beforeEach, describe, expect, it } from 'vitest';
import type { GrantTarget, OperationName, OperationRequest } from '@zonehold/api-contract';
import {
  grantPlacesMax,
  instanceGrantsMax,
  keyGrantsMax,
  type Grants,
  type Key,
  type RoleName,
} from '@zonehold/key-domain';
import { Deadline } from '@zonehold/primitives';
import {
  admin,
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  startRegion,
  stranger,
  succeeded,
  type Credential,
  type TestRegion,
} from '../testing/key-managers.ts';

let test: TestRegion;
let guest: Credential;

beforeEach(async () => {
  test = await startRegion();
  guest = await stranger(test);
});

const add = (target: GrantTarget, roles: RoleName[], who = guest) =>
  admin<'add-grant'>(test.here, {
    kind: 'add-grant',
    credentialId: who.credentialId,
    target,
    roles,
  });
const remove = (target: GrantTarget, roles?: RoleName[]) =>
  admin<'remove-grant'>(test.here, {
    ...({ kind: 'remove-grant', credentialId: guest.credentialId, target } as const),
    ...(roles === undefined ? {} : { roles }),
  });
const listOf = (members: { credentialId?: string; target?: GrantTarget }) =>
  admin<'list-grants'>(test.elsewhere, { kind: 'list-grants', ...members });

const as = (who: Credential, operation: OperationName, members: Partial<OperationRequest> = {}) =>
  send(
    test.elsewhere,
    requestOf(test, operation, { caller: callerOf(who), body: { aad: [] }, ...members }),
  );

const ring = (subRef: string) => send(test.here, requestOf(test, 'createKeyRing', { subRef }));
const noMore = { query: { isForced: false } };

async function keyIn(keyRingId: string): Promise<string> {
  const body = { name: 'a key', isExtractable: false };
  const create = requestOf(test, 'createKey', { keyRingId, body });
  return succeeded(await send(test.here, create)).body.resources[0].id;
}

async function visible(who: Credential, keyRingId?: string): Promise<readonly string[]> {
  const query = { limit: 200, offset: 0, sort: [], isTotalWanted: true };
  const members = keyRingId === undefined ? { query } : { query, keyRingId };
  const { body } = succeeded(await as(who, 'getKeys', members));
  const count = succeeded(await as(who, 'getKeyCollectionMetadata', members)).headers['Key-Total'];
  const resources = (body.resources as unknown as { id: string }[] | undefined) ?? [];
  expect(body.metadata.totalCount).toBe(resources.length);
  expect(count).toBe(String(resources.length));
  return resources.map(({ id }) => id).toSorted();
}

describe('a grant on a ring', () => {
  it('shows and counts the keys of that ring only, and hides whether others exist', async () => {
    succeeded(await ring('ring-a'));
    const [mine, other] = [await keyIn('ring-a'), await makeKey(test)];
    await add({ instanceId: test.instanceId, keyRingId: 'ring-a' }, ['Reader']);
    expect(await visible(guest)).toEqual([mine]);
    expect(await visible(guest, 'ring-a')).toEqual([mine]);
    expect(await visible(test.manager)).toEqual([mine, other].toSorted());
    const unknown = '6f8b3c3e-3f4b-4b2e-9d7e-0c6a1d2e3f40';
    succeeded(await as(guest, 'wrapKey', { keyRef: mine }));
    for (const keyRef of [other, unknown, 'no-such-alias']) {
      expect(refusalOf(await as(guest, 'wrapKey', { keyRef }))).toBe('UNAUTHORIZED_ERR');
      const named = { keyRef, keyRingId: 'ring-a' };
      for (const operation of ['wrapKey', 'getKeyMetadata'] as const) {
        expect(refusalOf(await as(guest, operation, named))).toBe('KEY_NOT_FOUND_ERR');
      }
    }
    for (const keyRingId of ['default', 'no-such-ring']) {
      expect(refusalOf(await as(guest, 'getKeys', { keyRingId }))).toBe('UNAUTHORIZED_ERR');
      const named = { keyRef: mine, keyRingId };
      expect(refusalOf(await as(guest, 'wrapKey', named))).toBe('KEY_NOT_FOUND_ERR');
    }
  });

  it('finds and counts no key of another ring by search, not by its very id or alias either', async () => {
    succeeded(await ring('ring-a'));
    const [mine, other] = [await keyIn('ring-a'), await makeKey(test, { aliases: ['hidden'] })];
    await add({ instanceId: test.instanceId, keyRingId: 'ring-a' }, ['Reader']);
    const scopes = ['name', 'alias'] as const;
    const found = async (term: string, over: object = {}): Promise<unknown> => {
      const search = { term, scopes, isInverted: false, isExact: false, isAliasNamed: true };
      const query = { limit: 200, offset: 0, sort: [], isTotalWanted: true };
      const members = { query: { ...query, search: { ...search, ...over } } };
      const { metadata, resources } = succeeded(await as(guest, 'getKeys', members)).body;
      const keys = resources as unknown as readonly { id: string }[] | undefined;
      return [metadata.totalCount, keys?.map(({ id }) => id)];
    };
    for (const term of [other, 'hidden', 'a key']) {
      const isName = term === 'a key';
      expect(await found(term), term).toEqual(isName ? [1, [mine]] : [0, undefined]);
    }
    expect(await found('nothing', { isInverted: true })).toEqual([1, [mine]]);
  });

  it('hides whether others exist from who would change them, too', async () => {
    succeeded(await ring('ring-a'));
    const unknown = '6f8b3c3e-3f4b-4b2e-9d7e-0c6a1d2e3f40';
    const other = await makeKey(test);
    await add({ instanceId: test.instanceId, keyRingId: 'ring-a' }, ['Manager', 'KeyPurge']);
    for (const operation of ['disableKey', 'purgeKey'] as const) {
      for (const keyRef of [other, unknown]) {
        expect(refusalOf(await as(guest, operation, { keyRef }))).toBe('UNAUTHORIZED_ERR');
        const named = { keyRef, keyRingId: 'ring-a' };
        expect(refusalOf(await as(guest, operation, named))).toBe('KEY_NOT_FOUND_ERR');
      }
    }
  });

  it('follows the key: it ends when the key is moved out, and needs both rings to move it', async () => {
    const { instanceId } = test;
    for (const id of ['ring-a', 'ring-b']) succeeded(await ring(id));
    const keyRef = await keyIn('ring-a');
    await add({ instanceId, keyRingId: 'ring-a' }, ['Manager']);
    const move = (keyRingId: string) => as(guest, 'patchKey', { keyRef, body: { keyRingId } });
    expect(refusalOf(await move('ring-b'))).toBe('UNAUTHORIZED_ERR');
    expect(refusalOf(await move('no-such-ring'))).toBe('UNAUTHORIZED_ERR');
    await add({ instanceId, keyRingId: 'ring-b' }, ['Manager']);
    succeeded(await move('ring-b'));
    await remove({ instanceId, keyRingId: 'ring-b' });
    expect(refusalOf(await as(guest, 'wrapKey', { keyRef }))).toBe('UNAUTHORIZED_ERR');
    expect(refusalOf(await move('ring-a'))).toBe('UNAUTHORIZED_ERR');
    expect(await visible(guest)).toEqual([]);
  });

  it('lets a Writer create there and nowhere else', async () => {
    succeeded(await ring('ring-a'));
    await add({ instanceId: test.instanceId, keyRingId: 'ring-a' }, ['Writer']);
    const body = { name: 'a key', isExtractable: false };
    succeeded(await as(guest, 'createKey', { body, keyRingId: 'ring-a' }));
    for (const members of [{}, { keyRingId: 'default' }, { keyRingId: 'ring-b' }]) {
      expect(refusalOf(await as(guest, 'createKey', { body, ...members }))).toBe(
        'UNAUTHORIZED_ERR',
      );
    }
  });

  it('is over with the ring, also when one is made again under its name', async () => {
    const target = { instanceId: test.instanceId, keyRingId: 'ring-a' };
    succeeded(await ring('ring-a'));
    await add(target, ['Reader']);
    succeeded(
      await send(test.here, requestOf(test, 'deleteKeyRing', { subRef: 'ring-a', ...noMore })),
    );
    succeeded(await ring('ring-a'));
    const keyRef = await keyIn('ring-a');
    expect(refusalOf(await as(guest, 'wrapKey', { keyRef }))).toBe('UNAUTHORIZED_ERR');
    expect(refusalOf(await as(guest, 'getKeys', {}))).toBe('UNAUTHORIZED_ERR');
    expect((await listOf({ target })).grants).toEqual([]);
    await add(target, ['Reader']);
    succeeded(await as(guest, 'wrapKey', { keyRef }));
  });

  it('gives its holder the same answer when a purge is repeated', async () => {
    succeeded(await ring('ring-a'));
    const keyRef = await keyIn('ring-a');
    await add({ instanceId: test.instanceId, keyRingId: 'ring-a' }, ['KeyPurge']);
    succeeded(await send(test.here, requestOf(test, 'deleteKey', { keyRef })));
    test.clock.advance(4 * 3_600_000);
    const purge = requestOf(test, 'purgeKey', { keyRef, caller: callerOf(guest) });
    expect(succeeded(await send(test.here, purge)).status).toBe(204);
    expect(succeeded(await send(test.elsewhere, purge)).status).toBe(204);
    expect(refusalOf(await as(guest, 'purgeKey', { keyRef }))).toBe('KEY_NOT_FOUND_ERR');
  });
});

describe('a grant on a key', () => {
  it('is for that key, and makes it appear in no list and no count', async () => {
    const [keyId, other] = [await makeKey(test), await makeKey(test)];
    await add({ instanceId: test.instanceId, keyId }, ['Reader']);
    succeeded(await as(guest, 'wrapKey', { keyRef: keyId }));
    expect(refusalOf(await as(guest, 'wrapKey', { keyRef: other }))).toBe('UNAUTHORIZED_ERR');
    expect(refusalOf(await as(guest, 'getKeys', {}))).toBe('UNAUTHORIZED_ERR');
    succeeded(await ring('ring-a'));
    await add({ instanceId: test.instanceId, keyRingId: 'ring-a' }, ['Reader']);
    expect(await visible(guest)).toEqual([]);
  });

  it('outlives a disable and is gone with a purge', async () => {
    const keyId = await makeKey(test);
    const target = { instanceId: test.instanceId, keyId };
    await add(target, ['Manager', 'KeyPurge']);
    succeeded(await as(guest, 'disableKey', { keyRef: keyId }));
    succeeded(await as(guest, 'deleteKey', { keyRef: keyId }));
    test.clock.advance(4 * 3_600_000);
    succeeded(await as(guest, 'purgeKey', { keyRef: keyId }));
    await expect(listOf({ target })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(refusalOf(await as(guest, 'getKeyMetadata', { keyRef: keyId }))).toBe(
      'UNAUTHORIZED_ERR',
    );
    expect(await remove(target)).toEqual({ grants: [] });
    const { apiKeys } = await admin<'list-api-keys'>(test.here, { kind: 'list-api-keys' });
    const { instanceIds } = apiKeys.find(({ name }) => name === 'guest')!;
    expect(instanceIds).not.toContain(test.instanceId);
  });
});

describe('a grant on an account', () => {
  it('holds in every instance of it, those made later too, until it is taken', async () => {
    const accountId = 'b'.repeat(32);
    const make = async (): Promise<string> => {
      const wanted = { kind: 'create-instance', name: 'of b', accountId } as const;
      return (await admin<'create-instance'>(test.here, wanted)).instanceId;
    };
    const first = await make();
    await add({ accountId }, ['Reader']);
    const second = await make();
    const query = { limit: 1, offset: 0, sort: [], isTotalWanted: false };
    for (const instanceId of [first, second]) {
      succeeded(await as(guest, 'getKeys', { instanceId, query }));
    }
    expect(refusalOf(await as(guest, 'getKeys', { query }))).toBe('UNAUTHORIZED_ERR');
    await remove({ accountId });
    for (const instanceId of [first, second]) {
      const reply = await as(guest, 'getKeys', { instanceId, query });
      expect(refusalOf(reply)).toBe('UNAUTHORIZED_ERR');
    }
  });
});

describe('grants', () => {
  it('add up, are listed where they are and by whose they are, and are taken role by role', async () => {
    const { instanceId } = test;
    const { credentialId } = guest;
    succeeded(await ring('ring-a'));
    const keyId = await makeKey(test);
    const target = { instanceId };
    await add(target, ['KeyPurge']);
    const { grants } = await add(target, ['Reader', 'Writer']);
    const whole = { credentialId, instanceId, roles: ['Reader', 'Writer', 'KeyPurge'] };
    expect(grants).toEqual([whole]);
    await add({ instanceId, keyRingId: 'ring-a' }, ['Manager']);
    await add({ instanceId, keyId }, ['ReaderPlus']);
    const mine = (await listOf({ credentialId })).grants.filter(
      (grant) => grant.instanceId === instanceId,
    );
    expect(mine).toEqual([
      whole,
      { credentialId, instanceId, keyRingId: 'ring-a', roles: ['Manager'] },
      { credentialId, instanceId, keyId, roles: ['ReaderPlus'] },
    ]);
    expect((await listOf({ target })).grants).toContainEqual(
      expect.objectContaining({ credentialId: test.manager.credentialId, roles: ['Manager'] }),
    );
    const left = await remove(target, ['Writer', 'KeyPurge']);
    expect(left.grants[0]).toEqual({ credentialId, instanceId, roles: ['Reader'] });
    succeeded(await as(guest, 'wrapKey', { keyRef: keyId }));
    expect(refusalOf(await as(guest, 'rotateKey', { keyRef: keyId, body: {} }))).toBe(
      'UNAUTHORIZED_ERR',
    );
    await remove(target);
    await remove(target);
    expect(refusalOf(await as(guest, 'getKeyVersions', { keyRef: await makeKey(test) }))).toBe(
      'UNAUTHORIZED_ERR',
    );
  });

  it('are refused for what does not exist', async () => {
    const { instanceId } = test;
    const unknown = '6f8b3c3e-3f4b-4b2e-9d7e-0c6a1d2e3f40';
    for (const target of [
      { instanceId: unknown },
      { instanceId, keyRingId: 'no-such-ring' },
      { instanceId, keyId: unknown },
    ]) {
      await expect(add(target, ['Reader'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    const nobody = { ...guest, credentialId: 'ApiKey-nobody' };
    await expect(add({ instanceId }, ['Reader'], nobody)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await listOf({ target: { instanceId } })).grants).toHaveLength(1);
  });

  it('are bounded in an instance and on a key', async () => {
    const { instanceId } = test;
    const { instances } = test.here.operations;
    const deadline = Deadline.after(test.clock, 60_000);
    const many = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [`ApiKey-${at}`, { roles: ['Reader'] as const }]),
      );
    const full = many(instanceGrantsMax);
    await instances.change(
      instanceId,
      (instance) => ({ kind: 'write', record: { ...instance!, grants: full }, result: undefined }),
      deadline,
    );
    await expect(add({ instanceId }, ['Reader'])).rejects.toMatchObject({ code: 'CONFLICT' });
    const second = await startRegion();
    const keyId = await makeKey(second);
    await second.here.operations.keys.change(
      second.instanceId,
      keyId,
      (key) => ({
        kind: 'write',
        record: { ...(key as Key), grants: many(keyGrantsMax) },
        result: undefined,
      }),
      deadline,
    );
    await expect(
      admin<'add-grant'>(second.here, {
        ...({ kind: 'add-grant', credentialId: second.manager.credentialId } as const),
        target: { instanceId: second.instanceId, keyId },
        roles: ['Reader'],
      }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('are bounded for an API key, where places it has nothing at any more make room', async () => {
    const { accounts } = test.here.operations;
    const deadline = Deadline.after(test.clock, 60_000);
    const { credentialId } = guest;
    const accountAt = (at: number): string => at.toString(16).padStart(32, '0');
    const set = (accountId: string, grants: Grants): Promise<void> =>
      accounts.change(
        accountId,
        () => ({ kind: 'write', record: { accountId, grants }, result: undefined }),
        deadline,
      );
    // Besides the instance that it was made for.
    for (let at = 1; at < grantPlacesMax; at += 1) {
      await set(accountAt(at), { [credentialId]: { roles: ['Reader'] } });
      const place = `account/${accountAt(at)}`;
      await test.here.admin.apiKeys.notePlace(credentialId, place, 'x', deadline);
    }
    const target = { accountId: 'c'.repeat(32) };
    await expect(add(target, ['Reader'])).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await accounts.read(target.accountId, deadline))?.grants).toEqual({});
    await set(accountAt(7), {});
    expect((await add(target, ['Reader'])).grants).toHaveLength(1);
  });
});
