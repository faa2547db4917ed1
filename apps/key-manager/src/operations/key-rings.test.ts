// Key rings over two zones: what is in them, who may change them, and what a race leaves behind (reference §1.3, §6.6, §12).
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationName, OperationReply, OperationRequest } from '@zonehold/api-contract';
import { keyRingsMax } from '@zonehold/key-domain';
import { Deadline } from '@zonehold/primitives';
import {
  callerOf,
  openManager,
  refusalOf,
  requestOf,
  send,
  slowedManager,
  startRegion,
  succeeded,
  type AnswerBody,
  type TestManager,
  type TestRegion,
} from '../testing/key-managers.ts';

let test: TestRegion;
type Members = Partial<OperationRequest>;

beforeEach(async () => {
  test = await startRegion();
});

const on = (operation: OperationName, members: Members = {}): OperationRequest =>
  requestOf(test, operation, members);
const ring = (subRef: string, members: Members = {}): Promise<OperationReply> =>
  send(test.here, on('createKeyRing', { subRef, ...members }));
const endRing = (subRef: string, isForced = false, members: Members = {}) =>
  send(test.elsewhere, on('deleteKeyRing', { subRef, query: { isForced }, ...members }));
const move = (keyRef: string, keyRingId: string, members: Members = {}) =>
  send(test.elsewhere, on('patchKey', { keyRef, body: { keyRingId }, ...members }));

async function keyIn(keyRingId: string, manager: TestManager = test.here): Promise<string> {
  const body = { name: 'a key', isExtractable: false };
  const reply = await send(manager, on('createKey', { keyRingId, body }));
  return succeeded(reply).body.resources[0].id;
}

async function rings(query: object = {}): Promise<AnswerBody> {
  const page = { limit: 100, offset: 0, isTotalWanted: false, ...query };
  return succeeded(await send(test.elsewhere, on('listKeyRings', { query: page }))).body;
}
const idsOf = ({ resources }: Partial<AnswerBody>) => (resources ?? []).map(({ id }) => id);

async function listed(keyRingId?: string, states: readonly number[] = [1, 2, 3, 5]) {
  const query = { limit: 200, offset: 0, sort: [], isTotalWanted: false, states };
  const members = keyRingId === undefined ? { query } : { query, keyRingId };
  return idsOf(succeeded(await send(test.elsewhere, on('getKeys', members))).body);
}

async function ringOf(keyRef: string): Promise<string> {
  const reply = await send(test.elsewhere, on('getKeyMetadata', { keyRef }));
  return succeeded(reply).body.resources[0].keyRingID;
}

describe('the list of rings', () => {
  it('begins with default, which has an id only', async () => {
    expect(await rings()).toEqual({
      metadata: { collectionType: 'application/vnd.ibm.kms.key_ring+json', collectionTotal: 1 },
      resources: [{ id: 'default' }],
    });
  });

  it('goes on with the others in the order of their making, page by page', async () => {
    for (const id of ['zebra', 'ape', 'lion']) expect(succeeded(await ring(id)).status).toBe(201);
    const all = await rings({ isTotalWanted: true });
    expect(idsOf(all)).toEqual(['default', 'zebra', 'ape', 'lion']);
    expect(all.metadata).toMatchObject({ collectionTotal: 4, totalCount: 4 });
    expect(all.resources[1]).toEqual({
      id: 'zebra',
      creationDate: `${new Date(test.clock.wallMs()).toISOString().slice(0, 19)}Z`,
      createdBy: test.manager.iamId,
    });
    expect(idsOf(await rings({ limit: 2, offset: 3 }))).toEqual(['lion']);
    expect((await rings({ offset: 9 })).metadata.collectionTotal).toBe(0);
  });
});

