// What somebody with all roles on one ring is told of keys that are not there: the same of every key elsewhere, in whatever state, and
// of keys and aliases that never were.
import { beforeAll, expect, it } from 'vitest';
import { operations, type OperationName, type OperationReply } from '@zonehold/api-contract';
import { roleNames } from '@zonehold/key-domain';
import { scopeOf } from './operation-scope.ts';
import {
  admin,
  callerOf,
  makeKey,
  requestOf,
  send,
  startRegion,
  succeeded,
  type Credential,
  type TestRegion,
} from './testing/key-managers.ts';

const service = 'cloud-object-storage';
const crn = `crn:v1:bluemix:public:${service}:global:a/${'a'.repeat(32)}:5a3f:bucket:b`;
const never = '6f8b3c3e-3f4b-4b2e-9d7e-0c6a1d2e3f40';
const page = { limit: 200, offset: 0, isTotalWanted: true };
const bodies: Partial<Record<OperationName, object>> = {
  patchKey: { keyRingId: 'theirs' },
  putPolicy: { dualAuthDelete: { isEnabled: true } },
};
const subRefs: Partial<Record<OperationName, string>> = {
  createKeyAlias: 'taken',
  deleteKeyAlias: 'taken',
};

let test: TestRegion;
let ringManager: Credential;
/** By what they are. */
const strangers = new Map<string, string>();

beforeAll(async () => {
  test = await startRegion();
  const on = async (operation: OperationName, keyRef: string, members = {}): Promise<void> => {
    const request = requestOf(test, operation, { keyRef, body: {}, query: {}, ...members });
    succeeded(await send(test.here, request));
  };
  for (const subRef of ['theirs', 'closed']) {
    succeeded(await send(test.here, requestOf(test, 'createKeyRing', { subRef })));
  }
  const make = async (name: string, members = {}): Promise<string> => {
    const keyId = await makeKey(test, members);
    strangers.set(name, keyId);
    return keyId;
  };
  strangers.set('never made', never).set('an alias that nobody has', 'nobody');
  await make('in use', { aliases: ['taken'] });
  strangers.set('the alias of one', 'taken');
  await make('standard', { isExtractable: true });
  const closed = await make('in a ring that is closed');
  await on('patchKey', closed, { body: { keyRingId: 'closed' } });
  await on('disableKey', await make('suspended'));
  await on('setKeyForDeletion', await makeDual(make));
  const caller = { ...callerOf(test.manager), service };
  await on('createRegistration', await make('registered'), { caller, subRef: crn });
  const purged = await make('purged');
  for (const keyId of [purged, await make('deleted')]) await on('deleteKey', keyId);
  test.clock.advance(4 * 3_600_000);
  await on('purgeKey', purged, { caller: callerOf(await test.credential('KeyPurge')) });
  ringManager = await test.credential('Reader');
  const { credentialId } = ringManager;
  const { instanceId } = test;
  await admin<'add-grant'>(test.here, {
    ...({ kind: 'add-grant', credentialId, roles: [...roleNames] } as const),
    target: { instanceId, keyRingId: 'theirs' },
  });
  const whole = { kind: 'remove-grant', credentialId, target: { instanceId } } as const;
  await admin<'remove-grant'>(test.here, whole);
});

async function makeDual(make: (name: string) => Promise<string>): Promise<string> {
  const keyRef = await make('set for deletion');
  const body = { dualAuthDelete: { isEnabled: true } };
  succeeded(await send(test.here, requestOf(test, 'putPolicy', { keyRef, body, query: {} })));
  return keyRef;
}

const aboutKeys = operations.map(({ name }) => name).filter((name) => scopeOf(name) === 'key');

const told = (operation: OperationName, keyRef: string, members = {}): Promise<OperationReply> => {
  const caller = callerOf(ringManager);
  return send(
    test.elsewhere,
    requestOf(test, operation, {
      ...{ keyRef, caller, subRef: subRefs[operation] ?? crn, query: page },
      ...{ body: bodies[operation] ?? { aad: [], ciphertext: 'AAAA' }, ...members },
    }),
  );
};

const asService = () => ({ caller: { ...callerOf(ringManager), service } });

it.each(aboutKeys)('%s tells of none whether it is there', async (operation) => {
  for (const members of [{}, { keyRingId: 'closed' }, { keyRingId: 'default' }, asService()]) {
    for (const [name, keyRef] of strangers) {
      const reply = await told(operation, keyRef, members);
      expect(reply, name).toEqual({ ok: false, refusal: { code: 'UNAUTHORIZED_ERR' } });
    }
  }
});

it.each(aboutKeys)(
  '%s tells of none whether it is there by a ring of theirs',
  async (operation) => {
    for (const by of [{}, asService()]) {
      const members = { keyRingId: 'theirs', ...by };
      const ofNone = await told(operation, never, members);
      expect(ofNone.ok).toBe(false);
      for (const [name, keyRef] of strangers) {
        expect(await told(operation, keyRef, members), name).toEqual(ofNone);
      }
    }
  },
);
