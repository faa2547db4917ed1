// Where requests may come from, over two zones: a policy that was set in one holds in the other at once (promise P2).
import {
  operations,
  type InstancePolicyBody,
  type OperationReply,
  type OperationRequest,
} from '@zonehold/api-contract';
import type { InstancePolicyWishes } from '@zonehold/key-domain';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  admin,
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestRegion,
} from '../testing/key-managers.ts';

const inside = { clientAddress: '192.0.2.7' };
const outside = { clientAddress: '203.0.113.9' };
const listed: InstancePolicyWishes = { allowedIP: { isEnabled: true, cidrs: ['192.0.2.0/24'] } };
const privateOnly: InstancePolicyWishes = {
  allowedNetwork: { isEnabled: true, network: 'private-only' },
};

let test: TestRegion;
let keyRef: string;

beforeEach(async () => {
  test = await startRegion();
  keyRef = await makeKey(test);
});

const put = (body: InstancePolicyWishes, members: Partial<OperationRequest> = {}) =>
  requestOf(test, 'putInstancePolicy', { body, query: {}, ...members });

async function set(body: InstancePolicyWishes, members: Partial<OperationRequest> = {}) {
  expect(succeeded(await send(test.here, put(body, members))).status).toBe(204);
}

const read = (members: Partial<OperationRequest>): Promise<OperationReply> =>
  send(test.elsewhere, requestOf(test, 'getKeyMetadata', { keyRef, ...members }));

describe('an instance with an allowedIP policy', () => {
  it('serves its ranges and answers everybody else as one without rights', async () => {
    await set(listed, outside);
    expect(succeeded(await read(inside)).status).toBe(200);
    const stranger = callerOf(await test.credential('KeyPurge'));
    expect(await read(outside)).toEqual(await read({ ...inside, caller: stranger }));
  });

  it('serves nothing at all to who comes from elsewhere, not even its policies', async () => {
    await set(listed);
    const caller = callerOf(await test.credential('Manager', 'KeyPurge'));
    for (const { name } of operations) {
      const request = requestOf(test, name, {
        ...{ ...outside, caller, keyRef, subRef: 'name', query: {}, body: {} },
      });
      expect(refusalOf(await send(test.here, request)), name).toBe('UNAUTHORIZED_ERR');
    }
  });

  it('shows nobody from elsewhere that the form was wrong instead', async () => {
    await set(listed);
    const refusal = { code: 'BAD_BODY_ERR' } as const;
    for (const name of ['putInstancePolicy', 'wrapKey'] as const) {
      const request = requestOf(test, name, { ...outside, keyRef, refusal });
      expect(refusalOf(await send(test.here, request))).toBe('UNAUTHORIZED_ERR');
      expect(refusalOf(await send(test.here, { ...request, ...inside }))).toBe('BAD_BODY_ERR');
    }
  });

  it('asks no service for its address: they have their own', async () => {
    await set(listed);
    const caller = { ...requestOf(test, 'getKeyMetadata').caller, service: 'cloud-object-storage' };
    expect(succeeded(await read({ ...outside, caller })).status).toBe(200);
  });

  it('lets nobody in whose address is not known', async () => {
    await set({ allowedIP: { isEnabled: true, cidrs: ['0.0.0.0/0', '::/0'] } });
    expect(refusalOf(await read({ clientAddress: '-' }))).toBe('UNAUTHORIZED_ERR');
    expect(succeeded(await read({ clientAddress: '2001:db8::1' })).status).toBe(200);
  });

  it('serves everybody again once it is disabled', async () => {
    await set(listed);
    await set({ allowedIP: { isEnabled: false } }, inside);
    expect(succeeded(await read(outside)).status).toBe(200);
  });
});

describe('an instance that is suspended', () => {
  it('tells so only to who comes from where it lets them in', async () => {
    await set(listed);
    const { instanceId } = test;
    await admin<'suspend-instance'>(test.here, { kind: 'suspend-instance', instanceId });
    const within = refusalOf(await send(test.here, put(listed, inside)));
    expect(within).not.toBe('UNAUTHORIZED_ERR');
    expect(refusalOf(await read(inside))).toBe(within);
    expect(refusalOf(await send(test.here, put(listed, outside)))).toBe('UNAUTHORIZED_ERR');
    expect(refusalOf(await read(outside))).toBe('UNAUTHORIZED_ERR');
  });
});

describe('an instance that is private-only', () => {
  it('is served by the private endpoint alone', async () => {
    await set(privateOnly);
    expect(refusalOf(await read(inside))).toBe('UNAUTHORIZED_ERR');
    expect(refusalOf(await read({ ...inside, network: 'public' }))).toBe('UNAUTHORIZED_ERR');
    expect(succeeded(await read({ ...inside, network: 'private' })).status).toBe(200);
    await set({ allowedNetwork: { isEnabled: false } }, { network: 'private' });
    expect(succeeded(await read(inside)).status).toBe(200);
  });
});

describe('a policy that keeps its own sender out', () => {
  it('is set, and the repeat of its request is answered as the first', async () => {
    const request = put(listed, outside);
    expect(succeeded(await send(test.here, request)).status).toBe(204);
    expect(succeeded(await send(test.elsewhere, request)).status).toBe(204);
    const undo = put({ allowedIP: { isEnabled: false } }, outside);
    expect(refusalOf(await send(test.here, undo))).toBe('UNAUTHORIZED_ERR');
    expect(refusalOf(await read(outside))).toBe('UNAUTHORIZED_ERR');
  });
});

describe('a tenant who is locked out', () => {
  it('is let in by the operator, with all other policies as they were', async () => {
    await set({ ...listed, ...privateOnly, metrics: { isEnabled: true } }, outside);
    expect(refusalOf(await read(outside))).toBe('UNAUTHORIZED_ERR');
    const { instanceId } = test;
    for (let time = 1; time <= 2; time += 1) {
      await admin<'open-instance'>(test.elsewhere, { kind: 'open-instance', instanceId });
      test.clock.advance(1_000);
    }
    const request = requestOf(test, 'getInstancePolicy', { ...outside, query: {} });
    const resources: unknown = succeeded(await send(test.here, request)).body.resources;
    const shown = (resources as readonly InstancePolicyBody[]).map((policy) => [
      policy.policy_type,
      policy.policy_data.enabled,
      policy.updatedBy,
    ]);
    expect(shown).toEqual([
      ['allowedNetwork', false, 'operator'],
      ['allowedIP', false, 'operator'],
      ['metrics', true, test.manager.iamId],
    ]);
    const unknown = '99999999-2222-4333-8444-555555555555';
    await expect(
      admin<'open-instance'>(test.here, { kind: 'open-instance', instanceId: unknown }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('the port for allowed addresses', () => {
  const ask = async () => {
    const request = requestOf(test, 'getAllowedIpPort', inside);
    return succeeded(await send(test.elsewhere, request)).body;
  };
  const collectionType = 'application/vnd.ibm.kms.allowed_ip_metadata+json';

  it('is not given without the policy', async () => {
    await set(privateOnly);
    await set({ allowedNetwork: { isEnabled: false } }, { network: 'private' });
    expect(await ask()).toEqual({ metadata: { collectionType, collectionTotal: 0 } });
  });

  it('is each one of the private endpoint, once', async () => {
    await set(listed);
    expect(await ask()).toEqual({
      metadata: { collectionType, collectionTotal: 2 },
      resources: [{ private_endpoint_port: 8888 }, { private_endpoint_port: 8889 }],
    });
  });
});
