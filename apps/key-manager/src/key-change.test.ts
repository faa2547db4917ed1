import { beforeEach, describe, expect, it } from 'vitest';
import type { KeyWithPayloadBody, OperationName, OperationRequest } from '@zonehold/api-contract';
import type { Grants } from '@zonehold/key-domain';
import { Deadline, ManualClock } from '@zonehold/primitives';
import type { RegisterId, RegisterStore } from '@zonehold/caspaxos';
import {
  callerOf,
  makeKey,
  openManager,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestManager,
  type TestRegion,
} from './testing/key-managers.ts';

let test: TestRegion;
let keyRef: string;

beforeEach(async () => {
  test = await startRegion();
  keyRef = await makeKey(test);
});

const on = (operation: OperationName, members: Partial<OperationRequest> = {}) =>
  requestOf(test, operation, { keyRef, body: { aad: [] }, ...members });
const versions = { limit: 200, offset: 0, isTotalWanted: true, isAnyStateAllowed: true };

async function versionCount(): Promise<number> {
  const reply = await send(test.here, on('getKeyVersions', { query: versions }));
  return succeeded(reply).body.metadata.totalCount ?? 0;
}

async function metadata(manager: TestManager = test.here): Promise<KeyWithPayloadBody> {
  return succeeded(await send(manager, on('getKeyMetadata'))).body.resources[0];
}

describe('rotate', () => {
  it('answers 204 and puts a new version in front, whose material is new', async () => {
    const wrapped = succeeded(await send(test.here, on('wrapKey'))).body;
    expect(succeeded(await send(test.here, on('rotateKey', { body: {} }))).status).toBe(204);
    expect(await versionCount()).toBe(2);
    const body = { ciphertext: wrapped.ciphertext, aad: [] };
    const opened = succeeded(await send(test.elsewhere, on('unwrapKey', { body }))).body;
    expect(opened.plaintext).toBe(wrapped.plaintext);
    expect(opened.keyVersion.id).toBe(keyRef);
    expect(opened.rewrappedKeyVersion.id).not.toBe(keyRef);
    const again = { ciphertext: opened.ciphertext, aad: [] };
    const fresh = succeeded(await send(test.here, on('unwrapKey', { body: again }))).body;
    expect(fresh.plaintext).toBe(wrapped.plaintext);
    expect(fresh).not.toHaveProperty('ciphertext');
    expect(fresh).not.toHaveProperty('rewrappedKeyVersion');
  });

  it('replays rotate once, in the same zone and in another, and seal nothing', async () => {
    const request = on('rotateKey', { body: {} });
    await Promise.all([send(test.here, request), send(test.elsewhere, request)]);
    const sealed = test.crypto.countOf('sealMaterial');
    expect(succeeded(await send(test.here, request)).status).toBe(204);
    expect(succeeded(await send(test.elsewhere, request)).status).toBe(204);
    expect(test.crypto.countOf('sealMaterial')).toBe(sealed);
    expect(await versionCount()).toBe(2);
  });

  it('many rotations at once add one version: the hour counts from the committed one', async () => {
    const replies = await Promise.all(
      Array.from({ length: 6 }, (_, at) =>
        send(at % 2 === 0 ? test.here : test.elsewhere, on('rotateKey', { body: {} })),
      ),
    );
    expect(replies.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await versionCount()).toBe(2);
    const late = await send(test.here, on('rotateKey', { body: {} }));
    expect(refusalOf(late)).toBe('KEY_ROTATION_NOT_PERMITTED');
  });

  it('of an imported key needs material, of a generated key refuses it', async () => {
    const payload = Buffer.alloc(32, 1).toString('base64');
    const withPayload = on('rotateKey', { body: { payload } });
    expect(refusalOf(await send(test.here, withPayload))).toBe('INVALID_QUERY_PARAM_ERR');
    keyRef = await makeKey(test, { payload });
    expect(refusalOf(await send(test.here, on('rotateKey', { body: {} })))).toBe(
      'KEY_PAYLOAD_REQ_ERR',
    );
  });

  it('an idempotency key that was used for the create is a conflict', async () => {
    const token = { kind: 'idempotency-key', value: 'token', parametersHash: 'create' } as const;
    const body = { name: 'key', isExtractable: false };
    const created = await send(test.here, requestOf(test, 'createKey', { body, token }));
    keyRef = succeeded(created).body.resources[0].id;
    const rotate = on('rotateKey', { body: {}, token: { ...token, parametersHash: 'rotate' } });
    expect(refusalOf(await send(test.here, rotate))).toBe('IDEMPOTENCY_MISMATCH_ERR');
  });
});

