// purge on the wire, and what it leaves on record. That the material then goes: erasure/erasure.test.ts.
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationRequest } from '@zonehold/api-contract';
import { Deadline, KmsError } from '@zonehold/primitives';
import {
  callerOf,
  makeKey,
  openManager,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type Credential,
  type TestRegion,
} from '../testing/key-managers.ts';

const hourMs = 3_600_000;

let test: TestRegion;
let purger: Credential;
let keyRef: string;

beforeEach(async () => {
  test = await startRegion();
  purger = await test.credential('KeyPurge');
  keyRef = await makeKey(test, { name: 'payroll', description: 'of the north' });
});

const on = (operation: OperationRequest['operation'], members: Partial<OperationRequest> = {}) =>
  requestOf(test, operation, { keyRef, body: { aad: [] }, ...members });
const purge = (members: Partial<OperationRequest> = {}) =>
  on('purgeKey', { caller: callerOf(purger), ...members });

async function deleteAndWait(): Promise<void> {
  succeeded(await send(test.here, on('deleteKey')));
  test.clock.advance(4 * hourMs);
}

async function registerText(): Promise<string> {
  const id = { scope: test.instanceId, name: `key/${keyRef}` };
  const deadline = Deadline.after(test.clock, 1_000);
  return (await test.here.operations.store.read([id], deadline))[0]?.value ?? '';
}

describe('purge', () => {
  it('answers 204 without a body, and the key is not found by anything any more', async () => {
    await deleteAndWait();
    expect(await registerText()).toContain('sealedMaterial');
    expect(succeeded(await send(test.here, purge()))).toMatchObject({ status: 204 });
    for (const operation of [
      'getKey',
      'getKeyMetadata',
      'restoreKey',
      'deleteKey',
      'wrapKey',
    ] as const) {
      expect(refusalOf(await send(test.elsewhere, on(operation))), operation).toBe(
        'KEY_NOT_FOUND_ERR',
      );
    }
    expect(await registerText()).not.toContain('sealedMaterial');
  });

  it('finds no key by another ring than its own, and no key by an alias that it has given up', async () => {
    succeeded(await send(test.here, on('createKeyRing', { subRef: 'other' })));
    succeeded(await send(test.here, on('createKeyAlias', { subRef: 'given-up' })));
    succeeded(await send(test.here, on('deleteKeyAlias', { subRef: 'given-up' })));
    await deleteAndWait();
    for (const members of [{ keyRingId: 'other' }, { keyRef: 'given-up' }]) {
      expect(refusalOf(await send(test.here, purge(members)))).toBe('KEY_NOT_FOUND_ERR');
    }
    expect(await registerText()).toContain('sealedMaterial');
  });

  it('answers 200 with the key as it was when a representation is preferred', async () => {
    await deleteAndWait();
    const { status, body } = succeeded(await send(test.here, purge({ prefer: 'representation' })));
    expect(status).toBe(200);
    expect(body.resources[0]).toMatchObject({
      id: keyRef,
      state: 5,
      name: 'payroll',
      purgeAllowed: true,
    });
  });

  it('needs the KeyPurge role, which no other role contains', async () => {
    await deleteAndWait();
    expect(refusalOf(await send(test.here, on('purgeKey')))).toBe('UNAUTHORIZED_ERR');
  });

  it('is refused before four hours have passed since the delete, and says how long to wait', async () => {
    succeeded(await send(test.here, on('deleteKey')));
    test.clock.advance(4 * hourMs - 1_000);
    const early = await send(test.here, purge());
    expect(refusalOf(early)).toBe('REQ_TOO_EARLY_ERR');
    expect(JSON.stringify(early)).toContain('4h0m0s');
    test.clock.advance(1_000);
    succeeded(await send(test.here, purge()));
  });

  it('is refused for a key that is not deleted, and leaves no erasure on record', async () => {
    expect(refusalOf(await send(test.here, purge()))).toBe('KEY_ACTION_INVALID_STATE_ERR');
    const deadline = Deadline.after(test.clock, 1_000);
    expect(await test.here.operations.erasures.list('erasure', deadline)).toEqual([]);
  });

  it('does not find a key that never was, nor one that was purged by another request', async () => {
    await deleteAndWait();
    const stranger = '0b7e64d2-55a1-4c52-8d9e-2f6f1c3a9e44';
    expect(refusalOf(await send(test.here, purge({ keyRef: stranger })))).toBe('KEY_NOT_FOUND_ERR');
    expect(refusalOf(await send(test.here, purge({ keyRef: 'an-alias' })))).toBe(
      'KEY_NOT_FOUND_ERR',
    );
    succeeded(await send(test.here, purge()));
    expect(refusalOf(await send(test.elsewhere, purge()))).toBe('KEY_NOT_FOUND_ERR');
  });
});

