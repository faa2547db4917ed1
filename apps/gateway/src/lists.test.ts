// Lists on their way through the gateway: the query as the key-manager gets it, and the answer as a client reads it.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startStandIn, type StandIn } from './stand-in.ts';

let region: StandIn;

beforeAll(async () => {
  region = await startStandIn();
});
afterAll(() => region.close());
beforeEach(() => {
  region.asked.length = 0;
});

/** As Go encodes a query: sorted by name, blanks as plus signs. */
const queryOf = (query: Readonly<Record<string, string>>): string =>
  new URLSearchParams(query).toString();

it('a search and a filter come as Go writes them, with a comma behind and a blank in front', async () => {
  const metadata = {
    collectionType: 'application/vnd.ibm.kms.key+json',
    collectionTotal: 0,
    searchQuery: { query: 'pay roll', scopes: ['alias'], not: true },
  };
  region.script.operation = async () => ({ ok: true, status: 200, body: { metadata } });
  const query = queryOf({
    filter: ' creationDate=gte:"2024-02-29T14:00:00.25+02:00" state=1,2 extractable=false',
    limit: '5',
    search: 'not:alias:pay roll,',
    sort: 'creationDate,-imported',
  });
  const answer = await region.send({ method: 'GET', path: `/api/v2/keys?${query}` });
  expect([answer.status, answer.json()]).toEqual([200, { metadata }]);
  const [request] = region.asked;
  expect(request?.refusal).toBeUndefined();
  expect(request?.operation).toBe('getKeys');
  expect(request?.query).toEqual({
    limit: 5,
    offset: 0,
    isTotalWanted: false,
    states: [1, 2],
    isExtractable: false,
    dates: [{ property: 'creationDate', fromMs: Date.parse('2024-02-29T12:00:00.25Z') }],
    isFiltered: true,
    search: {
      term: 'pay roll',
      scopes: ['alias'],
      isInverted: true,
      isExact: false,
      isAliasNamed: true,
    },
    sort: [
      { property: 'creationDate', isDescending: false },
      { property: 'imported', isDescending: true },
    ],
  });
});

it('a count takes a filter, and its number is a header', async () => {
  region.script.operation = async () => ({
    ok: true,
    status: 200,
    headers: { 'Key-Total': '7' },
  });
  const query = queryOf({ filter: 'state=5' });
  const answer = await region.send({ method: 'HEAD', path: `/api/v2/keys?${query}` });
  expect([answer.status, answer.headers['key-total'], answer.text]).toEqual([200, '7', '']);
  expect(region.asked[0]).toMatchObject({
    operation: 'getKeyCollectionMetadata',
    query: { states: [5] },
  });
});

it('a date without its time travels as the refusal to give once the right is sure', async () => {
  region.script.operation = async () => ({ ok: true, status: 204 });
  const query = queryOf({ filter: 'creationDate="2022-03-16"' });
  await region.send({ method: 'GET', path: `/api/v2/keys?${query}` });
  expect(region.asked[0]?.refusal).toMatchObject({
    code: 'INVALID_QUERY_PARAM_ERR',
    target: { type: 'query_param', name: 'filter' },
  });
});
