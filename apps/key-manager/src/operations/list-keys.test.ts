import { beforeEach, describe, expect, it } from 'vitest';
import {
  makeKey,
  requestOf,
  refusalOf,
  send,
  startRegion,
  succeeded,
  type AnswerBody,
  type TestRegion,
} from '../testing/key-managers.ts';

let test: TestRegion;

beforeEach(async () => {
  test = await startRegion();
});

const page = { limit: 200, offset: 0, sort: [], isTotalWanted: false };

async function list(query: Readonly<Record<string, unknown>> = {}): Promise<AnswerBody> {
  const request = requestOf(test, 'getKeys', { query: { ...page, ...query } });
  return succeeded(await send(test.elsewhere, request)).body;
}

describe('a list', () => {
  it('is empty without the member resources', async () => {
    expect(await list()).toEqual({
      metadata: { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 0 },
    });
  });

  it('pages by offset in a stable order and counts everything when asked', async () => {
    const made: string[] = [];
    for (let at = 0; at < 5; at += 1) made.push(await makeKey(test, { name: `key ${at}` }));
    const first = await list({ limit: 3, isTotalWanted: true });
    const rest = await list({ limit: 3, offset: 3 });
    expect(first.metadata).toMatchObject({ collectionTotal: 3, totalCount: 5 });
    expect(rest.metadata).not.toHaveProperty('totalCount');
    const ids = [...first.resources, ...rest.resources].map(({ id }) => id);
    expect(ids).toEqual(made.toSorted());
  });

  it('shows full keys and never a payload', async () => {
    await makeKey(test, { isExtractable: true });
    const [key] = (await list()).resources;
    expect(key).toMatchObject({ keyRingID: 'default', createdBy: test.manager.iamId });
    expect(key).not.toHaveProperty('payload');
  });

  it('leaves deleted keys out unless they are asked for, and the total agrees', async () => {
    const keyRef = await makeKey(test);
    await makeKey(test);
    succeeded(await send(test.here, requestOf(test, 'deleteKey', { keyRef })));
    expect((await list()).metadata.collectionTotal).toBe(1);
    expect((await list({ states: [5] })).resources[0].id).toBe(keyRef);
    const count = requestOf(test, 'getKeyCollectionMetadata', { query: { states: [1, 5] } });
    const { status, headers, body } = succeeded(await send(test.here, count));
    expect({ status, headers, body }).toEqual({
      status: 200,
      headers: { 'Key-Total': '2' },
      body: undefined,
    });
  });

  it('says so when a page would not fit a frame', async () => {
    const description = '字'.repeat(240);
    const tags = Array.from({ length: 30 }, (_, at) => `${at}`.padEnd(30, '字'));
    for (let at = 0; at < 2_300; at += 50) {
      await Promise.all(Array.from({ length: 50 }, () => makeKey(test, { description, tags })));
    }
    const request = requestOf(test, 'getKeys', { query: { ...page, limit: 5_000 } });
    expect(refusalOf(await send(test.here, request))).toBe('INVALID_QUERY_PARAM_ERR');
    expect((await list({ limit: 800 })).metadata.collectionTotal).toBe(800);
  }, 30_000);
});
