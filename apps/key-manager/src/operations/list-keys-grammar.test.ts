// Filters and searches of a list, from the query's text to the answer: made in one zone, listed in another.
import { parseOperation } from '@zonehold/api-contract';
import type { RegisterStore } from '@zonehold/caspaxos';
import type { Key } from '@zonehold/key-domain';
import { Deadline } from '@zonehold/primitives';
import { beforeEach, describe, expect, it } from 'vitest';
import { livingKey } from '../key-repository.ts';
import {
  admin,
  callerOf,
  makeKey,
  openManager,
  refusalOf,
  requestOf,
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

type RawQuery = Readonly<Record<string, string>>;

/** A list as its query is written. */
function listRequest(query: RawQuery, keyRingId?: string) {
  const parsed = parseOperation('getKeys', { query });
  if (!parsed.ok) throw new Error(`refused: ${JSON.stringify(parsed.refusal)}`);
  const ring = keyRingId === undefined ? {} : { keyRingId };
  return requestOf(test, 'getKeys', { query: parsed.query, ...ring });
}

async function list(query: RawQuery, keyRingId?: string): Promise<AnswerBody> {
  return succeeded(await send(test.elsewhere, listRequest(query, keyRingId))).body;
}

function idsIn(body: Partial<AnswerBody>): string[] {
  return (body.resources ?? []).map(({ id }) => id);
}

async function idsOf(query: RawQuery, keyRingId?: string): Promise<string[]> {
  return idsIn(await list(query, keyRingId));
}

async function countOf(query: RawQuery, keyRingId?: string): Promise<number> {
  const parsed = parseOperation('getKeyCollectionMetadata', { query });
  if (!parsed.ok) throw new Error(`refused: ${JSON.stringify(parsed.refusal)}`);
  const ring = keyRingId === undefined ? {} : { keyRingId };
  const request = requestOf(test, 'getKeyCollectionMetadata', { query: parsed.query, ...ring });
  const { headers } = succeeded(await send(test.elsewhere, request));
  return Number(headers['Key-Total']);
}

async function act(
  operation: 'deleteKey' | 'rotateKey' | 'disableKey',
  keyRef: string,
): Promise<void> {
  const body = operation === 'rotateKey' ? { body: {} } : {};
  succeeded(await send(test.here, requestOf(test, operation, { keyRef, ...body })));
}

/** As Go writes a time in this zone of the world. */
const goTime = (atMs: number): string =>
  new Date(atMs + 2 * 3_600_000).toISOString().replace('Z', '456789+02:00');

describe('a filter', () => {
  it('keeps what was made after a moment, as Go writes it, and is counted alike', async () => {
    await makeKey(test);
    test.clock.advance(10);
    const moment = goTime(test.clock.wallMs());
    test.clock.advance(10);
    const later = await makeKey(test);
    const filter = ` creationDate=gt:"${moment}" state=1`;
    expect(await list({ filter, totalCount: 'true' })).toMatchObject({
      metadata: { collectionTotal: 1, totalCount: 1 },
      resources: [{ id: later }],
    });
    expect(await countOf({ filter })).toBe(1);
    expect(await countOf({ filter: `creationDate=lte:"${moment}"` })).toBe(1);
  });

  it('finds every date again that a key was shown with', async () => {
    const soonMs = test.clock.wallMs() + 500_123;
    const id = await makeKey(test, { expiresAtMs: soonMs });
    await makeKey(test, { expiresAtMs: soonMs + 1_000 });
    test.clock.advance(3_600_017);
    const rotated = await makeKey(test);
    test.clock.advance(45_678);
    await act('rotateKey', rotated);
    await act('deleteKey', id);
    const shown = (await list({ state: '1,2,3,5' })).resources;
    const expired = shown.find((key) => key.id === id);
    const turned = shown.find((key) => key.id === rotated);
    const asked = (property: string, value: unknown) =>
      idsOf({ filter: `${property}="${String(value)}" state=1,3,5` });
    expect(await asked('expirationDate', expired?.expirationDate)).toEqual([id]);
    expect(await asked('deletionDate', expired?.deletionDate)).toEqual([id]);
    expect(await asked('lastRotateDate', turned?.lastRotateDate)).toEqual([rotated]);
    expect(await asked('creationDate', turned?.creationDate)).toEqual([rotated]);
    expect((await asked('lastUpdateDate', turned?.lastUpdateDate)).toSorted()).toEqual(
      [id, rotated].toSorted(),
    );
  });

  it('says none of dates that a key has not, and state 3 of keys that have expired since', async () => {
    const never = await makeKey(test);
    const expiring = await makeKey(test, { expiresAtMs: test.clock.wallMs() + 1_000 });
    test.clock.advance(2_000);
    expect(await idsOf({ filter: 'expirationDate=none lastRotateDate=NONE' })).toEqual([never]);
    expect(await idsOf({ filter: 'state=3' })).toEqual([expiring]);
    expect(await countOf({ filter: 'state=1,3 state=3,5' })).toBe(1);
  });

  it('does not bring back deleted keys unless it names their state', async () => {
    const id = await makeKey(test);
    await act('deleteKey', id);
    const filter = 'deletionDate=gt:"2000-01-01T00:00:00Z"';
    expect(await idsOf({ filter })).toEqual([]);
    expect(await idsOf({ filter: `${filter} state=5` })).toEqual([id]);
    expect(await idsOf({ filter, state: '1,5' })).toEqual([id]);
  });

  it('that keeps nothing answers an empty list, which a list without one does not', async () => {
    const metadata = {
      collectionType: 'application/vnd.ibm.kms.key+json',
      collectionTotal: 0,
      totalCount: 0,
    };
    const totalCount = 'true';
    const filter = 'extractable=True extractable=false';
    await makeKey(test);
    expect(await list({ filter, totalCount })).toEqual({ metadata, resources: [] });
    expect(await countOf({ filter })).toBe(0);
    expect(await list({ extractable: 'true', totalCount })).toEqual({ metadata });
  });

  it('pages what it keeps, in the order asked for', async () => {
    const made: string[] = [];
    for (let at = 0; at < 6; at += 1) {
      made.push(await makeKey(test, { isExtractable: at % 2 === 0 }));
      test.clock.advance(1_500);
    }
    const standard = [made[4], made[2], made[0]];
    const page = { filter: ' extractable=true', sort: '-creationDate', limit: '2' };
    expect(await idsOf(page)).toEqual(standard.slice(0, 2));
    expect(await idsOf({ ...page, offset: '2' })).toEqual(standard.slice(2));
    expect((await list({ ...page, totalCount: 'true' })).metadata.totalCount).toBe(3);
  });
});

describe('a search', () => {
  it('finds names and aliases, and says what it looked for', async () => {
    const byName = await makeKey(test, { name: 'Payroll 2024' });
    const byAlias = await makeKey(test, { name: 'wages', aliases: ['old-payroll'] });
    await makeKey(test, { name: 'bonus' });
    const found = await list({ search: 'PAYROLL,', totalCount: 'true' });
    expect(idsIn(found)).toEqual([byName, byAlias].toSorted());
    expect(found.metadata).toEqual({
      collectionType: 'application/vnd.ibm.kms.key+json',
      collectionTotal: 2,
      totalCount: 2,
      searchQuery: { query: 'PAYROLL', scopes: ['name', 'alias'] },
    });
    expect(await idsOf({ search: 'name:payroll,' })).toEqual([byName]);
    const none = await list({ search: 'not:exact:alias:name:old-payroll', state: '5' });
    expect(none).toEqual({
      metadata: {
        collectionType: 'application/vnd.ibm.kms.key+json',
        collectionTotal: 0,
        searchQuery: { query: 'old-payroll', scopes: ['name', 'alias'], not: true, exact: true },
      },
    });
  });

  it('puts the key that it names before the order asked for', async () => {
    const named = await makeKey(test, { aliases: ['pay'] });
    test.clock.advance(1_000);
    const older = await makeKey(test, { aliases: ['pay-2'] });
    test.clock.advance(1_000);
    const newer = await makeKey(test, { aliases: ['pay-3'] });
    const sort = '-creationDate';
    expect(await idsOf({ search: 'alias:pay,', sort })).toEqual([named, newer, older]);
    expect(await idsOf({ search: 'pay,', sort })).toEqual([newer, older, named]);
    const byId = await list({ search: older.toUpperCase(), sort });
    expect(idsIn(byId)).toEqual([older]);
    expect(byId.metadata).not.toHaveProperty('incompleteSearch');
  });

  it('sees the ring that the header names, the instance that was asked, and nothing else', async () => {
    const path = { subRef: 'ring-a' };
    succeeded(await send(test.here, requestOf(test, 'createKeyRing', path)));
    const outside = await makeKey(test, { name: 'payroll', aliases: ['outside'] });
    const create = requestOf(test, 'createKey', {
      keyRingId: 'ring-a',
      body: { name: 'payroll', isExtractable: false },
    });
    const inside = succeeded(await send(test.here, create)).body.resources[0].id;
    expect(await list({ search: 'payroll', totalCount: 'true' }, 'ring-a')).toMatchObject({
      metadata: { totalCount: 1 },
      resources: [{ id: inside }],
    });
    expect(await idsOf({ search: outside }, 'ring-a')).toEqual([]);
    expect(await idsOf({ search: 'alias:outside' }, 'ring-a')).toEqual([]);
    expect(await countOf({ filter: 'state=1' }, 'ring-a')).toBe(1);
    const { instanceId } = await admin<'create-instance'>(test.here, {
      kind: 'create-instance',
      name: 'other',
    });
    const grants = [{ instanceId, roles: ['Manager'] as const }];
    const stranger = await admin<'create-api-key'>(test.here, {
      kind: 'create-api-key',
      name: 'stranger',
      grants,
    });
    const theirs = { ...listRequest({ search: outside }), caller: callerOf(stranger) };
    const answer = succeeded(await send(test.elsewhere, { ...theirs, instanceId }));
    expect(answer.body.metadata.collectionTotal).toBe(0);
    expect(refusalOf(await send(test.elsewhere, theirs))).toBe('UNAUTHORIZED_ERR');
  });

  it('does not show a key that stops matching while the page is being read', async () => {
    const keyRef = await makeKey(test, { name: 'wages', aliases: ['payroll'] });
    const other = await makeKey(test, { name: 'payroll' });
    let isTaken = false;
    const takeAlias = async (): Promise<void> => {
      isTaken = true;
      const path = { keyRef, subRef: 'payroll' };
      succeeded(await send(test.here, requestOf(test, 'deleteKeyAlias', path)));
    };
    const decorate = (store: RegisterStore): RegisterStore => ({
      ...store,
      list: (scope, deadline) => store.list(scope, deadline),
      change: (id, change, deadline) => store.change(id, change, deadline),
      read: async (ids, deadline) => {
        if (!isTaken && ids.some(({ name }) => name.startsWith('key/'))) await takeAlias();
        return store.read(ids, deadline);
      },
    });
    const late = openManager({ ...test, decorate });
    const reply = succeeded(await send(late, listRequest({ search: 'payroll' })));
    expect(isTaken).toBe(true);
    expect(idsIn(reply.body)).toEqual([other]);
  });

  it('of more than 5,000 keys is too broad, unless it names one or a filter narrows it', async () => {
    const model = await makeKey(test, { name: 'needle', aliases: ['needle'] });
    test.clock.advance(1_000);
    await copy(model, 5_000);
    const broad = await send(test.elsewhere, listRequest({ search: 'needle,' }));
    expect(broad).toMatchObject({
      refusal: { code: 'KEY_SEARCH_TOO_BROAD', target: { type: 'query_param', name: 'search' } },
    });
    const found = {
      metadata: { collectionTotal: 1, totalCount: 1, incompleteSearch: true },
      resources: [{ id: model }],
    };
    for (const search of [model, 'alias:needle,'])
      expect(await list({ search, totalCount: 'true' })).toMatchObject(found);
    const filter = 'state=1,2 lastUpdateDate=none';
    const narrowed = await list({ search: 'needle,', filter });
    expect(narrowed.metadata).toMatchObject({ collectionTotal: 0 });
    expect(narrowed.metadata).not.toHaveProperty('incompleteSearch');
    await act('disableKey', model);
    const disabled = await list({ search: 'needle,', filter: ' state=2' });
    expect(idsIn(disabled)).toEqual([model]);
  }, 60_000);
});

/** Keys like `model`, without its alias, by their registers alone. */
async function copy(model: string, count: number): Promise<void> {
  const { keys, clock } = test.here.operations;
  const deadline = Deadline.after(clock, 60_000);
  const [record] = await keys.read(test.instanceId, [model], deadline);
  const key = livingKey(record);
  if (key === undefined) throw new Error('there is no model');
  const ids = Array.from({ length: count }, () => crypto.randomUUID());
  const write = (id: string): Promise<undefined> => {
    const made: Key = { ...key, id, name: 'hay', aliases: [] };
    const decide = () => ({ kind: 'write', record: made, result: undefined }) as const;
    return keys.change(test.instanceId, id, decide, deadline);
  };
  for (let at = 0; at < count; at += 100) {
    await Promise.all(ids.slice(at, at + 100).map(write));
  }
}
