// Work by date between a client's request and its repeat, and in the way of the waits that clients meet.
import { beforeEach, expect, it } from 'vitest';
import type { OperationRequest } from '@zonehold/api-contract';
import { keyState } from '@zonehold/key-domain';
import { ScheduledRegion } from '../testing/scheduled-region.ts';
import { admin, callerOf, makeKey, requestOf, send, succeeded } from '../testing/key-managers.ts';

const monthMs = 30 * 86_400_000;

let region: ScheduledRegion;

beforeEach(async () => {
  region = await ScheduledRegion.start();
});

/** As an SDK sends it again: another request for the gateway, the same Correlation-Id and body. */
const byCorrelation = (
  keyRef: string,
  operation: OperationRequest['operation'],
): OperationRequest =>
  requestOf(region.test, operation, {
    keyRef,
    token: { kind: 'correlation', value: `mine-${operation}`, parametersHash: 'p' },
    body: {},
  });

it('an enable is answered as the first time when the rotation that it let through came in between', async () => {
  const keyId = await region.monthlyKey();
  succeeded(await region.on(keyId, 'disableKey'));
  region.test.clock.advance(monthMs);
  succeeded(await send(region.test.here, byCorrelation(keyId, 'enableKey')));
  await region.tickAll();
  expect(await region.versionsOf(keyId)).toBe(2);
  expect(await send(region.test.elsewhere, byCorrelation(keyId, 'enableKey'))).toEqual({
    ok: true,
    status: 204,
  });
});

it('an enable is answered as the first time when the key has expired in between', async () => {
  const { clock } = region.test;
  const keyId = await makeKey(region.test, { expiresAtMs: clock.wallMs() + 60_000 });
  succeeded(await region.on(keyId, 'disableKey'));
  clock.advance(60_000);
  succeeded(await send(region.test.here, byCorrelation(keyId, 'enableKey')));
  await region.tickAll();
  expect((await region.keyOf(keyId)).state).toBe(keyState.deactivated);
  succeeded(await send(region.test.elsewhere, byCorrelation(keyId, 'enableKey')));
});

it('a second disable with the same Correlation-Id counts, whatever was done by date in between', async () => {
  const keyId = await region.monthlyKey();
  region.test.clock.advance(monthMs - 1_000);
  succeeded(await send(region.test.here, byCorrelation(keyId, 'disableKey')));
  region.test.clock.advance(30_000);
  succeeded(await send(region.test.here, byCorrelation(keyId, 'enableKey')));
  await region.tickAll();
  expect(await region.versionsOf(keyId)).toBe(2);
  succeeded(await send(region.test.here, byCorrelation(keyId, 'disableKey')));
  expect((await region.keyOf(keyId)).state).toBe(keyState.suspended);
});

it('a sync waits for no expiration, written or not: it is no action of the life cycle', async () => {
  const { clock } = region.test;
  const keyId = await makeKey(region.test, { expiresAtMs: clock.wallMs() + 60_000 });
  clock.advance(60_000);
  await region.tickAll();
  expect((await region.keyOf(keyId)).state).toBe(keyState.deactivated);
  succeeded(await region.on(keyId, 'syncAssociatedResources'));
});

it('a purge by date takes with it what a client gave the key: aliases, registrations, grants, its ring', async () => {
  const { test } = region;
  const { here, instanceId } = test;
  const service = 'cloud-object-storage';
  const grants = [{ instanceId, roles: ['Reader'] as const }];
  const apiKey = { kind: 'create-api-key', name: 's', service, grants } as const;
  const storage = await admin<'create-api-key'>(here, apiKey);
  succeeded(await send(here, requestOf(test, 'createKeyRing', { subRef: 'ring' })));
  const keyId = await makeKey(test, { aliases: ['alias'] });
  succeeded(await region.on(keyId, 'patchKey', { body: { keyRingId: 'ring' } }));
  const caller = { ...callerOf(storage), service };
  const subRef = `crn:v1:bluemix:public:${service}:global:a/${'a'.repeat(32)}:5a3f:bucket:b`;
  succeeded(await region.on(keyId, 'createRegistration', { caller, subRef, body: {} }));
  const target = { instanceId, keyId };
  const { credentialId } = storage;
  const given = { kind: 'add-grant', credentialId, target, roles: ['Manager' as const] } as const;
  await admin<'add-grant'>(here, given);
  succeeded(await region.on(keyId, 'deleteKey', { query: { isForced: true } }));
  test.clock.advance(3 * monthMs);
  await region.tickAll();
  expect(await region.recordOf(keyId)).toMatchObject({ isPurged: true });
  const page = { limit: 200, offset: 0, isTotalWanted: true };
  const list = requestOf(test, 'getRegistrationsAllKeys', { query: page });
  expect(succeeded(await send(here, list)).body.metadata.totalCount).toBe(0);
  const other = await makeKey(test);
  succeeded(await region.on(other, 'createKeyAlias', { subRef: 'alias' }));
  const leave = requestOf(test, 'deleteKeyRing', { subRef: 'ring', query: { isForced: false } });
  succeeded(await send(here, leave));
  await admin<'revoke-api-key'>(here, { kind: 'revoke-api-key', credentialId });
});

it('dates go on in a suspended instance, and end with a deleted one', async () => {
  const { here, instanceId, clock } = region.test;
  const rotated = await region.monthlyKey();
  const deleted = await makeKey(region.test);
  succeeded(await region.on(deleted, 'deleteKey', { query: {} }));
  await admin<'suspend-instance'>(here, { kind: 'suspend-instance', instanceId });
  clock.advance(monthMs);
  await region.tickAll();
  expect(await region.versionsOf(rotated)).toBe(2);
  const gone = { kind: 'delete-instance', instanceId, name: 'demo', isWithKeys: true } as const;
  await admin<'delete-instance'>(here, gone);
  const before = [await region.recordOf(rotated), await region.recordOf(deleted)];
  clock.advance(2 * monthMs);
  await region.settle();
  expect([await region.recordOf(rotated), await region.recordOf(deleted)]).toEqual(before);
  expect(await region.total('purge', 'overtaken')).toBeGreaterThan(0);
});