describe('disable', () => {
  it('is seen by every zone once it is answered', async () => {
    const wrapped = succeeded(await send(test.elsewhere, on('wrapKey'))).body;
    expect(succeeded(await send(test.here, on('disableKey'))).status).toBe(204);
    const body = { ciphertext: wrapped.ciphertext, aad: [] };
    for (const manager of [test.here, test.elsewhere]) {
      for (const operation of ['wrapKey', 'unwrapKey', 'rewrapKey'] as const) {
        const reply = await send(manager, on(operation, { body }));
        expect(refusalOf(reply)).toBe('KEY_ACTION_INVALID_STATE_ERR');
      }
    }
  });

  it('wins over a concurrent wrap that reads later', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { memory, clock, crypto } = test;
    const waiting = openManager({
      memory,
      clock,
      crypto,
      decorate: (store) => ({
        ...store,
        read: async (ids: readonly RegisterId[], deadline: Deadline) => {
          await gate.promise;
          return store.read(ids, deadline);
        },
      }),
    });
    const wrap = send(waiting, on('wrapKey'));
    succeeded(await send(test.here, on('disableKey')));
    gate.resolve(undefined);
    expect(refusalOf(await wrap)).toBe('KEY_ACTION_INVALID_STATE_ERR');
  });

  it('is decided on the current value: a disable that read before a delete is refused', async () => {
    const { memory, clock, crypto } = test;
    const late = openManager({
      memory,
      clock,
      crypto,
      decorate: (store: RegisterStore) => ({
        ...store,
        read: (ids: readonly RegisterId[], deadline: Deadline) => store.read(ids, deadline),
        change: async (id, change, deadline) => {
          succeeded(await send(test.here, on('deleteKey')));
          return store.change(id, change, deadline);
        },
      }),
    });
    expect(refusalOf(await send(late, on('disableKey')))).toBe('KEY_DELETED_ERR');
  });

  it('is refused when the right to it was taken back between its read and its round', async () => {
    const friend = { credentialId: 'ApiKey-friend', iamId: 'x', accountId: 'x' };
    const { memory, clock, crypto } = test;
    const setGrants = (grants: Grants): Promise<void> =>
      test.here.operations.keys.change(
        test.instanceId,
        keyRef,
        (current) => {
          if (current === undefined || current.isPurged) throw new Error('no key');
          return { kind: 'write', record: { ...current, grants }, result: undefined };
        },
        Deadline.after(clock, 1_000),
      );
    await setGrants({ [friend.credentialId]: { roles: ['Manager'] } });
    const late = openManager({
      memory,
      clock,
      crypto,
      decorate: (store: RegisterStore) => ({
        ...store,
        read: (ids: readonly RegisterId[], deadline: Deadline) => store.read(ids, deadline),
        change: async (id, change, deadline) => {
          await setGrants({});
          return store.change(id, change, deadline);
        },
      }),
    });
    const request = on('disableKey', { caller: friend });
    expect(refusalOf(await send(late, request))).toBe('UNAUTHORIZED_ERR');
    expect((await metadata()).state).toBe(1);
  });

  it('repeated is answered as the first time, and a second one of another request is a conflict', async () => {
    const request = on('disableKey');
    succeeded(await send(test.here, request));
    expect(succeeded(await send(test.elsewhere, request)).status).toBe(204);
    const second = await send(test.here, on('disableKey'));
    expect(refusalOf(second)).toBe('KEY_ACTION_INVALID_STATE_ERR');
  });

  it('is a request of its own under the idempotency key that somebody else has used', async () => {
    const token = { kind: 'idempotency-key', value: 'ours', parametersHash: 'p' } as const;
    succeeded(await send(test.here, on('disableKey', { token })));
    succeeded(await send(test.here, on('disableKey', { token })));
    const caller = callerOf(await test.credential('Manager'));
    const others = (operation: OperationName, parametersHash: string) =>
      on(operation, { caller, token: { ...token, parametersHash } });
    expect(refusalOf(await send(test.here, others('disableKey', 'p')))).toBe(
      'KEY_ACTION_INVALID_STATE_ERR',
    );
    test.clock.advance(30_000);
    succeeded(await send(test.here, others('enableKey', 'q')));
  });

  it('is for Managers, and for root keys', async () => {
    const caller = callerOf(await test.credential('Writer'));
    expect(refusalOf(await send(test.here, on('disableKey', { caller })))).toBe('UNAUTHORIZED_ERR');
    keyRef = await makeKey(test, { isExtractable: true });
    expect(refusalOf(await send(test.here, on('disableKey')))).toBe('KEY_ROOT_REQ_ERR');
  });
});

