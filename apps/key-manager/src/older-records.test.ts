// A region whose registers were written before there were key rings by number, policies, grants on rings and keys, registrations and
// work by date: everything that came later must find them as they are.
import { beforeEach, expect, it } from 'vitest';
import type { OperationName, OperationRequest } from '@zonehold/api-contract';
import type { RegisterId } from '@zonehold/caspaxos';
import { ScheduledRegion } from './testing/scheduled-region.ts';
import {
  admin,
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  succeeded,
  type Success,
} from './testing/key-managers.ts';

const dayMs = 86_400_000;
const instanceMembers = [
  ...['instanceId', 'accountId', 'name', 'createdAtMs', 'sealedInstanceKey', 'grants'],
];
const apiKeyMembers = [
  ...['credentialId', 'name', 'secretSha256', 'iamId', 'accountId', 'createdAtMs', 'isRevoked'],
];
const keyMembers = [
  ...['isPurged', 'id', 'instanceId', 'name', 'state', 'isExtractable', 'isImported', 'keyRingId'],
  ...['createdAtMs', 'createdBy', 'updatedAtMs', 'deletedAtMs', 'deletedBy', 'versions'],
  ...['lastActionAtMs', 'operations', 'creation', 'tokenTail'],
];
const tombstoneMembers = [
  ...['isPurged', 'id', 'instanceId', 'purgedAtMs', 'operations', 'creation', 'tokenTail'],
];
const lineMembers = ['s', 'r', 'e', 'i', 'n', 'c', 'u', 'd'];

let region: ScheduledRegion;
let keyRef: string;
let instanceId: string;

type Members = Readonly<Record<string, unknown>>;

const only = (record: Members, names: readonly string[]): Members =>
  Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)));

/** Leaves of a register's record what older versions wrote; `added` is what they wrote and nobody writes any more. */
async function strip(id: RegisterId, names: readonly string[], added: Members = {}): Promise<void> {
  const { here } = region.test;
  await here.operations.store.change(
    id,
    (text) => {
      const record = { ...only(JSON.parse(text!) as Members, names), ...added };
      const value = JSON.stringify(record);
      return { kind: 'write', value, summary: lineOf(record), result: undefined };
    },
    region.soon(),
  );
}

/** Of a key: its line in the list. */
function lineOf(record: Members): string | null {
  if (record['state'] === undefined) return null;
  const {
    state: s,
    keyRingId: r,
    name: n,
    createdAtMs: c,
    updatedAtMs: u,
    deletedAtMs: d,
  } = record;
  return JSON.stringify(only({ s, r, e: 0, i: 0, n, c, u, d }, lineMembers));
}

const stripKey = (keyId: string): Promise<void> =>
  strip({ scope: instanceId, name: `key/${keyId}` }, keyMembers);

const ask = async (
  operation: OperationName,
  members: Partial<OperationRequest> = {},
): Promise<Success> =>
  succeeded(await send(region.test.elsewhere, requestOf(region.test, operation, members)));

beforeEach(async () => {
  region = await ScheduledRegion.start();
  ({ instanceId } = region.test);
  keyRef = await makeKey(region.test);
  await stripKey(keyRef);
  await strip({ scope: instanceId, name: 'instance' }, instanceMembers);
  const { credentialId } = region.test.manager;
  await strip({ scope: 'identity', name: `apikey/${credentialId}` }, apiKeyMembers, {
    instances: { [instanceId]: ['Manager'] },
  });
});

