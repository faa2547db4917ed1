// The life of an instance: suspended, resumed, deleted for ever; what its callers see of it in every zone, and what is left of it.
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationName, OperationRequest } from '@zonehold/api-contract';
import { Deadline, systemRandom } from '@zonehold/primitives';
import { createMemoryStore } from '@zonehold/testkit';
import { openEraser, TestCaches, TestFiles } from '../testing/erasures.ts';
import {
  admin,
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

const minuteMs = 60_000;
let test: TestRegion;
let keyRef: string;

beforeEach(async () => {
  test = await startRegion();
  keyRef = await makeKey(test);
});

const soon = () => Deadline.after(test.clock, 1_000);
const on = (operation: OperationName, members: Partial<OperationRequest> = {}) =>
  requestOf(test, operation, { keyRef, body: { aad: [] }, ...members });
const suspend = (by = test.here) =>
  admin<'suspend-instance'>(by, { kind: 'suspend-instance', instanceId: test.instanceId });
const resume = (by = test.here) =>
  admin<'resume-instance'>(by, { kind: 'resume-instance', instanceId: test.instanceId });
const remove = (over: { name?: string; isWithKeys?: boolean } = {}, by = test.here) =>
  admin<'delete-instance'>(by, {
    ...({ kind: 'delete-instance', instanceId: test.instanceId, name: 'demo' } as const),
    isWithKeys: true,
    ...over,
  });

async function removed(): Promise<void> {
  await suspend();
  await remove();
}

describe('a suspended instance', () => {
  it('is refused in every zone once the suspension has returned, and serves again once it is resumed', async () => {
    expect((await suspend(test.elsewhere)).state).toBe('suspended');
    await suspend();
    for (const by of [test.here, test.elsewhere]) {
      for (const operation of ['wrapKey', 'getKeys', 'createKey', 'listKeyRings'] as const) {
        expect(refusalOf(await send(by, on(operation)))).toBe('INSTANCE_SUSPENDED_ERR');
      }
    }
    expect((await resume()).state).toBe('active');
    await resume(test.elsewhere);
    for (const by of [test.here, test.elsewhere]) succeeded(await send(by, on('wrapKey')));
  });

  it('is told only to whoever has the right, and after what is wrong with the form', async () => {
    await suspend();
    const caller = { ...callerOf(test.manager), credentialId: 'ApiKey-nobody' };
    expect(refusalOf(await send(test.here, on('wrapKey', { caller })))).toBe('UNAUTHORIZED_ERR');
    const refusal = { code: 'INVALID_FIELD_ERR' } as const;
    expect(refusalOf(await send(test.here, on('wrapKey', { refusal })))).toBe('INVALID_FIELD_ERR');
  });
});

describe('an instance that is to be deleted', () => {
  it('must be suspended, be called by its name, and hold no key unless that is meant', async () => {
    await expect(remove()).rejects.toMatchObject({ code: 'CONFLICT' });
    await suspend();
    await expect(remove({ name: 'other' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(remove({ isWithKeys: false })).rejects.toThrow('holds 1 keys');
    await resume();
    succeeded(await send(test.elsewhere, on('wrapKey')));
    succeeded(await send(test.here, on('deleteKey')));
    await suspend();
    expect((await remove({ isWithKeys: false })).state).toBe('deleted');
  });

  it('is spared when somebody resumes it before it is gone', async () => {
    await suspend();
    const slow = slowedManager(test, async ({ name }) => {
      if (name === 'instance') await resume();
    });
    await expect(remove({}, slow)).rejects.toMatchObject({ code: 'CONFLICT' });
    succeeded(await send(test.here, on('wrapKey')));
  });

  it('is not found when there is none', async () => {
    const instanceId = '6f8b3c3e-3f4b-4b2e-9d7e-0c6a1d2e3f40';
    const suspension = { kind: 'suspend-instance', instanceId } as const;
    await expect(admin<'suspend-instance'>(test.here, suspension)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const unknown = { kind: 'delete-instance', instanceId, name: 'x', isWithKeys: true } as const;
    await expect(admin<'delete-instance'>(test.here, unknown)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('a deleted instance', () => {
  it('is for everybody as if it had never been, in every zone', async () => {
    for (const by of [test.here, test.elsewhere]) succeeded(await send(by, on('wrapKey')));
    await removed();
    for (const by of [test.here, test.elsewhere]) {
      for (const operation of ['wrapKey', 'getKeys', 'createKey', 'putInstancePolicy'] as const) {
        expect(refusalOf(await send(by, on(operation)))).toBe('UNAUTHORIZED_ERR');
      }
    }
    expect(await admin<'list-instances'>(test.here, { kind: 'list-instances' })).toEqual({
      instances: [],
    });
    await expect(resume()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('leaves no API key a place in it, and deleting it again is done', async () => {
    const { credentialId } = test.manager;
    await removed();
    await remove({}, test.elsewhere);
    const { grants } = await admin<'list-grants'>(test.here, {
      kind: 'list-grants',
      credentialId,
    });
    expect(grants).toEqual([]);
    const { apiKeys } = await admin<'list-api-keys'>(test.here, { kind: 'list-api-keys' });
    expect(apiKeys.map(({ instanceIds }) => instanceIds)).toEqual([[]]);
    await expect(
      admin<'add-grant'>(test.here, {
        ...({ kind: 'add-grant', credentialId, roles: ['Manager'] } as const),
        target: { instanceId: test.instanceId },
      }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('stays deleted when an operation that had begun before ends after it', async () => {
    await suspend();
    await resume();
    const slow: TestManager = slowedManager(test, async ({ name }) => {
      if (name.startsWith('key/')) await removed();
    });
    await send(slow, on('createKey', { body: { name: 'late', isExtractable: false } }));
    expect(refusalOf(await send(test.here, on('getKeys')))).toBe('UNAUTHORIZED_ERR');
    expect(await heldKeys()).toEqual([false, false, false]);
  });
});

/** Whether each acceptor's memory has a sealed instance key anywhere. */
function heldKeys(): Promise<readonly boolean[]> {
  const rows = test.memory.hosts.map(({ state }) => JSON.stringify([...state.registers]));
  return Promise.resolve(rows.map((text) => text.includes('sealedInstanceKey')));
}

describe('crypto-shredding', () => {
  it('takes the instance key from every acceptor, file and cache, and an audit event says so', async () => {
    const { memory, clock } = test;
    const files = new TestFiles(memory);
    const caches = new TestCaches();
    const zones = memory.hosts.map(({ zone }) => zone);
    const store = createMemoryStore({ clock, random: systemRandom, region: memory });
    const eraser = openEraser({ store, zones, clock, aof: files, caches });
    memory.host(zones[2]!).isUp = false;
    await removed();
    memory.host(zones[2]!).isUp = true;
    expect(await heldKeys()).toEqual([false, false, true]);
    const list = () => admin<'list-erasures'>(test.elsewhere, { kind: 'list-erasures' });
    expect((await list()).erasures).toMatchObject([{ kind: 'instance', keyId: 'instance' }]);
    for (let at = 0; at < 4; at += 1) {
      await eraser.controller.pass();
      files.finish();
      clock.advance(minuteMs);
    }
    expect(await heldKeys()).toEqual([false, false, false]);
    expect([...files.asked.keys()]).toEqual(zones);
    expect([...caches.forgotten.values()]).toEqual(Array(6).fill([test.instanceId]));
    expect(eraser.audited).toMatchObject([
      { event: 'erasure.done', kind: 'instance', instanceId: test.instanceId },
    ]);
    expect((await list()).erasures).toEqual([]);
  });

  it('is called off when the instance turns out not to be deleted', async () => {
    const { memory, clock } = test;
    const zones = memory.hosts.map(({ zone }) => zone);
    const store = createMemoryStore({ clock, random: systemRandom, region: memory });
    const files = new TestFiles(memory);
    const caches = new TestCaches();
    const eraser = openEraser({ store, zones, clock, aof: files, caches });
    await test.here.operations.erasures.intendInstance(test.instanceId, clock.wallMs(), soon());
    for (let at = 0; at < 3; at += 1) {
      await eraser.controller.pass();
      clock.advance(minuteMs);
    }
    const listed = await admin<'list-erasures'>(test.here, { kind: 'list-erasures' });
    expect([listed.erasures, eraser.audited, files.asked.size]).toEqual([[], [], 0]);
    succeeded(await send(test.here, on('wrapKey')));
  });

  it('leaves sealed keys that nothing opens but an old copy of the instance register', async () => {
    const { store } = test.here.operations;
    const { instanceId, crypto } = test;
    const ids = [
      { scope: instanceId, name: 'instance' },
      { scope: instanceId, name: `key/${keyRef}` },
    ];
    const valuesOf = async () =>
      (await store.read(ids, soon())).map(({ value }) => JSON.parse(value!) as unknown) as [
        { sealedInstanceKey?: string },
        { versions: { sealedMaterial: string; versionId: string }[] },
      ];
    const [oldInstance] = await valuesOf();
    const { ciphertext } = succeeded(await send(test.here, on('wrapKey'))).body;
    await removed();
    const [instance, key] = await valuesOf();
    expect(instance.sealedInstanceKey).toBeUndefined();
    const unwrapWith = (sealedInstanceKey: string) =>
      crypto.unwrap({
        ...{ sealedInstanceKey, instanceId, keyId: keyRef, ciphertext, aad: [] },
        ...{ versions: [key.versions[0]!] as const, mode: 'unwrap' },
      });
    // The region root is all there: another key for the same instance is as good as can be made of it.
    const { sealedInstanceKey } = await crypto.createInstanceKey({ instanceId });
    await expect(unwrapWith(sealedInstanceKey)).rejects.toMatchObject({ code: 'INTEGRITY' });
    expect(await unwrapWith(oldInstance.sealedInstanceKey!)).toMatchObject({ ok: true });
  });

  it('leaves an import token whose private key nothing opens but an old copy of the instance register', async () => {
    const { store, importTokens } = test.here.operations;
    const { instanceId, crypto } = test;
    await send(test.here, on('postImportToken', { body: { lifetimeS: 600, retrievalsMax: 1 } }));
    const [state] = await store.read([{ scope: instanceId, name: 'instance' }], soon());
    const old = JSON.parse(state!.value!) as { sealedInstanceKey: string };
    await removed();
    const { token } = (await importTokens.read(instanceId, soon()))!;
    const { tokenId, sealedPrivateKey, nonce } = token;
    const importWith = (sealedInstanceKey: string) =>
      crypto.importMaterial({
        ...{ sealedInstanceKey, tokenId, sealedPrivateKey, nonce },
        binding: { instanceId, keyId: keyRef, versionId: keyRef },
        ...{ payload: 'AAAA', encryptedNonce: 'A'.repeat(40), iv: 'A'.repeat(16) },
      });
    const { sealedInstanceKey } = await crypto.createInstanceKey({ instanceId });
    await expect(importWith(sealedInstanceKey)).rejects.toMatchObject({ code: 'INTEGRITY' });
    expect(await importWith(old.sealedInstanceKey)).toMatchObject({ reason: 'undecipherable' });
  });
});
