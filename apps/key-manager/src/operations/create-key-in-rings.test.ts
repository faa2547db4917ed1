// Creates by somebody with rights on one ring alone, and their repeats.
import { beforeEach, expect, it } from 'vitest';
import type { OperationRequest } from '@zonehold/api-contract';
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
  await admin<'add-grant'>(test.here, {
    ...({ kind: 'add-grant', credentialId: writer.credentialId, roles: ['Writer'] } as const),
    target: { instanceId: test.instanceId, keyRingId: 'theirs' },
  });
});

const create = (): OperationRequest =>
  requestOf(test, 'createKey', {
    caller: callerOf(writer),
    keyRingId: 'theirs',
    token: { kind: 'idempotency-key', value: 'once', parametersHash: 'p' },
    prefer: 'representation',
    body: { name: 'a key', isExtractable: true, payload: 'c2VjcmV0' },
  });

it('are answered as the first time while the key is in the ring', async () => {
  const { body } = succeeded(await send(test.here, create()));
  expect(succeeded(await send(test.elsewhere, create())).body).toEqual(body);
});

it('show nothing of the key once it was moved out of the ring, to whoever has no right where it is', async () => {
  const keyRef = succeeded(await send(test.here, create())).body.resources[0].id;
  const move = requestOf(test, 'patchKey', { keyRef, body: { keyRingId: 'other' } });
  succeeded(await send(test.here, move));
  expect(refusalOf(await send(test.elsewhere, create()))).toBe('UNAUTHORIZED_ERR');
  await admin<'add-grant'>(test.here, {
    ...({ kind: 'add-grant', credentialId: writer.credentialId, roles: ['Writer'] } as const),
    target: { instanceId: test.instanceId, keyId: keyRef },
  });
  expect(succeeded(await send(test.elsewhere, create())).body.resources[0].id).toBe(keyRef);
});
