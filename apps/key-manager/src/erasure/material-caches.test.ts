// A key-manager's own caches: what it kept of a key goes when it is asked to forget it.
import { describe, expect, it } from 'vitest';
import { Deadline } from '@zonehold/primitives';
import {
  admin,
  callerOf,
  makeKey,
  requestOf,
  send,
  startRegion,
  succeeded,
} from '../testing/key-managers.ts';
import { createMaterialCaches, forgetRecords } from './material-caches.ts';

describe('a key-manager that is asked to forget', () => {
  it('keeps no record with material of a purged key, although another zone purged it', async () => {
    const test = await startRegion();
    const keyRef = await makeKey(test);
    const { instanceId, clock, here, elsewhere } = test;
    const { operations } = elsewhere;
    const { keys, store } = operations;
    succeeded(await send(elsewhere, requestOf(test, 'wrapKey', { keyRef, body: { aad: [] } })));
    const old = { scope: instanceId, name: `key/${keyRef}` };
    const soon = () => Deadline.after(clock, 1_000);
    const [before] = await store.read([old], soon());
    succeeded(await send(here, requestOf(test, 'deleteKey', { keyRef })));
    clock.advance(4 * 3_600_000);
    const caller = callerOf(await test.credential('KeyPurge'));
    succeeded(await send(here, requestOf(test, 'purgeKey', { keyRef, caller })));
    // What is kept is found by its ballot alone: the text is not looked at.
    const kept = () => keys.decode(instanceId, keyRef, { ...before!, value: '{}' });
    expect(JSON.stringify(kept())).toContain('sealedMaterial');
    await forgetRecords(operations, { keys: [{ instanceId, keyId: keyRef }] }, soon());
    expect(kept).toThrow('the record of another key');
  });

  it('keeps no instance key of a deleted instance, although another zone deleted it', async () => {
    const test = await startRegion();
    const { instanceId, clock, here, elsewhere } = test;
    const { operations } = elsewhere;
    const { instances, store } = operations;
    const soon = () => Deadline.after(clock, 1_000);
    const [before] = await store.read([{ scope: instanceId, name: 'instance' }], soon());
    // What is kept is found by its ballot alone: the text is not looked at.
    const kept = () => instances.decode(instanceId, { ...before!, value: '{}' });
    await instances.read(instanceId, soon());
    expect(kept()?.sealedInstanceKey).toBeDefined();
    await admin<'suspend-instance'>(here, { kind: 'suspend-instance', instanceId });
    const name = 'demo';
    const removal = { kind: 'delete-instance', instanceId, name, isWithKeys: false } as const;
    await admin<'delete-instance'>(here, removal);
    await forgetRecords(operations, { keys: [{ instanceId }] }, soon());
    expect(kept()?.sealedInstanceKey).toBeUndefined();
  });

  it('refuses what is no list of keys', async () => {
    const test = await startRegion();
    for (const body of [
      null,
      {},
      { keys: [{}] },
      { keys: [{ keyId: 'y' }] },
      { keys: [{ instanceId: 'x', keyId: 'y' }] },
    ]) {
      await expect(
        forgetRecords(test.here.operations, body, Deadline.after(test.clock, 1_000)),
      ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });
});

describe('asking other processes', () => {
  it('names one process of one zone, tries no other, and stops when this process ends', async () => {
    const calls: unknown[] = [];
    const ending = new AbortController();
    const caches = createMaterialCaches(
      {
        call: async (service, method, body, { retry, zone }) => {
          calls.push({ service, method, body, retry, zone });
          return { reply: { dropped: 1 } as never, zone: zone ?? '', attempts: 1 };
        },
        close: async () => undefined,
      },
      ending.signal,
    );
    const keys = [{ instanceId: 'i', keyId: 'k' }];
    const test = await startRegion();
    const soon = Deadline.after(test.clock, 1_000);
    await caches.forget('key-manager', 'us-south-3', keys, soon);
    expect(calls).toEqual([
      {
        service: 'key-manager',
        method: 'key-manager.forgetMaterial',
        body: { keys },
        retry: 'none',
        zone: 'us-south-3',
      },
    ]);
    ending.abort();
    await expect(caches.forget('crypto-worker', 'us-south-1', keys, soon)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});
