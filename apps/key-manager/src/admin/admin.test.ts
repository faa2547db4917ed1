import { beforeEach, describe, expect, it } from 'vitest';
import { Deadline, KmsError } from '@zonehold/primitives';
import {
  admin,
  callerOf,
  openManager,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestRegion,
} from '../testing/key-managers.ts';
import { administer } from './admin.ts';

let test: TestRegion;

beforeEach(async () => {
  test = await startRegion();
});

const list = (instanceId: string, credential = test.manager) =>
  requestOf(test, 'getKeys', {
    instanceId,
    caller: callerOf(credential),
    query: { limit: 1, offset: 0, sort: [], isTotalWanted: false },
  });

describe('instances', () => {
  it('are made with an account of their own unless one is named, and listed oldest first', async () => {
    test.clock.advance(1_000);
    const accountId = 'b'.repeat(32);
    const made = await admin<'create-instance'>(test.elsewhere, {
      kind: 'create-instance',
      name: 'second',
      accountId,
    });
    expect(made.crn).toBe(`crn:v1:bluemix:public:kms:us-south:a/${accountId}:${made.instanceId}::`);
    const { instances } = await admin<'list-instances'>(test.here, { kind: 'list-instances' });
    expect(instances.map(({ name }) => name)).toEqual(['demo', 'second']);
    expect(instances[0]?.accountId).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('an API key', () => {
  it('is shown once: no register holds its secret', async () => {
    const secret = test.manager.apiKey.split('.')[1]!;
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    const { apiKeys } = await admin<'list-api-keys'>(test.elsewhere, { kind: 'list-api-keys' });
    expect(apiKeys[0]).toMatchObject({ isRevoked: false, instanceIds: [test.instanceId] });
    const { store } = test.here.operations;
    const ids = await store.scan('', Deadline.after(test.clock, 1_000));
    const states = await store.read(ids, Deadline.after(test.clock, 1_000));
    expect(JSON.stringify([apiKeys, states])).not.toContain(secret);
  });

  it.each(['', 'Databases', 'a:b', '*', 'x'.repeat(65)])(
    'is not made for a service named %j, which no CRN can name',
    async (service) => {
      const grants = [{ instanceId: test.instanceId, roles: ['Reader' as const] }];
      const request = { kind: 'create-api-key', name: 's', service, grants } as const;
      await expect(admin(test.here, request)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('service'),
      });
    },
  );

  it('may have grants in several instances, and a revocation takes all of them', async () => {
    const second = await admin<'create-instance'>(test.here, {
      kind: 'create-instance',
      name: 'second',
    });
    const both = await admin<'create-api-key'>(test.here, {
      kind: 'create-api-key',
      name: 'both',
      grants: [
        { instanceId: test.instanceId, roles: ['Reader'] },
        { instanceId: second.instanceId, roles: ['Manager', 'Manager'] },
      ],
    });
    for (const instanceId of both.instanceIds) {
      succeeded(await send(test.here, list(instanceId, both)));
    }
    const { credentialId } = both;
    await admin<'revoke-api-key'>(test.here, { kind: 'revoke-api-key', credentialId });
    for (const instanceId of both.instanceIds) {
      expect(refusalOf(await send(test.elsewhere, list(instanceId, both)))).toBe(
        'UNAUTHORIZED_ERR',
      );
    }
  });

  it('whose revocation broke off halfway is revoked to the end by asking again', async () => {
    const { memory, clock, crypto } = test;
    let changesLeft = 1;
    const failing = openManager({
      memory,
      clock,
      crypto,
      decorate: (store) => ({
        ...store,
        read: (ids, deadline) => store.read(ids, deadline),
        change: (id, change, deadline) => {
          changesLeft -= 1;
          if (changesLeft < 0) throw new KmsError('UNAVAILABLE', 'cut');
          return store.change(id, change, deadline);
        },
      }),
    });
    const { credentialId } = test.manager;
    const revoke = { kind: 'revoke-api-key', credentialId } as const;
    await expect(admin<'revoke-api-key'>(failing, revoke)).rejects.toThrow('cut');
    succeeded(await send(test.here, list(test.instanceId)));
    await admin<'revoke-api-key'>(test.here, revoke);
    await admin<'revoke-api-key'>(test.elsewhere, revoke);
    expect(refusalOf(await send(test.here, list(test.instanceId)))).toBe('UNAUTHORIZED_ERR');
  });
});

describe('a request', () => {
  it('that names what does not exist fails with NOT_FOUND', async () => {
    const instanceId = '6f8b3c3e-3f4b-4b2e-9d7e-0c6a1d2e3f40';
    const grants = [{ instanceId, roles: ['Reader'] as const }];
    const create = admin<'create-api-key'>(test.here, {
      kind: 'create-api-key',
      name: 'x',
      grants,
    });
    await expect(create).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const revoke = { kind: 'revoke-api-key', credentialId: 'ApiKey-unknown' } as const;
    await expect(admin<'revoke-api-key'>(test.here, revoke)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('that is malformed fails with the member, never with its value', async () => {
    const context = { deadline: Deadline.after(test.clock, 1_000), correlationId: 'test' };
    for (const body of [
      null,
      { kind: 'nothing' },
      { kind: 'create-instance', name: '' },
      { kind: 'create-api-key', name: 'x', grants: [] },
      { kind: 'revoke-api-key', credentialId: 'secret.secret' },
    ]) {
      const answer = administer(test.here.admin, body, context);
      await expect(answer).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(answer).rejects.not.toThrow('secret.secret');
    }
  });

  it('for the zones says how each acceptor stands', async () => {
    const { zones } = await admin<'zones'>(test.here, { kind: 'zones' });
    expect(zones.map(({ zone }) => zone)).toEqual(['us-south-1', 'us-south-2', 'us-south-3']);
  });
});
