// Repeats of requests by somebody with rights on one ring alone: a right that is lost is lost for them too.
import { beforeEach, expect, it } from 'vitest';
import type { GrantTarget, OperationRequest } from '@zonehold/api-contract';
import type { RoleName } from '@zonehold/key-domain';
import {
  admin,
  callerOf,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type Credential,
  type TestRegion,
} from '../testing/key-managers.ts';

let test: TestRegion;
let writer: Credential;

beforeEach(async () => {
  test = await startRegion();
  for (const subRef of ['theirs', 'other']) {
    succeeded(await send(test.here, requestOf(test, 'createKeyRing', { subRef })));
  }
  const { instanceId } = await admin<'create-instance'>(test.here, {
    ...({ kind: 'create-instance', name: 'elsewhere' } as const),
  });
  writer = await admin<'create-api-key'>(test.here, {
    ...({ kind: 'create-api-key', name: 'w' } as const),
    grants: [{ instanceId, roles: ['Reader'] }],
  });
  await give({ instanceId: test.instanceId, keyRingId: 'theirs' });
});

async function give(target: GrantTarget, role: RoleName = 'Writer'): Promise<void> {
  const { credentialId } = writer;
  const grant = { kind: 'add-grant', credentialId, target, roles: [role] } as const;
  await admin<'add-grant'>(test.here, grant);
}

async function moveOut(keyRef: string): Promise<void> {
  const body = { keyRingId: 'other' };
  succeeded(await send(test.here, requestOf(test, 'patchKey', { keyRef, body })));
}

const create = (): OperationRequest =>
  requestOf(test, 'createKey', {
    caller: callerOf(writer),
    keyRingId: 'theirs',
    token: { kind: 'idempotency-key', value: 'once', parametersHash: 'p' },
    prefer: 'representation',
    body: { name: 'a key', isExtractable: true, payload: 'c2VjcmV0' },
  });

it('a create is answered as the first time while the key is in the ring', async () => {
  const { body } = succeeded(await send(test.here, create()));
  expect(succeeded(await send(test.elsewhere, create())).body).toEqual(body);
});

it('a create shows nothing of the key once it was moved to where its maker has no right', async () => {
  const keyRef = succeeded(await send(test.here, create())).body.resources[0].id;
  await moveOut(keyRef);
  expect(refusalOf(await send(test.elsewhere, create()))).toBe('UNAUTHORIZED_ERR');
  await give({ instanceId: test.instanceId, keyId: keyRef });
  expect(succeeded(await send(test.elsewhere, create())).body.resources[0].id).toBe(keyRef);
});

it('a change shows nothing of the key once it was moved, not to who names the ring it was in', async () => {
  const keyRef = succeeded(await send(test.here, create())).body.resources[0].id;
  await give({ instanceId: test.instanceId, keyRingId: 'theirs' }, 'Manager');
  const remove = (): OperationRequest =>
    requestOf(test, 'deleteKey', {
      ...{ keyRef, caller: callerOf(writer), keyRingId: 'theirs', query: { isForced: false } },
      token: { kind: 'idempotency-key', value: 'delete', parametersHash: 'p' },
      prefer: 'representation',
    });
  const { body } = succeeded(await send(test.here, remove()));
  expect(body.resources[0].id).toBe(keyRef);
  test.clock.advance(30_000);
  succeeded(await send(test.here, requestOf(test, 'restoreKey', { keyRef, body: {} })));
  await moveOut(keyRef);
  expect(refusalOf(await send(test.elsewhere, remove()))).toBe('KEY_NOT_FOUND_ERR');
});
