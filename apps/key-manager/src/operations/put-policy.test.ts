import { beforeEach, describe, expect, it } from 'vitest';
import type { KeyPolicyBody, OperationReply, OperationRequest } from '@zonehold/api-contract';
import type { KeyPolicyName, KeyPolicyWishes } from '@zonehold/key-domain';
import {
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestRegion,
} from '../testing/key-managers.ts';

let test: TestRegion;
let keyRef: string;

beforeEach(async () => {
  test = await startRegion();
  keyRef = await makeKey(test);
});

const put = (body: KeyPolicyWishes, members: Partial<OperationRequest> = {}): OperationRequest =>
  requestOf(test, 'putPolicy', { keyRef, body, query: {}, ...members });
const get = (policy?: KeyPolicyName): OperationRequest =>
  requestOf(test, 'getPolicy', { keyRef, query: policy === undefined ? {} : { policy } });
const rotation = (intervalMonths: number): KeyPolicyWishes => ({
  rotation: { isEnabled: true, intervalMonths },
});
const dualAuth = { dualAuthDelete: { isEnabled: true } };

function policiesIn(reply: OperationReply): readonly KeyPolicyBody[] {
  const body: unknown = succeeded(reply).body;
  return (body as { resources?: readonly KeyPolicyBody[] }).resources ?? [];
}

async function keyOf(operation: 'getKeyMetadata' | 'getKey' = 'getKeyMetadata') {
  const reply = await send(test.elsewhere, requestOf(test, operation, { keyRef }));
  return succeeded(reply).body.resources[0];
}

describe('the policies of a key', () => {
  it('are none at first: an empty collection without resources', async () => {
    const reply = await send(test.here, get());
    expect(reply).toEqual({
      ok: true,
      status: 200,
      body: {
        metadata: {
          collectionType: 'application/vnd.ibm.kms.policy+json',
          collectionTotal: 0,
        },
      },
    });
    expect(await keyOf()).toMatchObject({ dualAuthDelete: { enabled: false } });
    expect(await keyOf()).not.toHaveProperty('rotation');
  });

  it('are answered with those that were set, and seen from another zone', async () => {
    const reply = await send(test.here, put(rotation(3)));
    const [policy] = policiesIn(reply);
    expect(succeeded(reply).status).toBe(200);
    expect(policy).toEqual({
      type: 'application/vnd.ibm.kms.policy+json',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      crn: (await keyOf()).crn.replace(/key:[^:]*$/, `policy:${policy?.id}`),
      createdBy: test.manager.iamId,
      creationDate: expect.stringMatching(/Z$/),
      updatedBy: test.manager.iamId,
      lastUpdateDate: policy?.creationDate,
      rotation: { enabled: true, interval_month: 3 },
    });
    expect(policiesIn(await send(test.elsewhere, put(dualAuth)))).toMatchObject([
      { dualAuthDelete: { enabled: true } },
    ]);
    expect(policiesIn(await send(test.elsewhere, get()))).toHaveLength(2);
    expect(policiesIn(await send(test.here, get('rotation')))).toEqual([policy]);
    expect(await keyOf()).toMatchObject({
      dualAuthDelete: { enabled: true },
      rotation: { enabled: true, interval_month: 3 },
    });
  });

  it('are set together or not at all', async () => {
    expect(policiesIn(await send(test.here, put({ ...rotation(1), ...dualAuth })))).toHaveLength(2);
    const off = { ...rotation(2), dualAuthDelete: { isEnabled: false } };
    expect(refusalOf(await send(test.here, put(off)))).toBe('INVALID_FIELD_ERR');
    expect(policiesIn(await send(test.elsewhere, get('rotation')))).toMatchObject([
      { rotation: { interval_month: 1 } },
    ]);
  });

  it('of a standard key are no rotation', async () => {
    keyRef = await makeKey(test, { isExtractable: true });
    expect(refusalOf(await send(test.here, put(rotation(3))))).toBe('KEY_ROOT_REQ_ERR');
    expect(policiesIn(await send(test.here, put(dualAuth)))).toHaveLength(1);
  });

  it('of a deleted key are read and not set', async () => {
    succeeded(await send(test.here, put(rotation(3))));
    succeeded(await send(test.here, requestOf(test, 'deleteKey', { keyRef })));
    expect(refusalOf(await send(test.elsewhere, put(rotation(4))))).toBe('KEY_DELETED_ERR');
    expect(policiesIn(await send(test.elsewhere, get()))).toHaveLength(1);
    test.clock.advance(31_000);
    succeeded(await send(test.here, requestOf(test, 'restoreKey', { keyRef })));
    expect(policiesIn(await send(test.elsewhere, get()))).toHaveLength(1);
  });

  it('are for Managers, to be read too', async () => {
    const caller = callerOf(await test.credential('Writer'));
    for (const request of [put(rotation(3), { caller }), { ...get(), caller }]) {
      expect(refusalOf(await send(test.here, request))).toBe('UNAUTHORIZED_ERR');
    }
  });

  it('of a key that does not exist, or that lies in another ring, are not found', async () => {
    const lost = { keyRef: '6f8b3c3e-3f4b-4b2e-9d7e-0c6a1d2e3f40' };
    expect(refusalOf(await send(test.here, put(dualAuth, lost)))).toBe('KEY_NOT_FOUND_ERR');
    const ringed = put(dualAuth, { keyRingId: 'other' });
    expect(refusalOf(await send(test.here, ringed))).toBe('KEY_NOT_FOUND_ERR');
  });
});