describe('a ring', () => {
  it('is made once, by many zones at once too', async () => {
    const replies = await Promise.all(
      Array.from({ length: 6 }, (_, at) =>
        send(at % 2 === 0 ? test.here : test.elsewhere, on('createKeyRing', { subRef: 'ring-a' })),
      ),
    );
    expect(replies.filter(({ ok }) => ok)).toHaveLength(1);
    const [refused] = replies.filter(({ ok }) => !ok);
    expect(refused && refusalOf(refused)).toBe('KEY_RING_NOT_UNIQUE_ERR');
  });

  it('is answered 201 without a body, and again for the same token in another zone', async () => {
    const token = { kind: 'idempotency-key', value: 'once', parametersHash: 'p' } as const;
    const first = succeeded(await ring('ring-a', { token }));
    expect([first.status, first.body]).toEqual([201, undefined]);
    const again = await send(test.elsewhere, on('createKeyRing', { subRef: 'ring-a', token }));
    expect(succeeded(again)).toEqual(first);
    const other = { ...token, parametersHash: 'q' };
    expect(refusalOf(await ring('ring-b', { token: other }))).toBe('IDEMPOTENCY_MISMATCH_ERR');
  });

  it('has a limit, decided in one register: two zones together do not pass it', async () => {
    const made = await Promise.all(
      Array.from({ length: keyRingsMax + 4 }, (_, at) =>
        send(at % 2 === 0 ? test.here : test.elsewhere, on('createKeyRing', { subRef: `r-${at}` })),
      ),
    );
    expect(made.filter(({ ok }) => ok)).toHaveLength(keyRingsMax);
    expect(refusalOf(await ring('one-more'))).toBe('KEY_RING_LIMIT_ERR');
  });

  it('default can be neither made nor deleted, and an unknown one not deleted', async () => {
    expect(refusalOf(await ring('default'))).toBe('KEY_RING_NOT_UNIQUE_ERR');
    expect(refusalOf(await endRing('default'))).toBe('KEY_RING_RESERVED_ERR');
    for (const id of ['unknown', 'constructor', '']) {
      expect(refusalOf(await endRing(id))).toBe('KEY_RING_NOT_FOUND_ERR');
    }
  });

  it('is listed by a Reader, made by a Writer and deleted by a Manager', async () => {
    const reader = { caller: callerOf(await test.credential('Reader')) };
    const writer = { caller: callerOf(await test.credential('Writer')) };
    expect(refusalOf(await ring('ring-a', reader))).toBe('UNAUTHORIZED_ERR');
    succeeded(await ring('ring-a', writer));
    const query = { limit: 100, offset: 0, isTotalWanted: false };
    succeeded(await send(test.here, on('listKeyRings', { query, ...reader })));
    expect(refusalOf(await endRing('ring-a', false, writer))).toBe('UNAUTHORIZED_ERR');
    succeeded(await endRing('ring-a'));
  });

  it('is changed and listed whatever ring the header names', async () => {
    succeeded(await ring('ring-a', { keyRingId: 'nowhere' }));
    const query = { limit: 100, offset: 0, isTotalWanted: false };
    succeeded(await send(test.here, on('listKeyRings', { query, keyRingId: 'nowhere' })));
    succeeded(await endRing('ring-a', false, { keyRingId: 'nowhere' }));
  });
});

describe('a key', () => {
  it('is made in the ring that the header names, and in default without one', async () => {
    succeeded(await ring('ring-a'));
    const keyRef = await keyIn('ring-a');
    const other = await keyIn('default');
    expect([await ringOf(keyRef), await ringOf(other)]).toEqual(['ring-a', 'default']);
    expect(await listed('ring-a')).toEqual([keyRef]);
    expect(await listed('default')).toEqual([other]);
    expect(await listed()).toEqual([keyRef, other].toSorted());
    const count = on('getKeyCollectionMetadata', { query: {}, keyRingId: 'ring-a' });
    expect(succeeded(await send(test.here, count)).headers).toEqual({ 'Key-Total': '1' });
  });

  it('is not made in a ring that does not exist, and its repeat is answered although the ring is gone', async () => {
    const body = { name: 'a key', isExtractable: false };
    const token = { kind: 'idempotency-key', value: 'once', parametersHash: 'p' } as const;
    const create = () => send(test.here, on('createKey', { keyRingId: 'ring-a', body, token }));
    expect(refusalOf(await create())).toBe('KEY_RING_NOT_FOUND_ERR');
    expect(test.crypto.countOf('sealMaterial')).toBe(0);
    succeeded(await ring('ring-a'));
    const { id } = succeeded(await create()).body.resources[0];
    succeeded(await move(id, 'default'));
    succeeded(await endRing('ring-a'));
    expect(succeeded(await create()).body.resources[0].id).toBe(id);
  });

  it('is found by operations that name its ring or none, and by no other', async () => {
    succeeded(await ring('ring-a'));
    const keyRef = await keyIn('ring-a');
    const wrap = (members: Members) =>
      send(test.elsewhere, on('wrapKey', { keyRef, body: { aad: [] }, ...members }));
    succeeded(await wrap({}));
    succeeded(await wrap({ keyRingId: 'ring-a' }));
    for (const keyRingId of ['default', 'unknown', 'RING-A']) {
      expect(refusalOf(await wrap({ keyRingId }))).toBe('KEY_NOT_FOUND_ERR');
      const disable = on('disableKey', { keyRef, keyRingId });
      expect(refusalOf(await send(test.here, disable))).toBe('KEY_NOT_FOUND_ERR');
    }
  });
});

