// What stands in the address of a request: queries, and names that a path gives to something new.
import { keyOrder } from '@zonehold/key-domain';
import { describe, expect, it } from 'vitest';
import { parse, refusalOf } from './parse-fixture.ts';
import { parseOperation } from './parse-operation.ts';

describe('queries', () => {
  it("of a list have the contract's defaults", () => {
    expect(parse('getKeys')).toEqual({
      ok: true,
      body: undefined,
      query: { limit: 200, offset: 0, sort: [], isTotalWanted: false, isFiltered: false },
    });
  });

  it("of a list are read whole, and fit the domain's selection", () => {
    const result = parse('getKeys', undefined, {
      limit: '5000',
      offset: '3',
      state: '1,5',
      extractable: 'false',
      sort: '-creationDate,id',
      totalCount: 'true',
      other: 'x',
    });
    expect(result).toMatchObject({
      query: {
        limit: 5_000,
        offset: 3,
        states: [1, 5],
        isExtractable: false,
        isTotalWanted: true,
        sort: [
          { property: 'creationDate', isDescending: true },
          { property: 'id', isDescending: false },
        ],
      },
    });
    expect(result.ok ? keyOrder(result.query.sort, 0) : 'refused').toBeTypeOf('function');
  });

  it.each([
    ['getKeys', 'limit', '0'],
    ['getKeys', 'limit', '5001'],
    ['getKeys', 'limit', '-1'],
    ['getKeys', 'limit', '1e3'],
    ['getKeys', 'offset', '-1'],
    ['getKeys', 'offset', '9999999999'],
    ['getKeys', 'state', '1, 5'],
    ['getKeys', 'state', '1,'],
    ['getKeys', 'state', '6'],
    ['getKeys', 'extractable', 'yes'],
    ['getKeys', 'sort', 'name'],
    ['getKeys', 'sort', 'id,-id'],
    ['getKeys', 'totalCount', '1'],
    ['getKeys', 'search', 'not:'],
    ['getKeys', 'filter', 'state=4'],
    ['getKeyCollectionMetadata', 'filter', 'creationDate="2022-03-16"'],
    ['getKeyCollectionMetadata', 'extractable', 'yes'],
    ['getKeyCollectionMetadata', 'state', 'x'],
    ['getKeyVersions', 'limit', '0'],
    ['getKeyVersions', 'allKeyStates', 'x'],
    ['deleteKey', 'force', 'maybe'],
    ['actionOnKey', 'action', 'sync'],
  ] as const)('%s refuses %s=%j', (operation, name, value) => {
    expect(refusalOf(parse(operation, undefined, { [name]: value }))).toBe(
      `INVALID_QUERY_PARAM_ERR query_param ${name}`,
    );
  });

  it('of versions and delete', () => {
    expect(parse('getKeyVersions', undefined, { allKeyStates: 'true' })).toMatchObject({
      query: { limit: 200, offset: 0, isTotalWanted: false, isAnyStateAllowed: true },
    });
    expect(parse('deleteKey', undefined, { force: 'true' })).toMatchObject({
      query: { isForced: true },
    });
    expect(parse('deleteKey', '{ not looked at')).toMatchObject({ query: { isForced: false } });
  });

  it('pages of key rings are of 100, and ends of rings may be forced', () => {
    const page = { limit: 100, offset: 0, isTotalWanted: false };
    expect(parse('listKeyRings')).toMatchObject({ query: page });
    expect(refusalOf(parse('listKeyRings', undefined, { limit: '5001' }))).toBe(
      'INVALID_QUERY_PARAM_ERR query_param limit',
    );
    expect(parse('deleteKeyRing', undefined, { force: 'true' })).toMatchObject({
      query: { isForced: true },
    });
    expect(refusalOf(parse('deleteKeyRing', undefined, { force: 'yes' }))).toBe(
      'INVALID_QUERY_PARAM_ERR query_param force',
    );
  });

  it('of a list may search and filter, as Go writes both', () => {
    const filter = ' creationDate=gte:"2022-07-05T00:00:00.0000001Z" state=1,2 extractable=true';
    expect(parse('getKeys', undefined, { search: 'alias:x,', filter })).toMatchObject({
      query: {
        search: { term: 'x', scopes: ['alias'] },
        dates: [{ property: 'creationDate', fromMs: Date.parse('2022-07-05T00:00:00Z') }],
        states: [1, 2],
        isExtractable: true,
        isFiltered: true,
      },
    });
    const names = ['filter', 'search', 'sort', 'state', 'limit', 'offset', 'extractable'];
    const query = Object.fromEntries(names.map((name) => [name, '']));
    expect(refusalOf(parse('getKeys', undefined, query))).toBe('ok');
  });

  it('of a count take a filter, and do not look at what it does not take', () => {
    const query = { filter: 'state=5', search: 'not:', limit: '0', sort: 'name' };
    expect(parse('getKeyCollectionMetadata', undefined, query)).toEqual({
      ok: true,
      body: undefined,
      query: { states: [5] },
    });
  });

  it.each(['getKeys', 'getKeyCollectionMetadata'] as const)(
    '%s says a state and a kind in the filter or beside it, never in both',
    (operation) => {
      const outcome = (query: Readonly<Record<string, string>>): string =>
        refusalOf(parse(operation, undefined, query));
      const refused = 'INVALID_QUERY_PARAM_ERR query_param filter';
      expect(outcome({ filter: 'state=1', state: '1' })).toBe(refused);
      expect(outcome({ filter: 'extractable=true', extractable: 'false' })).toBe(refused);
      expect(outcome({ filter: 'state=1', extractable: 'false' })).toBe('ok');
      expect(outcome({ filter: 'extractable=true', state: '1,5' })).toBe('ok');
    },
  );
});

describe('a name that a path gives', () => {
  it.each([
    ['createKeyRing', 'ring-a', 'ok'],
    ['createKeyRing', 'a', 'INVALID_FIELD_ERR field key-ring-id'],
    ['createKeyRing', undefined, 'INVALID_FIELD_ERR field key-ring-id'],
    ['createKeyAlias', 'pay_roll-2', 'ok'],
    ['createKeyAlias', 'pay roll', 'INVALID_FIELD_ERR field alias'],
    ['createKeyAlias', 'x', 'INVALID_FIELD_ERR field alias'],
    ['createKeyAlias', 'rewrap', 'INVALID_FIELD_ERR field alias'],
    ['createKeyAlias', '6f8b3c3e-3f4b-4b2e-9d7e-0c6a1d2e3f40', 'INVALID_FIELD_ERR field alias'],
    ['deleteKeyAlias', 'x', 'ok'],
    // What exists is found or not, whatever it is called.
    ['deleteKeyRing', 'a', 'ok'],
  ] as const)('to %s: %s gives %s', (operation, subRef, wanted) => {
    expect(refusalOf(parseOperation(operation, { query: {}, subRef }))).toBe(wanted);
  });
});
