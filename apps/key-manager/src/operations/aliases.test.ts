// Aliases over two zones: a key by its alias, one key for each alias, and what races and crashes leave behind (reference §13).
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationName, OperationReply, OperationRequest } from '@zonehold/api-contract';
import { KmsError } from '@zonehold/primitives';
import {
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  slowedManager,
  startRegion,
  succeeded,
  type TestManager,
  type TestRegion,
} from '../testing/key-managers.ts';

let test: TestRegion;
let keyRef: string;
type Members = Partial<OperationRequest>;
const hourMs = 3_600_000;

beforeEach(async () => {
  test = await startRegion();
  keyRef = await makeKey(test);
});

const on = (operation: OperationName, members: Members = {}): OperationRequest =>
  requestOf(test, operation, { keyRef, ...members });
const give = (subRef: string, members: Members = {}, manager = test.here) =>
  send(manager, on('createKeyAlias', { subRef, ...members }));
const take = (subRef: string, members: Members = {}) =>
  send(test.elsewhere, on('deleteKeyAlias', { subRef, ...members }));
const create = (aliases: readonly string[], members: Members = {}, manager = test.here) =>
  send(
    manager,
    requestOf(test, 'createKey', {
      body: { name: 'a key', isExtractable: false, aliases },
      ...members,
    }),
  );
const token = (value: string, parametersHash = 'p') =>
  ({ kind: 'idempotency-key', value, parametersHash }) as const;

async function idOf(reply: Promise<OperationReply>): Promise<string> {
  return succeeded(await reply).body.resources[0].id;
}

/** The key that an alias leads to, as the other zone sees it. */
async function keyBehind(alias: string): Promise<string | undefined> {
  const reply = await send(test.elsewhere, on('getKeyMetadata', { keyRef: alias }));
  if (reply.ok) return succeeded(reply).body.resources[0].id;
  expect(refusalOf(reply)).toBe('KEY_NOT_FOUND_ERR');
  return undefined;
}

async function aliasesOf(id: string): Promise<readonly string[] | undefined> {
  return succeeded(await send(test.elsewhere, on('getKeyMetadata', { keyRef: id }))).body
    .resources[0].aliases;
}

/** A key-manager that dies before its first change of a register whose name begins so. */
function dyingBefore(prefix: string): TestManager {
  return slowedManager(test, ({ name }) => {
    if (name.startsWith(prefix)) throw new KmsError('UNAVAILABLE', 'the process is gone');
    return Promise.resolve();
  });
}

describe('an alias', () => {
  it('is answered 201 with key, alias, maker and date, and the key shows it', async () => {
    const { status, body } = succeeded(await give('payroll'));
    expect(status).toBe(201);
    expect(body).toEqual({
      metadata: { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 1 },
      resources: [
        {
          keyId: keyRef,
          alias: 'payroll',
          createdBy: test.manager.iamId,
          creationDate: `${new Date(test.clock.wallMs()).toISOString().slice(0, 19)}Z`,
        },
      ],
    });
    expect(await aliasesOf(keyRef)).toEqual(['payroll']);
    const query = { limit: 200, offset: 0, sort: [], isTotalWanted: false };
    const list = succeeded(await send(test.elsewhere, requestOf(test, 'getKeys', { query })));
    expect(list.body.resources[0].aliases).toEqual(['payroll']);
  });

  it('stands for the key in every operation, with its capitals as they are', async () => {
    succeeded(await give('payroll'));
    const byAlias = (operation: OperationName, members: Members = {}) =>
      send(test.elsewhere, on(operation, { keyRef: 'payroll', ...members }));
    const wrapped = succeeded(await byAlias('wrapKey', { body: { aad: [] } })).body;
    const unwrap = { body: { ciphertext: wrapped.ciphertext, aad: [] } };
    expect(succeeded(await byAlias('unwrapKey', unwrap)).body.plaintext).toBe(wrapped.plaintext);
    for (const operation of ['rotateKey', 'disableKey', 'deleteKey'] as const) {
      expect(succeeded(await byAlias(operation, { body: {} })).status).toBe(204);
    }
    expect(await keyBehind('payroll')).toBe(keyRef);
    expect(await keyBehind('Payroll')).toBeUndefined();
    expect(refusalOf(await byAlias('wrapKey', { keyRingId: 'other' }))).toBe('KEY_NOT_FOUND_ERR');
  });

  it('may name the key that gets another', async () => {
    succeeded(await give('payroll'));
    succeeded(await give('wages', { keyRef: 'payroll' }));
    expect(await aliasesOf(keyRef)).toEqual(['payroll', 'wages']);
  });

  it('leads nowhere when nobody has it, or when no alias could be called so', async () => {
    for (const alias of ['nobody', 'x', 'a/b', '../rings', 'keys', 'ä'.repeat(200)]) {
      expect(await keyBehind(alias)).toBeUndefined();
    }
  });

  it('is another in another instance', async () => {
    succeeded(await give('payroll'));
    const { instanceId } = await startRegion();
    const request = on('getKeyMetadata', { keyRef: 'payroll', instanceId });
    expect(refusalOf(await send(test.here, request))).toBe('UNAUTHORIZED_ERR');
  });

  it('does not delay what counts from the last action', async () => {
    succeeded(await send(test.here, on('disableKey')));
    test.clock.advance(20_000);
    succeeded(await give('payroll'));
    test.clock.advance(10_000);
    succeeded(await send(test.here, on('enableKey')));
  });

  it('needs a Writer, to be made and to be deleted', async () => {
    const reader = { caller: callerOf(await test.credential('ReaderPlus')) };
    const writer = { caller: callerOf(await test.credential('Writer')) };
    expect(refusalOf(await give('payroll', reader))).toBe('UNAUTHORIZED_ERR');
    succeeded(await give('payroll', writer));
    expect(refusalOf(await take('payroll', reader))).toBe('UNAUTHORIZED_ERR');
    succeeded(await take('payroll', writer));
  });
});

