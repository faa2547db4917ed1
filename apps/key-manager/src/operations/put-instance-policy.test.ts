// Policies of an instance over two zones: kept, shown, and what they mean for keys that are made, rotated and restored after.
import { beforeEach, describe, expect, it } from 'vitest';
import type { InstancePolicyBody, OperationReply, OperationRequest } from '@zonehold/api-contract';
import type {
  InstancePolicyName,
  InstancePolicyWishes,
  KeyCreateImportAccess,
} from '@zonehold/key-domain';
import { Deadline } from '@zonehold/primitives';
import { policyOperationsMax } from '../instance-repository.ts';
import {
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestManager,
  type TestRegion,
} from '../testing/key-managers.ts';

let test: TestRegion;

beforeEach(async () => {
  test = await startRegion();
});

const put = (body: InstancePolicyWishes, members: Partial<OperationRequest> = {}) =>
  requestOf(test, 'putInstancePolicy', { body, query: {}, ...members });
const get = (policy?: InstancePolicyName) =>
  requestOf(test, 'getInstancePolicy', { query: policy === undefined ? {} : { policy } });
const payload = Buffer.alloc(32, 1).toString('base64');

async function set(body: InstancePolicyWishes): Promise<void> {
  expect(succeeded(await send(test.here, put(body))).status).toBe(204);
}

async function policies(
  policy?: InstancePolicyName,
  manager: TestManager = test.elsewhere,
): Promise<readonly InstancePolicyBody[]> {
  const body: unknown = succeeded(await send(manager, get(policy))).body;
  return (body as { resources?: readonly InstancePolicyBody[] }).resources ?? [];
}

function create(body: Readonly<Record<string, unknown>> = {}): Promise<OperationReply> {
  const request = { body: { name: 'a key', isExtractable: false, ...body } };
  return send(test.elsewhere, requestOf(test, 'createKey', request));
}

async function madeWith(body: Readonly<Record<string, unknown>> = {}) {
  const { id } = succeeded(await create(body)).body.resources[0];
  const metadata = requestOf(test, 'getKeyMetadata', { keyRef: id });
  return succeeded(await send(test.here, metadata)).body.resources[0];
}

const limited = (over: Partial<KeyCreateImportAccess>): InstancePolicyWishes => ({
  keyCreateImportAccess: {
    isEnabled: true,
    access: {
      createRootKey: true,
      createStandardKey: true,
      importRootKey: true,
      importStandardKey: true,
      enforceToken: false,
      ...over,
    },
  },
});

describe('the policies of an instance', () => {
  it('are none at first, and then those that were set, in every zone', async () => {
    expect(await policies()).toEqual([]);
    await set({ rotation: { isEnabled: true, intervalMonths: 3 } });
    test.clock.advance(2_000);
    await set({ metrics: { isEnabled: true } });
    await set({ rotation: { isEnabled: true, intervalMonths: 4 } });
    expect(await policies()).toHaveLength(2);
    const [rotation] = await policies('rotation');
    expect(rotation).toEqual({
      creationDate: expect.stringMatching(/Z$/),
      createdBy: test.manager.iamId,
      updatedBy: test.manager.iamId,
      lastUpdated: expect.stringMatching(/Z$/),
      policy_type: 'rotation',
      policy_data: { enabled: true, attributes: { interval_month: 4 } },
    });
    expect(Date.parse(rotation?.lastUpdated ?? '')).toBe(
      Date.parse(rotation?.creationDate ?? '') + 2_000,
    );
  });

  it('are shown with the attributes of their type', async () => {
    await set({
      allowedNetwork: { isEnabled: true, network: 'public-and-private' },
      dualAuthDelete: { isEnabled: true },
      ...limited({ importRootKey: false }),
    });
    const shown = (await policies()).map(({ policy_type, policy_data }) => [
      policy_type,
      policy_data,
    ]);
    expect(Object.fromEntries(shown)).toEqual({
      allowedNetwork: { enabled: true, attributes: { allowed_network: 'public-and-private' } },
      dualAuthDelete: { enabled: true },
      keyCreateImportAccess: {
        enabled: true,
        attributes: {
          create_root_key: true,
          create_standard_key: true,
          import_root_key: false,
          import_standard_key: true,
          enforce_token: false,
        },
      },
    });
  });

  it('that are disabled are shown as such, without attributes', async () => {
    await set({ rotation: { isEnabled: true, intervalMonths: 3 } });
    await set({ rotation: { isEnabled: false } });
    expect((await policies())[0]?.policy_data).toEqual({ enabled: false });
  });

  it('are for Managers, to be read too, and know no ring', async () => {
    const caller = callerOf(await test.credential('Writer'));
    const body = { metrics: { isEnabled: true } };
    for (const request of [put(body, { caller }), { ...get(), caller }]) {
      expect(refusalOf(await send(test.here, request))).toBe('UNAUTHORIZED_ERR');
    }
    const ringed = put(body, { keyRingId: 'other' });
    expect(succeeded(await send(test.here, ringed)).status).toBe(204);
    const read = { ...get(), keyRingId: 'other' };
    expect(succeeded(await send(test.here, read)).status).toBe(200);
  });

  it('take no right from anybody: grants stay as they were', async () => {
    await set({ metrics: { isEnabled: true } });
    const caller = callerOf(await test.credential('Reader'));
    expect(await policies()).toHaveLength(1);
    const list = requestOf(test, 'getKeys', {
      caller,
      query: { limit: 1, offset: 0, sort: [], isTotalWanted: false },
    });
    expect(succeeded(await send(test.here, list)).status).toBe(200);
  });
});