describe('a repeated purge', () => {
  const token = { kind: 'idempotency-key', value: 'once', parametersHash: 'p' } as const;

  it('with the same token is answered as the first time, in any zone', async () => {
    await deleteAndWait();
    const request = () => purge({ token, prefer: 'representation' });
    const first = succeeded(await send(test.here, request()));
    const again = succeeded(await send(test.elsewhere, request()));
    expect(again).toEqual(first);
    expect(succeeded(await send(test.here, purge({ token }))).status).toBe(204);
  });

  it('many at once purge once', async () => {
    await deleteAndWait();
    const replies = await Promise.all(
      Array.from({ length: 6 }, (_, at) =>
        send(at % 2 === 0 ? test.here : test.elsewhere, purge({ token, prefer: 'representation' })),
      ),
    );
    const bodies = replies.map((reply) => JSON.stringify(succeeded(reply).body));
    expect(new Set(bodies).size).toBe(1);
  });

  it('with the same token and other parameters is a conflict', async () => {
    await deleteAndWait();
    succeeded(await send(test.here, purge({ token })));
    const other = purge({ token: { ...token, parametersHash: 'q' } });
    expect(refusalOf(await send(test.here, other))).toBe('IDEMPOTENCY_MISMATCH_ERR');
  });

  it('never lets its creation token make the key again', async () => {
    const creation = { kind: 'idempotency-key', value: 'made', parametersHash: 'c' } as const;
    const body = { name: 'key', isExtractable: false };
    const create = () => requestOf(test, 'createKey', { body, token: creation });
    keyRef = succeeded(await send(test.here, create())).body.resources[0].id;
    await deleteAndWait();
    succeeded(await send(test.here, purge()));
    expect(refusalOf(await send(test.here, create()))).toBe('IDEMPOTENCY_MISMATCH_ERR');
  });
});

describe('the erasure is on record before the tombstone', () => {
  it('and a purge whose intent cannot be written is not applied, even if nobody knows about the intent', async () => {
    await deleteAndWait();
    const { memory, clock, crypto } = test;
    const failing = openManager({
      memory,
      clock,
      crypto,
      decorate: (store) => ({
        ...store,
        read: (ids, deadline) => store.read(ids, deadline),
        change: (id, change, deadline) => {
          if (id.scope === 'erasure') throw new KmsError('OUTCOME_UNKNOWN', 'nobody can say');
          return store.change(id, change, deadline);
        },
      }),
    });
    await expect(send(failing, purge())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      outcome: 'not-applied',
    });
    expect(await registerText()).toContain('sealedMaterial');
  });

  it('and so is the end of a deleted key: 30 days after the delete', async () => {
    const deletedAtMs = test.clock.wallMs();
    succeeded(await send(test.here, on('deleteKey')));
    const { erasures } = test.here.operations;
    const [entry] = await erasures.list('erasure-later', Deadline.after(test.clock, 1_000));
    expect(entry?.name).toBe(`${test.instanceId}/${keyRef}`);
    expect(entry?.summary?.dueAtMs).toBe(deletedAtMs + 30 * 24 * hourMs + 1);
  });
});
