// Registrations between a client's request and its repeat: services may register thousands of resources while a client tries again.
import { beforeEach, expect, it } from 'vitest';
import type { GrantTarget, OperationRequest } from '@zonehold/api-contract';
import { keptOperationsMax } from '@zonehold/key-domain';
import {
  admin,
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  slowedManager,
  startRegion,
  succeeded,
  type Credential,
  type TestRegion,
} from '../testing/key-managers.ts';

const service = 'cloud-object-storage';
const crnOf = (bucket: string): string =>
  `crn:v1:bluemix:public:${service}:global:a/${'a'.repeat(32)}:5a3f:bucket:${bucket}`;

let test: TestRegion;
let storage: Credential;
let keyRef: string;

beforeEach(async () => {
  test = await startRegion();
  const grants = [{ instanceId: test.instanceId, roles: ['Reader'] as const }];
  storage = await admin<'create-api-key'>(test.here, {
    ...({ kind: 'create-api-key', name: 's', service } as const),
    grants,
  });
  keyRef = await makeKey(test);
});

const byService = (
  operation: OperationRequest['operation'],
  bucket: string,
  members: Partial<OperationRequest> = {},
): OperationRequest =>
  requestOf(test, operation, {
    ...{ keyRef, caller: { ...callerOf(storage), service }, subRef: crnOf(bucket), body: {} },
    ...members,
  });

it('a rotation is recognised after more registrations than a key keeps operations', async () => {
  const rotate = requestOf(test, 'rotateKey', { keyRef, body: {} });
  succeeded(await send(test.here, rotate));
  for (let bucket = 0; bucket <= keptOperationsMax; bucket += 1) {
    succeeded(await send(test.here, byService('createRegistration', `b${bucket}`)));
    succeeded(await send(test.here, byService('deleteRegistration', `b${bucket}`)));
  }
  expect(await send(test.elsewhere, rotate)).toEqual({ ok: true, status: 204 });
});

it('a registration is recognised after more of them than a key keeps operations', async () => {
  const first = byService('createRegistration', 'first');
  succeeded(await send(test.here, first));
  for (let bucket = 0; bucket <= keptOperationsMax; bucket += 1) {
    succeeded(await send(test.here, byService('createRegistration', `b${bucket}`)));
  }
  expect(await send(test.elsewhere, first)).toMatchObject({ ok: true, status: 201 });
});

it('a registration that was given up is gone although the key could not take note: its service is told so', async () => {
  const { instanceId, here } = test;
  const { credentialId } = storage;
  const key = { instanceId, keyId: keyRef };
  await admin<'add-grant'>(here, {
    ...({ kind: 'add-grant', credentialId, target: key } as const),
    roles: ['Reader'],
  });
  const loseIn = (target: GrantTarget) =>
    admin<'remove-grant'>(here, { kind: 'remove-grant', credentialId, target });
  await loseIn({ instanceId });
  succeeded(await send(here, byService('createRegistration', 'one')));
  const slowed = slowedManager(test, async ({ name }) => {
    if (name === `key/${keyRef}`) await loseIn(key);
  });
  const remove = byService('deleteRegistration', 'one');
  expect(await send(slowed, remove)).toEqual({ ok: true, status: 204 });
  expect(refusalOf(await send(here, remove))).toBe('UNAUTHORIZED_ERR');
  succeeded(await send(here, requestOf(test, 'deleteKey', { keyRef, query: {} })));
});
