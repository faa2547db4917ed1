// A create that brings the policies of its key: they replace those of the instance (reference §6.4).
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationReply, OperationRequest } from '@zonehold/api-contract';
import type { KeyPolicyWishes } from '@zonehold/key-domain';
import {
  callerOf,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestRegion,
} from '../testing/key-managers.ts';

let test: TestRegion;

beforeEach(async () => {
  test = await startRegion();
});

const rotation = { isEnabled: true, intervalMonths: 3 };
const dualAuthDelete = { isEnabled: true };
const payload = Buffer.alloc(32, 1).toString('base64');

function request(
  policyOverrides: KeyPolicyWishes,
  body: Readonly<Record<string, unknown>> = {},
  members: Partial<OperationRequest> = {},
): OperationRequest {
  return requestOf(test, 'createKeyWithPoliciesOverrides', {
    body: { name: 'a key', isExtractable: false, ...body, policyOverrides },
    ...members,
  });
}

async function keyOf(reply: OperationReply) {
  const keyRef = succeeded(reply).body.resources[0].id;
  const metadata = requestOf(test, 'getKeyMetadata', { keyRef });
  return succeeded(await send(test.elsewhere, metadata)).body.resources[0];
}

async function setInInstance(): Promise<void> {
  const body = { rotation: { isEnabled: true, intervalMonths: 6 }, dualAuthDelete };
  succeeded(await send(test.here, requestOf(test, 'putInstancePolicy', { body, query: {} })));
}

describe('a create with policy overrides', () => {
  it('answers 201 with the terse key, which has these policies in every zone', async () => {
    const reply = await send(test.here, request({ rotation, dualAuthDelete }));
    const { status, body } = succeeded(reply);
    expect(status).toBe(201);
    expect(body.resources[0]).not.toHaveProperty('rotation');
    expect(await keyOf(reply)).toMatchObject({
      rotation: { enabled: true, interval_month: 3 },
      dualAuthDelete: { enabled: true, keySetForDeletion: false },
    });
  });

  it('shows them at once when a representation is asked for', async () => {
    const wished = request({ rotation }, {}, { prefer: 'representation' });
    const [key] = succeeded(await send(test.here, wished)).body.resources;
    expect(key.rotation).toEqual({ enabled: true, interval_month: 3 });
  });

  it('replaces the policies of the instance, and with none it leaves none', async () => {
    await setInInstance();
    const other = await keyOf(await send(test.here, request({ rotation })));
    expect(other.rotation).toEqual({ enabled: true, interval_month: 3 });
    expect(other.dualAuthDelete).toEqual({ enabled: false });
    const bare = await keyOf(await send(test.here, request({})));
    expect(bare).not.toHaveProperty('rotation');
    expect(bare.dualAuthDelete).toEqual({ enabled: false });
  });

  it('may bring policies that are disabled', async () => {
    const disabled = { rotation: { ...rotation, isEnabled: false }, dualAuthDelete };
    expect((await keyOf(await send(test.here, request(disabled)))).rotation).toEqual({
      enabled: false,
      interval_month: 3,
    });
  });

  it('refuses a rotation for a standard key, an imported one, and without an interval', async () => {
    const refused = async (policies: KeyPolicyWishes, body: Readonly<Record<string, unknown>>) =>
      refusalOf(await send(test.here, request(policies, body)));
    expect(await refused({ rotation }, { isExtractable: true })).toBe('KEY_ROOT_REQ_ERR');
    expect(await refused({ rotation }, { payload })).toBe('INVALID_FIELD_ERR');
    expect(await refused({ rotation: { isEnabled: true } }, {})).toBe('INVALID_FIELD_ERR');
    expect(test.crypto.countOf('sealMaterial')).toBe(0);
    const guarded = await send(test.here, request({ dualAuthDelete }, { isExtractable: true }));
    expect((await keyOf(guarded)).dualAuthDelete.enabled).toBe(true);
  });

  it('is for Managers, while a Writer makes keys without', async () => {
    const caller = callerOf(await test.credential('Writer'));
    const reply = await send(test.here, request({}, {}, { caller }));
    expect(refusalOf(reply)).toBe('UNAUTHORIZED_ERR');
  });

  it('obeys keyCreateImportAccess', async () => {
    const access = {
      createRootKey: false,
      createStandardKey: true,
      importRootKey: true,
      importStandardKey: true,
      enforceToken: false,
    };
    const body = { keyCreateImportAccess: { isEnabled: true, access } };
    succeeded(await send(test.here, requestOf(test, 'putInstancePolicy', { body, query: {} })));
    expect(refusalOf(await send(test.elsewhere, request({})))).toBe('KEY_CREATE_IMPORT_ACCESS_ERR');
  });

  it('repeated finds its key, though the instance has other policies by now', async () => {
    const token = { kind: 'idempotency-key', value: 'mine', parametersHash: 'p' } as const;
    const wished = request({ rotation }, {}, { token });
    const first = await keyOf(await send(test.here, wished));
    await setInInstance();
    expect(await keyOf(await send(test.elsewhere, wished))).toEqual(first);
    const other = requestOf(test, 'createKey', {
      body: { name: 'a key', isExtractable: false },
      token: { ...token, parametersHash: 'plain' },
    });
    expect(refusalOf(await send(test.here, other))).toBe('IDEMPOTENCY_MISMATCH_ERR');
  });
});