describe('is refused', () => {
  it('an alias that a key of the instance has, the same or another', async () => {
    const otherId = await makeKey(test);
    succeeded(await give('payroll'));
    for (const members of [{}, { keyRef: otherId }]) {
      expect(refusalOf(await give('payroll', members, test.elsewhere))).toBe(
        'KEY_ALIAS_NOT_UNIQUE_ERR',
      );
    }
    expect(refusalOf(await create(['payroll']))).toBe('KEY_ALIAS_NOT_UNIQUE_ERR');
    expect([await aliasesOf(otherId), await keyBehind('payroll')]).toEqual([undefined, keyRef]);
  });

  it('a sixth alias of one key, until another is deleted', async () => {
    for (const alias of ['a1', 'a2', 'a3', 'a4', 'a5']) succeeded(await give(alias));
    expect(refusalOf(await give('a6'))).toBe('KEY_ALIAS_LIMIT_ERR');
    succeeded(await take('a3'));
    succeeded(await give('a6'));
    expect(await aliasesOf(keyRef)).toEqual(['a1', 'a2', 'a4', 'a5', 'a6']);
  });

  it('an alias for a key that does not exist or is deleted', async () => {
    const stranger = '6f8b3c3e-3f4b-4b2e-9d7e-0c6a1d2e3f40';
    expect(refusalOf(await give('payroll', { keyRef: stranger }))).toBe('KEY_NOT_FOUND_ERR');
    succeeded(await send(test.here, on('deleteKey')));
    expect(refusalOf(await give('payroll'))).toBe('KEY_DELETED_ERR');
    expect(await idOf(create(['payroll']))).toBe(await keyBehind('payroll'));
  });

  it('the end of an alias that the key does not have', async () => {
    const otherId = await makeKey(test);
    succeeded(await give('payroll'));
    expect(refusalOf(await take('payroll', { keyRef: otherId }))).toBe('KEY_ALIAS_NOT_FOUND_ERR');
    expect(refusalOf(await take('wages'))).toBe('KEY_ALIAS_NOT_FOUND_ERR');
    expect(refusalOf(await take('payroll', { keyRef: 'wages' }))).toBe('KEY_NOT_FOUND_ERR');
  });
});

describe('an alias is free', () => {
  it('at once in every zone when it is deleted, and the key’s last one leaves no list', async () => {
    const otherId = await makeKey(test);
    succeeded(await give('payroll'));
    expect(succeeded(await take('payroll')).status).toBe(204);
    expect([await keyBehind('payroll'), await aliasesOf(keyRef)]).toEqual([undefined, undefined]);
    succeeded(await give('payroll', { keyRef: otherId }));
    expect(await keyBehind('payroll')).toBe(otherId);
    expect(refusalOf(await give('payroll'))).toBe('KEY_ALIAS_NOT_UNIQUE_ERR');
    succeeded(await take('payroll', { keyRef: otherId }));
    succeeded(await give('payroll'));
    expect(await keyBehind('payroll')).toBe(keyRef);
  });

  it('when its key is purged, not while it is only deleted, and a restored key has it still', async () => {
    succeeded(await give('payroll'));
    succeeded(await send(test.here, on('deleteKey')));
    expect(refusalOf(await create(['payroll']))).toBe('KEY_ALIAS_NOT_UNIQUE_ERR');
    test.clock.advance(4 * hourMs);
    succeeded(await send(test.here, on('restoreKey', { keyRef: 'payroll' })));
    expect(await aliasesOf(keyRef)).toEqual(['payroll']);
    succeeded(await send(test.here, on('deleteKey')));
    test.clock.advance(4 * hourMs);
    const purger = callerOf(await test.credential('KeyPurge'));
    const purge = on('purgeKey', { caller: purger, keyRef: 'payroll', token: token('purge') });
    expect(succeeded(await send(test.here, purge)).status).toBe(204);
    expect(await keyBehind('payroll')).toBeUndefined();
    expect(succeeded(await send(test.elsewhere, purge)).status).toBe(204);
    expect(await idOf(create(['payroll']))).toBe(await keyBehind('payroll'));
  });
});

