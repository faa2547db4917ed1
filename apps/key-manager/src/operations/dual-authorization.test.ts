// setKeyForDeletion, unsetKeyForDeletion and delete of a key that needs two persons, over two zones.
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationName, OperationRequest } from '@zonehold/api-contract';
import type { RegisterStore } from '@zonehold/caspaxos';
import {
  admin,
  callerOf,
  makeKey,
  openManager,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestRegion,
} from '../testing/key-managers.ts';

const day = 24 * 3_600_000;
let test: TestRegion;
let keyRef: string;
let second: OperationRequest['caller'];

beforeEach(async () => {
  test = await startRegion();
  keyRef = await makeKey(test);
  second = callerOf(await test.credential('Manager'));
  const body = { dualAuthDelete: { isEnabled: true } };
  succeeded(await send(test.here, on('putPolicy', { body, query: {} })));
});

const on = (operation: OperationName, members: Partial<OperationRequest> = {}) =>
  requestOf(test, operation, { keyRef, ...members });

async function dualAuthDelete() {
  const reply = await send(test.elsewhere, on('getKeyMetadata'));
  return succeeded(reply).body.resources[0].dualAuthDelete;
}

describe('a key that needs two persons', () => {
  it('is deleted by the second one, in whichever zone', async () => {
    expect(await dualAuthDelete()).toEqual({ enabled: true, keySetForDeletion: false });
    expect(refusalOf(await send(test.here, on('deleteKey')))).toBe('AUTHORIZATIONS_NOT_MET');
    expect(succeeded(await send(test.here, on('setKeyForDeletion'))).status).toBe(204);
    expect(refusalOf(await send(test.elsewhere, on('deleteKey')))).toBe('AUTHORIZATIONS_NOT_MET');
    const deletion = on('deleteKey', { caller: second, prefer: 'representation' });
    const { body } = succeeded(await send(test.elsewhere, deletion));
    expect(body.resources[0]).toMatchObject({ state: 5, deletedBy: second.iamId });
    expect(await dualAuthDelete()).toEqual({ enabled: true, keySetForDeletion: false });
  });

  it('shows until when it is set for deletion, and lapses silently after seven days', async () => {
    const setAtMs = test.clock.wallMs();
    succeeded(await send(test.here, on('setKeyForDeletion')));
    const authExpiration = `${new Date(setAtMs + 7 * day).toISOString().slice(0, 19)}Z`;
    expect(await dualAuthDelete()).toEqual({
      enabled: true,
      keySetForDeletion: true,
      authExpiration,
    });
    test.clock.advance(7 * day);
    expect(await dualAuthDelete()).toEqual({ enabled: true, keySetForDeletion: false });
    const late = await send(test.here, on('deleteKey', { caller: second }));
    expect(refusalOf(late)).toBe('AUTHORIZATIONS_NOT_MET');
    expect(succeeded(await send(test.here, on('wrapKey', { body: { aad: [] } }))).status).toBe(200);
  });

  it('is not deleted after the first one took it back', async () => {
    succeeded(await send(test.here, on('setKeyForDeletion')));
    expect(succeeded(await send(test.elsewhere, on('unsetKeyForDeletion'))).status).toBe(204);
    const refused = await send(test.here, on('deleteKey', { caller: second }));
    expect(refusalOf(refused)).toBe('AUTHORIZATIONS_NOT_MET');
  });

  it('is not deleted when the authorization is taken back between the read of a delete and its round', async () => {
    succeeded(await send(test.here, on('setKeyForDeletion')));
    const { memory, clock, crypto } = test;
    let isFirst = true;
    const late = openManager({
      memory,
      clock,
      crypto,
      decorate: (store: RegisterStore) => ({
        ...store,
        read: (ids, deadline) => store.read(ids, deadline),
        list: (scope, deadline) => store.list(scope, deadline),
        change: async (id, change, deadline) => {
          if (isFirst) succeeded(await send(test.here, on('unsetKeyForDeletion')));
          isFirst = false;
          return store.change(id, change, deadline);
        },
      }),
    });
    const refused = await send(late, on('deleteKey', { caller: second }));
    expect(refusalOf(refused)).toBe('AUTHORIZATIONS_NOT_MET');
  });

  it('has no erasure on record after a delete that was refused', async () => {
    expect(refusalOf(await send(test.here, on('deleteKey')))).toBe('AUTHORIZATIONS_NOT_MET');
    const listed = await admin<'list-erasures'>(test.here, { kind: 'list-erasures' });
    expect(listed.total).toBe(0);
  });
});

describe('the first person', () => {
  it('is a Writer or a Manager', async () => {
    const writer = callerOf(await test.credential('Writer'));
    const reader = callerOf(await test.credential('ReaderPlus'));
    for (const operation of ['setKeyForDeletion', 'unsetKeyForDeletion'] as const) {
      const refused = await send(test.here, on(operation, { caller: reader }));
      expect(refusalOf(refused)).toBe('UNAUTHORIZED_ERR');
      expect(succeeded(await send(test.here, on(operation, { caller: writer }))).status).toBe(204);
    }
  });

  it('is refused where the policy is missing', async () => {
    keyRef = await makeKey(test);
    for (const operation of ['setKeyForDeletion', 'unsetKeyForDeletion'] as const) {
      expect(refusalOf(await send(test.here, on(operation)))).toBe('NOT_DUAL_AUTH_ERR');
    }
  });

  it('who repeats the request gets the same answer and no longer time', async () => {
    const request = on('setKeyForDeletion');
    succeeded(await send(test.here, request));
    const before = await dualAuthDelete();
    test.clock.advance(day);
    expect(succeeded(await send(test.elsewhere, request)).status).toBe(204);
    expect(await dualAuthDelete()).toEqual(before);
  });
});

describe('a repeat of the deletion', () => {
  it('is answered as the first time, though the authorization is used up', async () => {
    succeeded(await send(test.here, on('setKeyForDeletion')));
    const deletion = on('deleteKey', { caller: second });
    const replies = await Promise.all([send(test.here, deletion), send(test.elsewhere, deletion)]);
    expect(replies.map((reply) => succeeded(reply).status)).toEqual([204, 204]);
    expect(succeeded(await send(test.elsewhere, deletion)).status).toBe(204);
  });

  it('after a restore needs a new authorization', async () => {
    succeeded(await send(test.here, on('setKeyForDeletion')));
    succeeded(await send(test.here, on('deleteKey', { caller: second })));
    test.clock.advance(31_000);
    succeeded(await send(test.here, on('restoreKey')));
    const refused = await send(test.here, on('deleteKey', { caller: second }));
    expect(refusalOf(refused)).toBe('AUTHORIZATIONS_NOT_MET');
  });
});