describe('the policies of a key in a ring', () => {
  const moveTo = (keyRingId: string): Promise<OperationReply> =>
    send(test.here, requestOf(test, 'patchKey', { keyRef, body: { keyRingId } }));

  beforeEach(async () => {
    succeeded(await send(test.here, requestOf(test, 'createKeyRing', { subRef: 'ring-a' })));
    succeeded(await moveTo('ring-a'));
  });

  it('are set and read under the name of that ring or of none, and move with the key', async () => {
    const named = { keyRingId: 'ring-a' };
    expect(policiesIn(await send(test.elsewhere, put(dualAuth, named)))).toHaveLength(1);
    expect(policiesIn(await send(test.here, put(rotation(2))))).toHaveLength(1);
    const inDefault = { keyRingId: 'default' };
    for (const request of [put(rotation(3), inDefault), { ...get(), ...inDefault }]) {
      expect(refusalOf(await send(test.here, request))).toBe('KEY_NOT_FOUND_ERR');
    }
    succeeded(await moveTo('default'));
    expect(policiesIn(await send(test.elsewhere, { ...get(), ...inDefault }))).toHaveLength(2);
  });

  it('are answered to a repeat that names the ring the key has left meanwhile', async () => {
    const first = put(dualAuth, { keyRingId: 'ring-a' });
    const made = policiesIn(await send(test.here, first));
    succeeded(await moveTo('default'));
    expect(policiesIn(await send(test.elsewhere, first))).toEqual(made);
    const set = requestOf(test, 'setKeyForDeletion', { keyRef, keyRingId: 'ring-a' });
    expect(refusalOf(await send(test.elsewhere, set))).toBe('KEY_NOT_FOUND_ERR');
  });
});

describe('the policies of a key with an alias', () => {
  const alias = (operation: 'createKeyAlias' | 'deleteKeyAlias'): Promise<OperationReply> =>
    send(test.here, requestOf(test, operation, { keyRef, subRef: 'payroll' }));

  it('are set and read by its alias, and answered to a repeat that names one it has lost', async () => {
    succeeded(await alias('createKeyAlias'));
    const first = put(dualAuth, { keyRef: 'payroll' });
    const made = policiesIn(await send(test.here, first));
    expect(made).toHaveLength(1);
    expect(policiesIn(await send(test.elsewhere, { ...get(), keyRef: 'payroll' }))).toEqual(made);
    succeeded(await alias('deleteKeyAlias'));
    expect(policiesIn(await send(test.elsewhere, first))).toEqual(made);
    const set = requestOf(test, 'setKeyForDeletion', { keyRef: 'payroll' });
    expect(refusalOf(await send(test.elsewhere, set))).toBe('KEY_NOT_FOUND_ERR');
  });
});

describe('a repeat of a policy', () => {
  it('is answered as the first time by every zone and undoes no later change', async () => {
    const first = put(rotation(1));
    const [made] = policiesIn(await send(test.here, first));
    expect(policiesIn(await send(test.elsewhere, first))).toEqual([made]);
    test.clock.advance(1_000);
    succeeded(await send(test.here, put(rotation(2))));
    expect(policiesIn(await send(test.elsewhere, first))).toMatchObject([{ id: made?.id }]);
    expect((await keyOf()).rotation).toEqual({ enabled: true, interval_month: 2 });
  });

  it('sent to two zones at once makes one policy', async () => {
    const request = put(dualAuth);
    const replies = await Promise.all([send(test.here, request), send(test.elsewhere, request)]);
    const [one, two] = replies.map(policiesIn);
    expect(one).toEqual(two);
  });
});
