// Registrations through the key-managers of two zones: who may make them, what they say, what they keep from happening.
import { beforeEach, describe, expect, it } from 'vitest';
import type {
  CollectionBody,
  OperationName,
  OperationReply,
  OperationRequest,
  RegistrationBody,
} from '@zonehold/api-contract';
import type { RegistrationWishes, RoleName } from '@zonehold/key-domain';
import {
  admin,
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type Credential,
  type TestRegion,
} from '../testing/key-managers.ts';

const account = 'a'.repeat(32);
const crnOf = (bucket: string, service = 'cloud-object-storage'): string =>
  `crn:v1:bluemix:public:${service}:global:a/${account}:5a3f:bucket:${bucket}`;
const hourMs = 3_600_000;

let test: TestRegion;
let storage: Credential;
let keyRef: string;

beforeEach(async () => {
  test = await startRegion();
  storage = await serviceOf('cloud-object-storage');
  keyRef = await makeKey(test);
});

function serviceOf(service: string, role: RoleName = 'Reader'): Promise<Credential> {
  const grants = [{ instanceId: test.instanceId, roles: [role] }];
  return admin<'create-api-key'>(test.here, { kind: 'create-api-key', name: 's', service, grants });
}

const asService = (credential = storage): OperationRequest['caller'] => ({
  ...callerOf(credential),
  ...(credential.service === undefined ? {} : { service: credential.service }),
});

/** By a service, about the key and the bucket. */
function on(operation: OperationName, members: Partial<OperationRequest> = {}): OperationRequest {
  return requestOf(test, operation, {
    ...{ caller: asService(), keyRef, subRef: crnOf('one') },
    ...members,
  });
}

const register = (bucket = 'one', body: RegistrationWishes = {}): Promise<OperationReply> =>
  send(test.here, on('createRegistration', { subRef: crnOf(bucket), body }));

const page = { limit: 200, offset: 0, isTotalWanted: false };

function listed(reply: OperationReply): readonly RegistrationBody[] {
  return (succeeded(reply).body as unknown as CollectionBody<RegistrationBody>).resources ?? [];
}

const only = (reply: OperationReply): RegistrationBody => {
  const [first, ...others] = listed(reply);
  if (first === undefined || others.length > 0) throw new Error('not exactly one');
  return first;
};

const list = async (
  members: Partial<OperationRequest> = {},
  operation: OperationName = 'getRegistrations',
): Promise<readonly RegistrationBody[]> => {
  const caller = callerOf(test.manager);
  return listed(
    await send(
      test.elsewhere,
      requestOf(test, operation, { caller, keyRef, query: page, ...members }),
    ),
  );
};

const asManager = (operation: OperationName, query: unknown = {}): Promise<OperationReply> =>
  send(test.elsewhere, requestOf(test, operation, { keyRef, query }));