describe('a repeat of an instance policy', () => {
  const interval = async (): Promise<unknown> =>
    (await policies('rotation'))[0]?.policy_data.attributes;
  const rotation = (intervalMonths: number) => ({ rotation: { isEnabled: true, intervalMonths } });

  it('is answered as the first time in every zone and undoes no later change', async () => {
    const first = put(rotation(1));
    succeeded(await send(test.here, first));
    await set(rotation(2));
    expect(succeeded(await send(test.elsewhere, first)).status).toBe(204);
    expect(await interval()).toEqual({ interval_month: 2 });
  });

  it('under an idempotency key of other parameters is a conflict', async () => {
    const token = { kind: 'idempotency-key', value: 'mine', parametersHash: 'one' } as const;
    succeeded(await send(test.here, put(rotation(1), { token })));
    const other = put(rotation(2), { token: { ...token, parametersHash: 'two' } });
    expect(refusalOf(await send(test.elsewhere, other))).toBe('IDEMPOTENCY_MISMATCH_ERR');
    expect(await interval()).toEqual({ interval_month: 1 });
  });

  it('is recognised among the last few changes: the register stays small', async () => {
    for (let round = 0; round < policyOperationsMax + 3; round += 1) await set(rotation(3));
    const deadline = Deadline.after(test.clock, 1_000);
    const [instance] = await test.here.operations.instances.find([test.instanceId], deadline);
    expect(instance?.policyOperations).toHaveLength(policyOperationsMax);
  });
});

describe('keys that are made after', () => {
  it('inherit dual authorization always and rotation as generated root keys', async () => {
    const before = await makeKey(test);
    await set({
      dualAuthDelete: { isEnabled: true },
      rotation: { isEnabled: true, intervalMonths: 6 },
    });
    const dualAuthDelete = { enabled: true, keySetForDeletion: false };
    const root = await madeWith();
    expect(root).toMatchObject({ dualAuthDelete, rotation: { enabled: true, interval_month: 6 } });
    for (const body of [{ isExtractable: true }, { payload }]) {
      const other = await madeWith(body);
      expect(other.dualAuthDelete).toEqual(dualAuthDelete);
      expect(other).not.toHaveProperty('rotation');
    }
    const old = requestOf(test, 'getKeyMetadata', { keyRef: before });
    const [untouched] = succeeded(await send(test.here, old)).body.resources;
    expect(untouched.dualAuthDelete).toEqual({ enabled: false });
    const removal = requestOf(test, 'deleteKey', { keyRef: root.id });
    expect(refusalOf(await send(test.here, removal))).toBe('AUTHORIZATIONS_NOT_MET');
  });

  it('keep what they inherited when the instance gives it up', async () => {
    await set({ dualAuthDelete: { isEnabled: true } });
    const { id } = await madeWith();
    await set({ dualAuthDelete: { isEnabled: false } });
    const metadata = requestOf(test, 'getKeyMetadata', { keyRef: id });
    const [key] = succeeded(await send(test.elsewhere, metadata)).body.resources;
    expect(key.dualAuthDelete.enabled).toBe(true);
    expect((await madeWith()).dualAuthDelete.enabled).toBe(false);
  });
});

describe('keyCreateImportAccess', () => {
  it.each([
    ['createRootKey', {}],
    ['createStandardKey', { isExtractable: true }],
    ['importRootKey', { payload }],
    ['importStandardKey', { isExtractable: true, payload }],
  ])('without %s refuses it with 409 and seals nothing', async (name, body) => {
    await set(limited({ [name]: false }));
    const sealed = test.crypto.countOf('sealMaterial');
    expect(refusalOf(await create(body))).toBe('KEY_CREATE_IMPORT_ACCESS_ERR');
    expect(test.crypto.countOf('sealMaterial')).toBe(sealed);
    await set({ keyCreateImportAccess: { isEnabled: false } });
    expect(succeeded(await create(body)).status).toBe(201);
  });

  it('does not refuse the repeat of a create that was done before', async () => {
    const token = { kind: 'idempotency-key', value: 'mine', parametersHash: 'p' } as const;
    const body = { name: 'a key', isExtractable: false };
    const request = requestOf(test, 'createKey', { body, token });
    const [made] = succeeded(await send(test.here, request)).body.resources;
    await set(limited({ createRootKey: false }));
    const [again] = succeeded(await send(test.elsewhere, request)).body.resources;
    expect(again.id).toBe(made.id);
  });

  it('that enforces tokens takes no bare material: not to import, rotate or restore', async () => {
    const keyRef = await makeKey(test, { payload });
    const generated = await makeKey(test);
    await set(limited({ enforceToken: true }));
    expect(refusalOf(await create({ payload }))).toBe('KEY_CREATE_IMPORT_ACCESS_ERR');
    const rotate = requestOf(test, 'rotateKey', { keyRef, body: { payload } });
    expect(refusalOf(await send(test.here, rotate))).toBe('KEY_CREATE_IMPORT_ACCESS_ERR');
    const plain = requestOf(test, 'rotateKey', { keyRef: generated, body: {} });
    expect(succeeded(await send(test.here, plain)).status).toBe(204);
    succeeded(await send(test.here, requestOf(test, 'deleteKey', { keyRef })));
    test.clock.advance(31_000);
    const withMaterial = requestOf(test, 'restoreKey', { keyRef, body: { hasPayload: true } });
    expect(refusalOf(await send(test.here, withMaterial))).toBe('KEY_CREATE_IMPORT_ACCESS_ERR');
    const bare = requestOf(test, 'restoreKey', { keyRef });
    expect(succeeded(await send(test.elsewhere, bare)).status).toBe(201);
  });
});