describe('a move', () => {
  it('answers 200 with the full key, and lists follow it', async () => {
    succeeded(await ring('ring-a'));
    const keyRef = await keyIn('default');
    const { status, body } = succeeded(await move(keyRef, 'ring-a', { keyRingId: 'default' }));
    expect(status).toBe(200);
    expect(body.resources[0]).toMatchObject({ id: keyRef, keyRingID: 'ring-a', state: 1 });
    expect(body.resources[0]).not.toHaveProperty('payload');
    expect([await listed('ring-a'), await listed('default')]).toEqual([[keyRef], []]);
    succeeded(await move(keyRef, 'default'));
    expect(await ringOf(keyRef)).toBe('default');
  });

  it('is refused to a ring that does not exist, for a key that is deleted, unknown or in another ring', async () => {
    succeeded(await ring('ring-a'));
    const keyRef = await keyIn('default');
    expect(refusalOf(await move(keyRef, 'nowhere'))).toBe('KEY_RING_NOT_FOUND_ERR');
    expect(refusalOf(await move(keyRef, 'ring-a', { keyRingId: 'ring-a' }))).toBe(
      'KEY_NOT_FOUND_ERR',
    );
    succeeded(await send(test.here, on('deleteKey', { keyRef })));
    expect(refusalOf(await move(keyRef, 'ring-a'))).toBe('KEY_DELETED_ERR');
    const stranger = '6f8b3c3e-3f4b-4b2e-9d7e-0c6a1d2e3f40';
    expect(refusalOf(await move(stranger, 'ring-a'))).toBe('KEY_NOT_FOUND_ERR');
  });

  it('needs Manager, and a grant on the key alone is none on the ring', async () => {
    succeeded(await ring('ring-a'));
    const keyRef = await keyIn('default');
    const writer = { caller: callerOf(await test.credential('Writer')) };
    expect(refusalOf(await move(keyRef, 'ring-a', writer))).toBe('UNAUTHORIZED_ERR');
    const friend = { credentialId: 'ApiKey-friend', iamId: 'x', accountId: 'x' };
    await test.here.operations.keys.change(
      test.instanceId,
      keyRef,
      (current) => {
        if (current === undefined || current.isPurged) throw new Error('there is no key');
        const record = {
          ...current,
          grants: { [friend.credentialId]: { roles: ['Manager'] as const } },
        };
        return { kind: 'write', record, result: undefined };
      },
      Deadline.after(test.clock, 1_000),
    );
    expect(refusalOf(await move(keyRef, 'ring-a', { caller: friend }))).toBe('UNAUTHORIZED_ERR');
  });

  it('is answered as the first time when it is repeated, although the key has left the ring it names', async () => {
    succeeded(await ring('ring-a'));
    const keyRef = await keyIn('default');
    const token = { kind: 'correlation', value: 'c', parametersHash: 'p' } as const;
    const first = succeeded(await move(keyRef, 'ring-a', { keyRingId: 'default', token }));
    const request = on('patchKey', { keyRef, body: { keyRingId: 'ring-a' }, token });
    const again = await send(test.here, { ...request, keyRingId: 'default' });
    expect(succeeded(again)).toEqual(first);
  });
});

describe('a key of a ring that was made while it is looked at', () => {
  it('is shown in that ring, or where it was before, never in default where it was not', async () => {
    succeeded(await ring('ring-a'));
    const keyRef = await keyIn('ring-a');
    const { memory, clock, crypto } = test;
    const reader = openManager({
      ...{ memory, clock, crypto },
      decorate: (store) => ({
        ...store,
        read: (ids, deadline) => store.read(ids, deadline),
        list: async (scope, deadline) => {
          succeeded(await ring('ring-b'));
          succeeded(await move(keyRef, 'ring-b'));
          return store.list(scope, deadline);
        },
      }),
    });
    const query = { limit: 200, offset: 0, sort: [], isTotalWanted: false };
    const [key] = succeeded(await send(reader, on('getKeys', { query }))).body.resources;
    expect(key.keyRingID).toBe('ring-b');
  });
});