describe('a registration', () => {
  it('is made by a service and read in every zone, its metadata by services only', async () => {
    const made = await register('one', { description: 'invoices', metadata: 'm' });
    expect(made).toMatchObject({ ok: true, status: 201, headers: { ETag: 'W/"1"' } });
    expect(only(made)).toEqual({
      keyId: keyRef,
      keyName: 'a key',
      resourceCrn: crnOf('one'),
      createdBy: storage.iamId,
      creationDate: expect.stringMatching(/Z$/),
      updatedBy: storage.iamId,
      lastUpdated: expect.stringMatching(/Z$/),
      description: 'invoices',
      registrationMetadata: 'm',
      preventKeyDeletion: false,
      keyVersion: { id: keyRef, creationDate: expect.stringMatching(/Z$/) },
    });
    expect(storage.iamId).toMatch(/^iam-ServiceId-/);
    const [shown] = await list();
    expect(shown).toMatchObject({ description: 'invoices', resourceCrn: crnOf('one') });
    expect(shown).not.toHaveProperty('registrationMetadata');
    const [toService] = await list({ caller: asService() });
    expect(toService).toHaveProperty('registrationMetadata', 'm');
  });

  it('is for services: a user may not, and a service only about its own resources', async () => {
    const byUser = { caller: callerOf(test.manager) };
    const operations = [
      'createRegistration',
      'updateRegistration',
      'replaceRegistration',
      'deleteRegistration',
      'eventAcknowledge',
      'actionOnRegistration',
      'createMigrationIntent',
    ] as const;
    for (const operation of operations) {
      const reply = await send(test.here, on(operation, byUser));
      expect(refusalOf(reply), operation).toBe('SERVICE_ONLY_ERR');
    }
    for (const operation of operations.slice(0, 4)) {
      const strange = on(operation, { subRef: crnOf('one', 'databases') });
      expect(refusalOf(await send(test.here, strange)), operation).toBe('RESOURCE_OWNER_ERR');
    }
    const caller = asService(await serviceOf('cloud-object-storage', 'Manager'));
    expect(refusalOf(await send(test.here, on('deleteKey', { caller })))).toBe(
      'RESOURCE_OWNER_ERR',
    );
    expect(refusalOf(await send(test.here, on('getMigrationIntent')))).toBe(
      'FEATURE_RESTRICTED_ERR',
    );
    expect(await list()).toEqual([]);
  });

  it('needs an Active root key', async () => {
    const standard = await makeKey(test, { isExtractable: true });
    const onStandard = on('createRegistration', { keyRef: standard });
    expect(refusalOf(await send(test.here, onStandard))).toBe('KEY_ROOT_REQ_REG_ERR');
    succeeded(await asManager('disableKey'));
    expect(refusalOf(await register())).toBe('KEY_INVALID_STATE_ERR');
    expect(await list()).toEqual([]);
  });

  it('exists once for a resource and a key, and can be made again after it was deleted', async () => {
    succeeded(await register());
    expect(refusalOf(await register())).toBe('REGISTRATION_NOT_UNIQUE_ERR');
    expect(succeeded(await send(test.elsewhere, on('deleteRegistration'))).status).toBe(204);
    expect(refusalOf(await send(test.here, on('deleteRegistration')))).toBe(
      'REGISTRATION_NOT_FOUND_ERR',
    );
    expect(await list()).toEqual([]);
    // Not the tag of the first again.
    expect(succeeded(await register()).headers).toEqual({ ETag: 'W/"3"' });
    const preferring = on('deleteRegistration', { prefer: 'representation' });
    expect(only(await send(test.here, preferring)).resourceCrn).toBe(crnOf('one'));
  });

  it('is answered to a repeat as to the first request, in another zone too', async () => {
    const token = { kind: 'idempotency-key', value: 't', parametersHash: 'p' } as const;
    const request = on('createRegistration', { token });
    const first = await send(test.here, request);
    expect(await send(test.elsewhere, { ...request, operationId: 'another' })).toEqual(first);
    expect(await list()).toHaveLength(1);
  });
});

describe('a merge', () => {
  beforeEach(async () => {
    succeeded(await register('one', { description: 'invoices', metadata: 'm' }));
  });

  const merge = (body: RegistrationWishes, ifMatch?: string): Promise<OperationReply> =>
    send(
      test.elsewhere,
      on('updateRegistration', { body, ...(ifMatch === undefined ? {} : { ifMatch }) }),
    );

  it('changes what is given, and nothing else', async () => {
    const changed = await merge({ preventsKeyDeletion: true });
    expect(succeeded(changed).headers).toEqual({ ETag: 'W/"2"' });
    expect(only(changed)).toMatchObject({
      preventKeyDeletion: true,
      description: 'invoices',
      registrationMetadata: 'm',
    });
  });

  it.each([
    ['W/"1"', 'ok'],
    ['"1"', 'ok'],
    ['"x", W/"1"', 'ok'],
    ['*', 'ok'],
    ['W/"2"', 'PRECONDITION_FAILED_ERR'],
    ['"x"', 'PRECONDITION_FAILED_ERR'],
  ])('with If-Match %s gives %s', async (ifMatch, wanted) => {
    const reply = await merge({ description: 'payroll' }, ifMatch);
    expect(reply.ok ? 'ok' : reply.refusal.code).toBe(wanted);
    const [now] = await list();
    expect(now?.description).toBe(wanted === 'ok' ? 'payroll' : 'invoices');
  });

  it('gives the resource a newer version of the key, never an older or the same one', async () => {
    expect(refusalOf(await merge({ keyVersionId: keyRef }))).toBe('KEY_VERSION_INVALID');
    succeeded(await send(test.here, requestOf(test, 'rotateKey', { keyRef, body: {} })));
    const metadata = await send(test.here, requestOf(test, 'getKeyMetadata', { keyRef }));
    const newest = succeeded(metadata).body.resources[0].keyVersion!.id;
    const [before] = await list();
    expect(before?.keyVersion.id).toBe(keyRef);
    expect(only(await merge({ keyVersionId: newest })).keyVersion.id).toBe(newest);
    expect(refusalOf(await merge({ keyVersionId: keyRef }))).toBe('KEY_VERSION_INVALID');
    const none = '7f0f8c62-1111-4222-8333-444444444444';
    expect(refusalOf(await merge({ keyVersionId: none }))).toBe('KEY_VERSION_INVALID');
  });

  it('of a registration that is not there is refused', async () => {
    const reply = await send(test.here, on('replaceRegistration', { subRef: crnOf('two') }));
    expect(refusalOf(reply)).toBe('REGISTRATION_NOT_FOUND_ERR');
  });
});