describe('enable', () => {
  it('waits 30 seconds after the disable', async () => {
    succeeded(await send(test.here, on('disableKey')));
    test.clock.advance(29_000);
    expect(refusalOf(await send(test.here, on('enableKey')))).toBe('REQ_TOO_EARLY_ERR');
    test.clock.advance(1_000);
    expect(succeeded(await send(test.elsewhere, on('enableKey'))).status).toBe(204);
    expect(succeeded(await send(test.here, on('wrapKey'))).status).toBe(200);
  });
});

describe('delete and restore', () => {
  it('delete answers 204, or 200 with the key when asked for; the key is gone for cryptography', async () => {
    const other = await makeKey(test);
    expect(succeeded(await send(test.here, on('deleteKey'))).status).toBe(204);
    const represented = on('deleteKey', { keyRef: other, prefer: 'representation' });
    const { status, body } = succeeded(await send(test.here, represented));
    expect(status).toBe(200);
    expect(body.resources[0]).toMatchObject({ state: 5, deleted: true, restoreAllowed: true });
    expect(body.resources[0].deletedBy).toBe(test.manager.iamId);
    expect(refusalOf(await send(test.elsewhere, on('wrapKey')))).toBe('KEY_DELETED_ERR');
    expect(refusalOf(await send(test.elsewhere, on('deleteKey')))).toBe('KEY_DELETED_ERR');
    expect((await metadata(test.elsewhere)).state).toBe(5);
  });

  it('restore answers 201 with the key after 30 seconds, and old ciphertexts open again', async () => {
    const wrapped = succeeded(await send(test.here, on('wrapKey'))).body;
    succeeded(await send(test.here, on('deleteKey')));
    expect(refusalOf(await send(test.here, on('restoreKey')))).toBe('REQ_TOO_EARLY_ERR');
    test.clock.advance(31_000);
    const { status, body } = succeeded(await send(test.elsewhere, on('restoreKey')));
    expect(status).toBe(201);
    expect(body.resources[0].state).toBe(1);
    const unwrap = on('unwrapKey', { body: { ciphertext: wrapped.ciphertext, aad: [] } });
    expect(succeeded(await send(test.here, unwrap)).body.plaintext).toBe(wrapped.plaintext);
  });

  it('the payload of a deleted standard key is withheld', async () => {
    keyRef = await makeKey(test, { isExtractable: true });
    expect(succeeded(await send(test.here, on('getKey'))).body.resources[0].payload).toBeTypeOf(
      'string',
    );
    succeeded(await send(test.here, on('deleteKey')));
    const [key] = succeeded(await send(test.here, on('getKey'))).body.resources;
    expect(key).not.toHaveProperty('payload');
  });
});

describe('times', () => {
  it('never go back when a zone with a slow clock changes the key', async () => {
    test.clock.advance(100_000);
    succeeded(await send(test.here, on('disableKey')));
    const before = (await metadata()).lastUpdateDate;
    const { memory, crypto } = test;
    const slow = openManager({ memory, crypto, clock: new ManualClock() });
    succeeded(await send(slow, on('deleteKey')));
    expect((await metadata()).lastUpdateDate).toBe(before);
  });
});
