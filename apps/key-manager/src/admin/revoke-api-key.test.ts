// What is left of a revoked API key: nothing, wherever it was given something, and whoever gives it something meanwhile.
import { beforeEach, describe, expect, it } from 'vitest';
import type { GrantTarget, OperationReply } from '@zonehold/api-contract';
import type { RegisterStore } from '@zonehold/caspaxos';
import { Deadline } from '@zonehold/primitives';
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
  stranger,
  succeeded,
  type Credential,
  type TestManager,
  type TestRegion,
} from '../testing/key-managers.ts';

let test: TestRegion;
let guest: Credential;
let keyRef: string;

beforeEach(async () => {
  test = await startRegion();
  guest = await stranger(test);
  keyRef = await makeKey(test);
});

const add = (target: GrantTarget, who = guest, by = test.here) =>
  admin<'add-grant'>(by, {
    ...({ kind: 'add-grant', credentialId: who.credentialId, target } as const),
    roles: ['Manager'],
  });
const revoke = (who = guest) =>
  admin<'revoke-api-key'>(test.here, { kind: 'revoke-api-key', credentialId: who.credentialId });
const wrap = (who = guest, by: TestManager = test.elsewhere): Promise<OperationReply> =>
  send(by, requestOf(test, 'wrapKey', { caller: callerOf(who), keyRef, body: { aad: [] } }));

describe('a revoked API key', () => {
  it('loses every grant: on the account, in instances, on rings and on keys', async () => {
    const { instanceId } = test;
    const { instances } = await admin<'list-instances'>(test.here, { kind: 'list-instances' });
    const { accountId } = instances.find((instance) => instance.instanceId === instanceId)!;
    const ring = requestOf(test, 'createKeyRing', { subRef: 'ring-a' });
    succeeded(await send(test.here, ring));
    const targets: GrantTarget[] = [
      { accountId },
      { instanceId },
      { instanceId, keyRingId: 'ring-a' },
      { instanceId, keyId: keyRef },
    ];
    for (const target of targets) await add(target);
    await revoke();
    for (const target of targets) {
      const list = { kind: 'list-grants', target } as const;
      const { grants } = await admin<'list-grants'>(test.elsewhere, list);
      expect(grants.filter(({ credentialId }) => credentialId === guest.credentialId)).toEqual([]);
    }
    for (const by of [test.here, test.elsewhere]) {
      expect(refusalOf(await wrap(guest, by))).toBe('UNAUTHORIZED_ERR');
    }
    await expect(add({ instanceId })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('that is from before places were noted loses its grants in instances', async () => {
    const { instanceId } = test;
    await add({ instanceId });
    const { store } = test.here.operations;
    const id = { scope: 'identity', name: `apikey/${guest.credentialId}` };
    await store.change(
      id,
      (text) => {
        const apiKey = JSON.parse(text!) as Readonly<Record<string, unknown>>;
        const older = { ...apiKey, places: undefined, instances: { [instanceId]: ['Manager'] } };
        const value = JSON.stringify(older);
        return { kind: 'write', value, summary: null, result: undefined };
      },
      Deadline.after(test.clock, 1_000),
    );
    succeeded(await wrap());
    expect((await revoke()).instanceIds).toEqual([instanceId]);
    expect(refusalOf(await wrap())).toBe('UNAUTHORIZED_ERR');
  });

  it('loses what it was given while somebody took an earlier grant at the same place', async () => {
    const { instanceId } = test;
    await add({ instanceId });
    const slow = slowedManager(test, async ({ scope }) => {
      if (scope === 'identity') await add({ instanceId });
    });
    const { credentialId } = guest;
    const target = { instanceId };
    await admin<'remove-grant'>(slow, { kind: 'remove-grant', credentialId, target });
    succeeded(await wrap());
    await revoke();
    expect(refusalOf(await wrap())).toBe('UNAUTHORIZED_ERR');
  });

  it('gets nothing from a grant that was under way, wherever the revocation comes in between', async () => {
    const { memory, clock, crypto, instanceId } = test;
    for (const at of [1, 2, 3]) {
      const victim = await stranger(test);
      let changes = 0;
      const slow = openManager({
        ...{ memory, clock, crypto },
        decorate: (store: RegisterStore) => ({
          ...store,
          read: (ids, deadline) => store.read(ids, deadline),
          change: async (id, change, deadline) => {
            changes += 1;
            if (changes === at) await revoke(victim);
            return store.change(id, change, deadline);
          },
        }),
      });
      await expect(add({ instanceId }, victim, slow)).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      expect(refusalOf(await wrap(victim)), `before change ${at}`).toBe('UNAUTHORIZED_ERR');
      expect(changes).toBeGreaterThanOrEqual(at);
    }
  });
});
