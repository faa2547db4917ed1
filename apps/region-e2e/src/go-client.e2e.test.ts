// IBM's own Go client (the version in clients/go/go.mod) against the region: what it sends, what it can read, and what its
// retries do.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CuttingProxy } from './cutting-proxy.ts';
import { GoClient } from './go-client.ts';
import { attachRegion } from './region.ts';
import { SdkClient } from './sdk.ts';

const region = attachRegion();
const go = new GoClient();

beforeAll(() => go.build(), 180_000);
afterAll(() => go.remove());

describe('the Go client', () => {
  it('makes, uses, rotates, disables and deletes keys, and reads every refusal', async () => {
    const seen = await go.tell('life', region);
    expect(seen).toMatchObject({
      created: { name: 'go root', state: 1, extractable: false, deleted: false },
      wrongAad: { status: 422, code: 'UNPROCESSABLE_CIPHERTEXT_ERR' },
      rewrapped: true,
      rotatedAgain: { status: 409, code: 'KEY_ROTATION_NOT_PERMITTED' },
      versions: { metadata: { collectionTotal: 2, totalCount: 2 } },
      whileDisabled: { status: 409, code: 'KEY_ACTION_INVALID_STATE_ERR' },
      enabledEarly: { status: 409, code: 'REQ_TOO_EARLY_ERR' },
      metadata: { state: 2, keyRingID: 'default' },
      deleted: { state: 5, deleted: true, purgeAllowed: false },
      deletedAgain: { status: 410, code: 'KEY_DELETED_ERR' },
      restoredEarly: { status: 409, code: 'REQ_TOO_EARLY_ERR' },
      unknown: { status: 404, code: 'KEY_NOT_FOUND_ERR' },
      payload: Buffer.from('a password').toString('base64'),
      standardWrap: { status: 400, code: 'KEY_ROOT_REQ_ERR' },
    });
    expect(seen['unwrapped']).toBe(seen['dek']);
    expect(seen['created']).not.toHaveProperty('lastUpdateDate');
  });

  it('names keys, moves them between rings, and rules them', async () => {
    const seen = await go.tell('organise', region);
    const { id } = seen['created'] as { id: string };
    expect(seen).toMatchObject({
      named: { id, Tags: ['made by go'], description: 'made by the Go client' },
      aliasGone: { status: 404, code: 'KEY_NOT_FOUND_ERR' },
      moved: { id },
      ringListed: true,
      ringInUse: { status: 409, code: 'KEY_RING_NOT_EMPTY_ERR' },
      rotationEveryZeroMonths: { status: 400, code: 'INVALID_FIELD_ERR' },
      deletedAlone: { status: 409, code: 'AUTHORIZATIONS_NOT_MET' },
    });
    const policies = seen['policies'] as Record<string, unknown>[];
    expect(policies).toContainEqual(
      expect.objectContaining({ rotation: { enabled: true, interval_month: 3 } }),
    );
    expect(policies).toContainEqual(expect.objectContaining({ dualAuthDelete: { enabled: true } }));
  });

  it('finds a key by search, filter and state, as its own options write them', async () => {
    const { id, ...seen } = await go.tell('list', region);
    expect(seen).toMatchObject({
      bySearch: [id],
      byExactSearch: [id],
      byFilter: [id],
      byState: [id],
      badSort: { status: 400, code: 'INVALID_QUERY_PARAM_ERR' },
      limitZero: { status: 400, code: 'INVALID_QUERY_PARAM_ERR' },
      registrations: 0,
    });
  });

  it('imports a root key with an import token', async () => {
    expect(await go.tell('import', region)).toMatchObject({
      token: { maxAllowedRetrievals: 1, remainingRetrievals: 1 },
      imported: { name: 'go imported', imported: true, extractable: false, state: 1 },
      unwrapped: 'c2VjcmV0',
    });
  });
});

describe('a create whose answer was lost', () => {
  it('is sent again by the Go client, and makes one key', async () => {
    const name = `once-${randomUUID()}`;
    const proxy = new CuttingProxy(region);
    const url = await proxy.listen();
    const node = new SdkClient(region.sdkOptions('MANAGER'));
    try {
      const { created } = await go.tell('create', region, { KEY_PROTECT_URL: url, KEY_NAME: name });
      expect(proxy.passed.map(({ status }) => status)).toEqual([201, 201]);
      const [first, second] = proxy.passed.map(({ correlationId }) => correlationId);
      expect(second).toBe(first);
      const named = (await node.listKeys({ limit: 5000 })).filter((key) => key.name === name);
      expect(named.map(({ id }) => id)).toEqual([(created as { id: string }).id]);
    } finally {
      await proxy.close();
      node.close();
    }
  });
});