describe('a repeat', () => {
  it('of an alias is answered as the first time, in any zone and after it was deleted', async () => {
    const first = succeeded(await give('payroll', { token: token('once') }));
    test.clock.advance(5_000);
    expect(succeeded(await give('payroll', { token: token('once') }, test.elsewhere))).toEqual(
      first,
    );
    succeeded(await take('payroll'));
    expect(succeeded(await give('payroll', { token: token('once') }))).toEqual(first);
    expect(await keyBehind('payroll')).toBeUndefined();
    expect(refusalOf(await give('wages', { token: token('once', 'q') }))).toBe(
      'IDEMPOTENCY_MISMATCH_ERR',
    );
  });

  it('of a delete is answered 204, although the alias that it names is the one it took', async () => {
    succeeded(await give('payroll'));
    const members = { keyRef: 'payroll', token: token('once') };
    expect(succeeded(await take('payroll', members)).status).toBe(204);
    expect(succeeded(await take('payroll', members)).status).toBe(204);
    expect(refusalOf(await take('payroll', { keyRef: 'payroll' }))).toBe('KEY_NOT_FOUND_ERR');
  });

  it('with one Correlation-Id for everything is a new wish once the alias was deleted', async () => {
    const correlation = (value: string) =>
      ({ kind: 'correlation', value, parametersHash: value }) as const;
    succeeded(await give('payroll', { token: correlation('give') }));
    succeeded(await take('payroll', { token: correlation('take') }));
    succeeded(await give('payroll', { token: correlation('give') }));
    expect(await keyBehind('payroll')).toBe(keyRef);
  });
});

describe('a create with aliases', () => {
  it('makes a key that shows them and is found by them', async () => {
    const { status, body } = succeeded(await create(['payroll', 'wages']));
    const [{ id, aliases }] = body.resources;
    expect([status, aliases]).toEqual([201, ['payroll', 'wages']]);
    expect([await keyBehind('payroll'), await keyBehind('wages')]).toEqual([id, id]);
    succeeded(await give('third', { keyRef: id }));
    expect(await aliasesOf(id)).toEqual(['payroll', 'wages', 'third']);
  });

  it('that is refused for one alias seals nothing, makes no key and keeps the others free', async () => {
    succeeded(await give('payroll'));
    const sealed = test.crypto.countOf('sealMaterial');
    expect(refusalOf(await create(['wages', 'payroll']))).toBe('KEY_ALIAS_NOT_UNIQUE_ERR');
    expect(test.crypto.countOf('sealMaterial')).toBe(sealed);
    expect(await keyBehind('wages')).toBeUndefined();
    succeeded(await give('wages'));
    expect(await keyBehind('wages')).toBe(keyRef);
  });

  it('is one key for one token, in two zones at once', async () => {
    const members = { token: token('once') };
    const ids = await Promise.all([
      idOf(create(['payroll'], members)),
      idOf(create(['payroll'], members, test.elsewhere)),
    ]);
    expect(ids[0]).toBe(ids[1]);
    expect(await keyBehind('payroll')).toBe(ids[0]);
  });
});

describe('many at once', () => {
  it('give an alias to exactly one key', async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, () => makeKey(test)));
    const replies = await Promise.all(
      ids.map((id, at) =>
        give('payroll', { keyRef: id }, at % 2 === 0 ? test.here : test.elsewhere),
      ),
    );
    const listing: string[] = [];
    for (const id of ids) if ((await aliasesOf(id)) !== undefined) listing.push(id);
    expect(replies.filter(({ ok }) => ok).length).toBe(listing.length);
    expect(listing).toHaveLength(1);
    expect(await keyBehind('payroll')).toBe(listing[0]);
    for (const reply of replies.filter(({ ok }) => !ok)) {
      expect(['KEY_ALIAS_NOT_UNIQUE_ERR', 'CONTENTION_ERR']).toContain(refusalOf(reply));
    }
  });

  it('make exactly one key with it', async () => {
    const replies = await Promise.all(
      Array.from({ length: 4 }, (_, at) =>
        create(['payroll'], {}, at % 2 === 0 ? test.here : test.elsewhere),
      ),
    );
    const made = replies.filter(({ ok }) => ok);
    expect(made).toHaveLength(1);
    const [reply] = made;
    expect(await keyBehind('payroll')).toBe(reply && succeeded(reply).body.resources[0].id);
  });

  it('give one key several, and none beyond the fifth', async () => {
    const names = Array.from({ length: 7 }, (_, at) => `alias-${at}`);
    const replies = [];
    for (const alias of names) {
      const [reply] = await Promise.all([give(alias), give(`${alias}-too`, {}, test.elsewhere)]);
      replies.push(reply);
    }
    const aliases = (await aliasesOf(keyRef)) ?? [];
    expect(aliases).toHaveLength(5);
    for (const alias of aliases) expect(await keyBehind(alias)).toBe(keyRef);
  });
});

