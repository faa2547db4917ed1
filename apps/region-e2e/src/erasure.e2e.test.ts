// purge over HTTP, as far as a test can wait for it (four hours are the contract's), and what an operator sees of a deleted key's
// material. That it leaves files and caches: key-manager's erasure tests.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachRegion, type Role } from './region.ts';
import { SdkClient, type KeyResource } from './sdk.ts';

const region = attachRegion();
const manager = new SdkClient(region.sdkOptions('MANAGER'));
afterAll(() => manager.close());

interface Refused {
  readonly resources: readonly [{ readonly reasons?: readonly [{ readonly code: string }] }];
}

/** The SDK lacks purge. */
async function purge(keyId: string, role: Role): Promise<{ status: number; code: string }> {
  const response = await fetch(`${region.url}/api/v2/keys/${keyId}/purge`, {
    method: 'DELETE',
    headers: {
      authorization: `Bearer ${await region.bearerToken(role)}`,
      'bluemix-instance': region.instanceId,
      prefer: 'return=representation',
    },
  });
  const text = await response.text();
  const body = text === '' ? undefined : (JSON.parse(text) as Partial<Refused>);
  return { status: response.status, code: body?.resources?.[0].reasons?.[0].code ?? '' };
}

describe('a key that is to be purged', () => {
  let key: KeyResource;
  beforeAll(async () => {
    key = await manager.createKey({ name: 'on its way out', extractable: false });
  });

  it('must be deleted first, and for four hours; only KeyPurge may ask', async () => {
    expect(await purge(key.id, 'KEYPURGE')).toEqual({
      status: 409,
      code: 'KEY_ACTION_INVALID_STATE_ERR',
    });
    expect(await manager.deleteKey(key.id)).toBeUndefined();
    expect(await purge(key.id, 'KEYPURGE')).toEqual({ status: 409, code: 'REQ_TOO_EARLY_ERR' });
    expect((await purge(key.id, 'MANAGER')).status).toBe(401);
  });

  it('is on the list of erasures, due in 30 days, from the moment of its delete', async () => {
    const reply = JSON.parse(await region.zonehold('erasure', 'list', '--json')) as {
      erasures: { keyId: string; kind: string; requestedAt: string; dueAt: string; lacks: [] }[];
    };
    const found = reply.erasures.find(({ keyId }) => keyId === key.id);
    expect(found).toMatchObject({ kind: 'deleted', lacks: [] });
    const waitMs = Date.parse(found!.dueAt) - Date.parse(found!.requestedAt);
    expect(Math.round(waitMs / (24 * 3_600_000))).toBe(30);
    expect(await region.zonehold('erasure', 'list')).toContain(key.id);
  });
});