describe('the end of a ring', () => {
  it('is refused while a key is in it, whatever its state, and allowed when it has left', async () => {
    succeeded(await ring('ring-a'));
    const keyRef = await keyIn('ring-a');
    expect(refusalOf(await endRing('ring-a'))).toBe('KEY_RING_NOT_EMPTY_ERR');
    expect(refusalOf(await endRing('ring-a', true))).toBe('KEY_RING_NOT_EMPTY_ERR');
    succeeded(await send(test.here, on('deleteKey', { keyRef })));
    expect(refusalOf(await endRing('ring-a'))).toBe('KEY_RING_NOT_EMPTY_ERR');
    expect(idsOf(await rings())).toContain('ring-a');
    succeeded(await ring('ring-b'));
    expect(succeeded(await endRing('ring-b')).status).toBe(204);
    expect(idsOf(await rings())).not.toContain('ring-b');
    const list = on('getKeys', { keyRingId: 'ring-b', query: {} });
    expect(refusalOf(await send(test.here, list))).toBe('KEY_RING_NOT_FOUND_ERR');
  });

  it('by force takes Destroyed keys to default, where they stay when the id is used again', async () => {
    succeeded(await ring('ring-a'));
    const keyRef = await keyIn('ring-a');
    succeeded(await send(test.here, on('deleteKey', { keyRef })));
    expect(succeeded(await endRing('ring-a', true)).status).toBe(204);
    expect([await ringOf(keyRef), await listed('default', [5])]).toEqual(['default', [keyRef]]);
    succeeded(await ring('ring-a'));
    expect([await ringOf(keyRef), await listed('ring-a')]).toEqual(['default', []]);
    test.clock.advance(31_000);
    const restored = await send(test.here, on('restoreKey', { keyRef, keyRingId: 'default' }));
    expect(succeeded(restored).body.resources[0].keyRingID).toBe('default');
  });

  it('is answered again for the same token', async () => {
    succeeded(await ring('ring-a'));
    const token = { kind: 'correlation', value: 'c', parametersHash: 'p' } as const;
    expect(succeeded(await endRing('ring-a', false, { token })).status).toBe(204);
    expect(succeeded(await endRing('ring-a', false, { token })).status).toBe(204);
    expect(refusalOf(await endRing('ring-a'))).toBe('KEY_RING_NOT_FOUND_ERR');
  });
});

describe('a race with the end of a ring leaves no key in a ring that is not there', () => {
  it('a key that another zone is making then is in default', async () => {
    succeeded(await ring('ring-a'));
    const maker = slowedManager(test, async ({ name }) => {
      if (name.startsWith('key/')) succeeded(await endRing('ring-a'));
    });
    const keyRef = await keyIn('ring-a', maker);
    expect(await ringOf(keyRef)).toBe('default');
    expect(await listed('default')).toEqual([keyRef]);
    succeeded(await ring('ring-a'));
    expect(await listed('ring-a')).toEqual([]);
  });

  it('a key that is made after the ring was looked into is in default', async () => {
    succeeded(await ring('ring-a'));
    let keyRef = '';
    const ender = slowedManager(test, async ({ name }) => {
      if (name === 'rings') keyRef = await keyIn('ring-a');
    });
    const end = on('deleteKeyRing', { subRef: 'ring-a', query: { isForced: false } });
    expect(succeeded(await send(ender, end)).status).toBe(204);
    expect(await ringOf(keyRef)).toBe('default');
  });

  it('a key that is moved into it then is in default, and its repeat says so', async () => {
    succeeded(await ring('ring-a'));
    const keyRef = await keyIn('default');
    const mover = slowedManager(test, async () => {
      succeeded(await endRing('ring-a'));
    });
    succeeded(await send(mover, on('patchKey', { keyRef, body: { keyRingId: 'ring-a' } })));
    expect(await ringOf(keyRef)).toBe('default');
  });

  it('a ring that got the id meanwhile is not deleted unseen', async () => {
    succeeded(await ring('ring-a'));
    let keyRef = '';
    let isFirst = true;
    const ender = slowedManager(test, async ({ name }) => {
      if (name !== 'rings' || !isFirst) return;
      isFirst = false;
      succeeded(await endRing('ring-a'));
      succeeded(await ring('ring-a'));
      keyRef = await keyIn('ring-a');
    });
    const end = on('deleteKeyRing', { subRef: 'ring-a', query: { isForced: false } });
    expect(refusalOf(await send(ender, end))).toBe('KEY_RING_NOT_FOUND_ERR');
    expect(await ringOf(keyRef)).toBe('ring-a');
  });
});