it('a key of old is listed, counted, used and changed as any other', async () => {
  const { clock } = region.test;
  const query = { limit: 200, offset: 0, sort: [], isTotalWanted: true };
  expect((await ask('getKeys', { query })).body.resources[0].id).toBe(keyRef);
  expect((await ask('getKeyCollectionMetadata', { query: {} })).headers['Key-Total']).toBe('1');
  const { ciphertext } = (await ask('wrapKey', { keyRef, body: { aad: [] } })).body;
  await ask('rotateKey', { keyRef, body: {} });
  await ask('unwrapKey', { keyRef, body: { ciphertext, aad: [] } });
  await ask('createKeyRing', { subRef: 'ring' });
  await ask('patchKey', { keyRef, body: { keyRingId: 'ring' } });
  await ask('createKeyAlias', { keyRef, subRef: 'alias' });
  await ask('getKeyMetadata', { keyRef: 'alias', keyRingId: 'ring' });
  await ask('putPolicy', {
    ...{ keyRef, query: {} },
    body: { rotation: { isEnabled: true, intervalMonths: 1 } },
  });
  await ask('disableKey', { keyRef });
  clock.advance(3_600_000);
  await ask('enableKey', { keyRef });
  clock.advance(3_600_000);
  await ask('syncAssociatedResources', { keyRef });
  await ask('deleteKey', { keyRef, query: {} });
  clock.advance(30_000);
  await ask('restoreKey', { keyRef, body: {} });
});

it('an instance of old takes policies, an import token, registrations and grants, and lets its API key of old go', async () => {
  await ask('putInstancePolicy', { body: { dualAuthDelete: { isEnabled: true } } });
  await ask('getInstancePolicy');
  await ask('postImportToken', { body: { lifetimeS: 600, retrievalsMax: 1 } });
  await ask('getImportToken');
  const { here, manager } = region.test;
  const { credentialId } = manager;
  const service = 'cloud-object-storage';
  const subRef = `crn:v1:bluemix:public:${service}:global:a/${'a'.repeat(32)}:5a3f:bucket:b`;
  const caller = { ...callerOf(manager), service };
  await ask('createRegistration', { keyRef, caller, subRef, body: {} });
  const page = { limit: 200, offset: 0, isTotalWanted: true };
  const { metadata } = (await ask('getRegistrationsAllKeys', { query: page })).body;
  expect(metadata.totalCount).toBe(1);
  await admin<'add-grant'>(here, {
    ...({ kind: 'add-grant', credentialId, roles: ['KeyPurge'] } as const),
    target: { instanceId, keyId: keyRef },
  });
  await admin<'revoke-api-key'>(here, { kind: 'revoke-api-key', credentialId });
  const wrap = requestOf(region.test, 'wrapKey', { keyRef, body: { aad: [] } });
  expect(refusalOf(await send(here, wrap))).toBe('UNAUTHORIZED_ERR');
});

it('an instance of old is suspended, resumed, and deleted for ever', async () => {
  const { here } = region.test;
  const wrap = requestOf(region.test, 'wrapKey', { keyRef, body: { aad: [] } });
  await admin<'suspend-instance'>(here, { kind: 'suspend-instance', instanceId });
  expect(refusalOf(await send(here, wrap))).toBe('INSTANCE_SUSPENDED_ERR');
  await admin<'resume-instance'>(here, { kind: 'resume-instance', instanceId });
  succeeded(await send(here, wrap));
  await admin<'suspend-instance'>(here, { kind: 'suspend-instance', instanceId });
  await admin<'delete-instance'>(here, {
    ...({ kind: 'delete-instance', instanceId, name: 'demo', isWithKeys: true } as const),
  });
  expect(refusalOf(await send(here, wrap))).toBe('UNAUTHORIZED_ERR');
});

it('a deleted key of old is purged by date, and its tombstone of old stays one', async () => {
  await ask('deleteKey', { keyRef, query: {} });
  await stripKey(keyRef);
  region.test.clock.advance(90 * dayMs);
  await region.tickAll();
  expect(await region.recordOf(keyRef)).toMatchObject({ isPurged: true });
  await strip({ scope: instanceId, name: `key/${keyRef}` }, tombstoneMembers);
  for (const operation of ['getKey', 'purgeKey', 'restoreKey'] as const) {
    const caller = callerOf(await region.test.credential('Manager', 'KeyPurge'));
    const request = requestOf(region.test, operation, { keyRef, caller, body: {} });
    expect(refusalOf(await send(region.test.here, request))).toBe('KEY_NOT_FOUND_ERR');
  }
});
