// Names that mean harm, past the gateway: of keys, instances, rings and credentials. None is found, and none becomes a register's name.
import type { RegisterId } from '@zonehold/caspaxos';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  openManager,
  refusalOf,
  requestOf,
  send,
  startRegion,
  type TestManager,
  type TestRegion,
} from './testing/key-managers.ts';

const names = [
  '../../admin',
  '..',
  '.',
  '',
  'a\0b',
  'a\r\nX: y',
  'key/other',
  'apikey/x',
  '__proto__',
  'constructor',
  '%2e%2e',
  '．．',
  'a'.repeat(91),
  'x'.repeat(100_000),
  '\ud800',
];

let test: TestRegion;
let read: RegisterId[];
let watched: TestManager;

beforeEach(async () => {
  test = await startRegion();
  read = [];
  const { memory, clock, crypto } = test;
  watched = openManager({
    ...{ memory, clock, crypto },
    decorate: (store) => ({
      ...store,
      read: (ids, deadline) => {
        read.push(...ids);
        return store.read(ids, deadline);
      },
      change: (id, change, deadline) => store.change(id, change, deadline),
      list: (scope, deadline) => store.list(scope, deadline),
    }),
  });
});

/** What an instance, its keys and its account are kept under. */
const isHarmless = ({ scope, name }: RegisterId): boolean =>
  scope === test.instanceId
    ? ['instance', 'rings', 'key/', 'alias/'].some((start) => name.startsWith(start)) &&
      /^[a-zA-Z0-9/_-]{1,100}$/.test(name)
    : name === 'account' && /^[0-9a-f]{32}$/.test(scope);

describe('a name that means harm', () => {
  it.each(names)('is no key: %j', async (keyRef) => {
    for (const operation of ['getKey', 'wrapKey', 'deleteKey', 'purgeKey'] as const) {
      const request = requestOf(test, operation, { keyRef, body: {}, query: {} });
      const reply = await send(watched, request);
      // A Manager may not purge.
      const wanted = operation === 'purgeKey' ? 'UNAUTHORIZED_ERR' : 'KEY_NOT_FOUND_ERR';
      expect(refusalOf(reply), operation).toBe(wanted);
    }
    expect(read.filter((id) => !isHarmless(id))).toEqual([]);
  });

  it.each([...names, 'identity', 'region', 'erasure'])('is no instance: %j', async (instanceId) => {
    const request = requestOf(test, 'getKey', { instanceId, keyRef: 'payroll' });
    expect(refusalOf(await send(watched, request))).toBe('UNAUTHORIZED_ERR');
    expect(read).toEqual([]);
  });

  it.each(names)('is no ring: %j', async (subRef) => {
    const removal = requestOf(test, 'deleteKeyRing', { subRef, query: { isForced: false } });
    expect(refusalOf(await send(watched, removal))).toBe('KEY_RING_NOT_FOUND_ERR');
  });

  it.each(names)('is no credential: %j', async (credentialId) => {
    const caller = { ...requestOf(test, 'getKey').caller, credentialId };
    const request = requestOf(test, 'getKeys', { caller, query: {} });
    expect(refusalOf(await send(watched, request))).toBe('UNAUTHORIZED_ERR');
  });
});
