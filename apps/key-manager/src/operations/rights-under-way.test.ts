// What changes between the look at rights or lists and the answer: the later word counts.
import { beforeEach, expect, it } from 'vitest';
import type { OperationRequest, RegistrationBody } from '@zonehold/api-contract';
import type { RegisterStore } from '@zonehold/caspaxos';
import {
  admin,
  callerOf,
  makeKey,
  openManager,
  refusalOf,
  requestOf,
  send,
  slowedManager,
  startRegion,
  succeeded,
  type Credential,
  type TestManager,
  type TestRegion,
} from '../testing/key-managers.ts';

const service = 'cloud-object-storage';
const subRef = `crn:v1:bluemix:public:${service}:global:a/${'a'.repeat(32)}:5a3f:bucket:b`;
const page = { limit: 200, offset: 0, sort: [], isTotalWanted: false };

let test: TestRegion;
let guest: Credential;
let keyRef: string;

beforeEach(async () => {
  test = await startRegion();
  for (const ring of ['theirs', 'other']) {
    succeeded(await send(test.here, requestOf(test, 'createKeyRing', { subRef: ring })));
  }
  keyRef = await makeKey(test);
  await move('theirs');
  guest = await test.credential('Reader');
  const { instanceId } = test;
  const { credentialId } = guest;
  const grant = { kind: 'add-grant', credentialId, roles: ['Reader' as const] } as const;
  await admin<'add-grant'>(test.here, { ...grant, target: { instanceId, keyRingId: 'theirs' } });
  const whole = { kind: 'remove-grant', credentialId, target: { instanceId } } as const;
  await admin<'remove-grant'>(test.here, whole);
  const register = { caller: { ...callerOf(test.manager), service }, keyRef, subRef, body: {} };
  succeeded(await send(test.here, requestOf(test, 'createRegistration', register)));
});

async function move(keyRingId: string): Promise<void> {
  const body = { keyRingId };
  succeeded(await send(test.here, requestOf(test, 'patchKey', { keyRef, body })));
}

/** A key-manager that reads keys, or registrations with their keys, for a page only after `before` is done. */
function slowReader(before: () => Promise<void>): TestManager {
  const { memory, clock, crypto } = test;
  const isOfPage = (name = ''): boolean => name.startsWith('key/') || name.includes('/');
  let done: Promise<void> | undefined;
  const decorate = (store: RegisterStore): RegisterStore => ({
    ...store,
    list: (scope, deadline) => store.list(scope, deadline),
    change: (id, change, deadline) => store.change(id, change, deadline),
    read: async (ids, deadline) => {
      if (isOfPage(ids[0]?.name)) await (done ??= before());
      return store.read(ids, deadline);
    },
  });
  return openManager({ memory, clock, crypto, decorate });
}

const ask = (
  operation: OperationRequest['operation'],
  query: object = page,
  caller = callerOf(guest),
): OperationRequest => requestOf(test, operation, { caller, query });

const shownBy = async (manager: TestManager, request: OperationRequest): Promise<number> => {
  const { body } = succeeded(await send(manager, request));
  return ((body.resources as unknown as readonly RegistrationBody[] | undefined) ?? []).length;
};

it.each(['getKeys', 'getRegistrationsAllKeys'] as const)(
  '%s shows nothing of a key that has left the ring while the page was read',
  async (operation) => {
    expect(
      await shownBy(
        slowReader(async () => undefined),
        ask(operation),
      ),
    ).toBe(1);
    expect(
      await shownBy(
        slowReader(() => move('other')),
        ask(operation),
      ),
    ).toBe(0);
  },
);

it('a page of registrations shows none that is no longer what was asked for', async () => {
  const retained = { ...page, preventsKeyDeletion: false };
  const retain = async (): Promise<void> => {
    const caller = { ...callerOf(test.manager), service };
    const body = { preventsKeyDeletion: true };
    const members = { caller, keyRef, subRef, body };
    succeeded(await send(test.here, requestOf(test, 'updateRegistration', members)));
  };
  const request = ask('getRegistrationsAllKeys', retained);
  expect(
    await shownBy(
      slowReader(async () => undefined),
      request,
    ),
  ).toBe(1);
  expect(await shownBy(slowReader(retain), request)).toBe(0);
});

it('a policy of the instance is not set by who has lost the right before the round', async () => {
  const second = await test.credential('Manager');
  const slowed = slowedManager(test, async ({ name }) => {
    if (name !== 'instance') return;
    await admin<'remove-grant'>(test.here, {
      ...({ kind: 'remove-grant', credentialId: second.credentialId } as const),
      target: { instanceId: test.instanceId },
    });
  });
  const body = { allowedNetwork: { isEnabled: true, network: 'private-only' } };
  const put = requestOf(test, 'putInstancePolicy', { caller: callerOf(second), body });
  expect(refusalOf(await send(slowed, put))).toBe('UNAUTHORIZED_ERR');
  succeeded(await send(test.elsewhere, requestOf(test, 'getKeyMetadata', { keyRef })));
});