describe('a key with registrations', () => {
  it('is deleted only by force, and keeps them until it is purged or restored', async () => {
    succeeded(await register());
    expect(refusalOf(await asManager('deleteKey', { isForced: false }))).toBe(
      'PROTECTED_RESOURCE_ERR',
    );
    succeeded(await asManager('deleteKey', { isForced: true }));
    expect(await list()).toHaveLength(1);
    expect(await list({}, 'getRegistrationsAllKeys')).toHaveLength(1);
    test.clock.advance(31_000);
    succeeded(await asManager('restoreKey'));
    expect(refusalOf(await asManager('deleteKey'))).toBe('PROTECTED_RESOURCE_ERR');
    succeeded(await send(test.here, on('deleteRegistration')));
    succeeded(await asManager('deleteKey'));
  });

  it('is not deleted while one prevents it, not by force either', async () => {
    succeeded(await register());
    succeeded(await register('two', { preventsKeyDeletion: true }));
    for (const isForced of [false, true]) {
      const reply = await asManager('deleteKey', { isForced });
      expect(refusalOf(reply)).toBe('PREV_KEY_DEL_ERR');
    }
    const release = { subRef: crnOf('two'), body: { preventsKeyDeletion: false } };
    succeeded(await send(test.here, on('updateRegistration', release)));
    succeeded(await asManager('deleteKey', { isForced: true }));
  });

  it('shows them no longer once it is purged', async () => {
    succeeded(await register());
    succeeded(await asManager('deleteKey', { isForced: true }));
    test.clock.advance(5 * hourMs);
    const caller = callerOf(await test.credential('KeyPurge'));
    succeeded(await send(test.here, requestOf(test, 'purgeKey', { keyRef, caller })));
    const totalling = { query: { ...page, isTotalWanted: true } };
    const caller2 = callerOf(test.manager);
    const reply = await send(
      test.elsewhere,
      requestOf(test, 'getRegistrationsAllKeys', { caller: caller2, ...totalling }),
    );
    expect(succeeded(reply).body.metadata).toMatchObject({ collectionTotal: 0, totalCount: 0 });
    expect(refusalOf(await send(test.here, on('getRegistrations', { query: page })))).toBe(
      'KEY_NOT_FOUND_ERR',
    );
  });
});