describe('a crash between the two registers', () => {
  it('leaves an alias that leads nowhere and that any key may have; the repeat finishes it', async () => {
    const dying = dyingBefore('key/');
    await expect(give('payroll', { token: token('once') }, dying)).rejects.toThrow('gone');
    expect([await keyBehind('payroll'), await aliasesOf(keyRef)]).toEqual([undefined, undefined]);
    succeeded(await give('payroll', { token: token('once') }));
    expect(await keyBehind('payroll')).toBe(keyRef);
    const otherId = await makeKey(test);
    await expect(give('wages', {}, dyingBefore('key/'))).rejects.toThrow('gone');
    succeeded(await give('wages', { keyRef: otherId }));
    expect(await keyBehind('wages')).toBe(otherId);
  });

  it('of a create leaves no key; the repeat makes it', async () => {
    const members = { token: token('once') };
    await expect(create(['payroll'], members, dyingBefore('key/'))).rejects.toThrow('gone');
    expect(await keyBehind('payroll')).toBeUndefined();
    expect(await idOf(create(['payroll'], members))).toBe(await keyBehind('payroll'));
  });

  it('of a create leaves the alias to others; the repeat then is told that it is taken', async () => {
    const members = { token: token('once') };
    await expect(create(['payroll'], members, dyingBefore('key/'))).rejects.toThrow('gone');
    succeeded(await give('payroll'));
    for (const manager of [test.here, test.elsewhere]) {
      expect(refusalOf(await create(['payroll'], members, manager))).toBe(
        'KEY_ALIAS_NOT_UNIQUE_ERR',
      );
    }
    expect(await keyBehind('payroll')).toBe(keyRef);
  });

  it('in the claim, whose outcome nobody knows, is not applied: no key was changed', async () => {
    const unsure = slowedManager(test, ({ name }) => {
      if (name.startsWith('alias/')) throw new KmsError('OUTCOME_UNKNOWN', 'nobody can say');
      return Promise.resolve();
    });
    await expect(give('payroll', {}, unsure)).rejects.toMatchObject({ outcome: 'not-applied' });
  });
});

describe('a request that comes late', () => {
  it('finds its claim void, and that another key has the alias', async () => {
    const otherId = await makeKey(test);
    let isFirst = true;
    const late = slowedManager(test, async ({ name }) => {
      if (name !== `key/${keyRef}` || !isFirst) return;
      isFirst = false;
      succeeded(await give('payroll', { keyRef: otherId }));
    });
    expect(refusalOf(await give('payroll', {}, late))).toBe('KEY_ALIAS_NOT_UNIQUE_ERR');
    expect([await aliasesOf(keyRef), await aliasesOf(otherId)]).toEqual([undefined, ['payroll']]);
  });

  it('of a create finds the same, and makes no key', async () => {
    let isFirst = true;
    const late = slowedManager(test, async ({ name }) => {
      if (!name.startsWith('key/') || !isFirst) return;
      isFirst = false;
      succeeded(await give('payroll'));
    });
    expect(refusalOf(await create(['payroll'], {}, late))).toBe('KEY_ALIAS_NOT_UNIQUE_ERR');
    expect(await keyBehind('payroll')).toBe(keyRef);
    const count = requestOf(test, 'getKeyCollectionMetadata', { query: {} });
    expect(succeeded(await send(test.here, count)).headers['Key-Total']).toBe('1');
  });

  it('claims anew when its own key got another alias meanwhile', async () => {
    let isFirst = true;
    const late = slowedManager(test, async ({ name }) => {
      if (name !== `key/${keyRef}` || !isFirst) return;
      isFirst = false;
      succeeded(await give('wages'));
    });
    succeeded(await give('payroll', {}, late));
    expect(await aliasesOf(keyRef)).toEqual(['wages', 'payroll']);
    expect(await keyBehind('payroll')).toBe(keyRef);
  });
});