describe('a list of registrations', () => {
  let other: string;

  beforeEach(async () => {
    succeeded(await send(test.here, requestOf(test, 'createKeyRing', { subRef: 'ring-a' })));
    const body = { name: 'other', isExtractable: false };
    const create = requestOf(test, 'createKey', { body, keyRingId: 'ring-a' });
    other = succeeded(await send(test.here, create)).body.resources[0].id;
    succeeded(await register('one', { preventsKeyDeletion: true }));
    succeeded(await register('two'));
    const third = { keyRef: other, subRef: crnOf('three') };
    succeeded(await send(test.here, on('createRegistration', third)));
    const databases = await serviceOf('databases');
    const fourth = { subRef: crnOf('d', 'databases'), caller: asService(databases) };
    succeeded(await send(test.here, on('createRegistration', fourth)));
  });

  const buckets = async (
    operation: 'getRegistrations' | 'getRegistrationsAllKeys',
    query: object = {},
    members: Partial<OperationRequest> = {},
  ): Promise<readonly string[]> => {
    const found = await list({ query: { ...page, ...query }, ...members }, operation);
    return found.map(({ resourceCrn }) => resourceCrn.split(':').at(-1)!).toSorted();
  };

  it('is of one key or of all, of those that prevent deletion, of those that a pattern means', async () => {
    expect(await buckets('getRegistrations')).toEqual(['d', 'one', 'two']);
    expect(await buckets('getRegistrationsAllKeys')).toEqual(['d', 'one', 'three', 'two']);
    expect(await buckets('getRegistrations', { preventsKeyDeletion: true })).toEqual(['one']);
    const prevents = { preventsKeyDeletion: false };
    expect(await buckets('getRegistrationsAllKeys', prevents)).toEqual(['d', 'three', 'two']);
    const crnPattern = crnOf('t*');
    expect(await buckets('getRegistrationsAllKeys', { crnPattern })).toEqual(['three', 'two']);
  });

  it('is of the ring that the header names', async () => {
    expect(await buckets('getRegistrationsAllKeys', {}, { keyRingId: 'ring-a' })).toEqual([
      'three',
    ]);
    expect(await buckets('getRegistrationsAllKeys', {}, { keyRingId: 'default' })).toEqual([
      'd',
      'one',
      'two',
    ]);
    const members = { keyRingId: 'ring-a', query: { ...page, isTotalWanted: true } };
    const reply = await send(test.here, requestOf(test, 'getRegistrationsAllKeys', members));
    expect(succeeded(reply).body.metadata.totalCount).toBe(1);
  });

  it('shows and counts those of the rings where the caller has the right, without the header too', async () => {
    const reader = await test.credential('KmipAdapterManager');
    await admin<'add-grant'>(test.here, {
      ...({ kind: 'add-grant', credentialId: reader.credentialId } as const),
      target: { instanceId: test.instanceId, keyRingId: 'ring-a' },
      roles: ['Reader'],
    });
    const caller = callerOf(reader);
    expect(await buckets('getRegistrationsAllKeys', {}, { caller })).toEqual(['three']);
    const members = { caller, query: { ...page, isTotalWanted: true } };
    const reply = await send(test.here, requestOf(test, 'getRegistrationsAllKeys', members));
    expect(succeeded(reply).body.metadata.totalCount).toBe(1);
  });

  it("shows a service its own, and lets it ask for no other's", async () => {
    const caller = asService();
    expect(await buckets('getRegistrations', {}, { caller })).toEqual(['one', 'two']);
    const query = { ...page, crnPattern: crnOf('*', 'databases') };
    const reply = await send(test.here, on('getRegistrationsAllKeys', { query }));
    expect(refusalOf(reply)).toBe('RESOURCE_OWNER_ERR');
    const one = on('getRegistrations', { query: { ...page, crnPattern: crnOf('one') } });
    expect(succeeded(await send(test.here, one)).headers).toEqual({ ETag: 'W/"1"' });
  });

  it('comes in pages that follow each other, with the count of all', async () => {
    const seen: string[] = [];
    for (const offset of [0, 1, 2, 3, 4]) {
      const query = { limit: 1, offset, isTotalWanted: true };
      const caller = callerOf(test.manager);
      const request = requestOf(test, 'getRegistrationsAllKeys', { caller, query });
      const reply = await send(test.here, request);
      expect(succeeded(reply).body.metadata.totalCount).toBe(4);
      seen.push(...listed(reply).map(({ resourceCrn }) => resourceCrn));
    }
    expect(new Set(seen).size).toBe(4);
    expect(seen).toHaveLength(4);
  });
});

describe('an acknowledged event', () => {
  it('is answered 204, and is a line for the auditor', async () => {
    const audited: unknown[] = [];
    const { log } = test.here.operations;
    const manager = {
      ...test.here,
      operations: {
        ...test.here.operations,
        log: { ...log, audit: (e: unknown) => audited.push(e) },
      },
    } as typeof test.here;
    const event = { eventId: 'e-1', adopterKeyState: 'DEK_DISABLED', atMs: 0 };
    const request = on('eventAcknowledge', { body: { events: [event] } });
    expect(succeeded(await send(manager, request)).status).toBe(204);
    expect(audited).toMatchObject([
      { event: 'event.acknowledged', eventId: 'e-1', service: 'cloud-object-storage' },
    ]);
  });
});
