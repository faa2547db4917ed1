// The registrations of a purged key leave every acceptor, also when a zone is away or the eraser dies in between.
import { beforeEach, expect, it } from 'vitest';
import { KmsError, systemRandom } from '@zonehold/primitives';
import type { RegisterStore } from '@zonehold/caspaxos';
import { createMemoryStore } from '@zonehold/testkit';
import { openEraser, TestCaches, TestFiles, type TestEraser } from '../testing/erasures.ts';
import {
  admin,
  callerOf,
  makeKey,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestRegion,
} from '../testing/key-managers.ts';

const service = 'databases';
const bucketMarker = 'a-marked-resource';
const crn = `crn:v1:bluemix:public:${service}:us-south:a/${'a'.repeat(32)}:5a3f:db:${bucketMarker}`;

let test: TestRegion;
let files: TestFiles;

beforeEach(async () => {
  test = await startRegion();
  files = new TestFiles(test.memory);
  const grants = [{ instanceId: test.instanceId, roles: ['Reader' as const] }];
  const request = { kind: 'create-api-key', name: 's', service, grants } as const;
  const caller = { ...callerOf(await admin<'create-api-key'>(test.here, request)), service };
  const keyRef = await makeKey(test);
  const body = { description: 'd' };
  const register = requestOf(test, 'createRegistration', { caller, keyRef, subRef: crn, body });
  succeeded(await send(test.here, register));
  const query = { isForced: true };
  succeeded(await send(test.here, requestOf(test, 'deleteKey', { keyRef, query })));
  test.clock.advance(5 * 3_600_000);
  const purger = callerOf(await test.credential('KeyPurge'));
  succeeded(await send(test.here, requestOf(test, 'purgeKey', { keyRef, caller: purger })));
});

function open(before: (name: string) => void = () => undefined): TestEraser {
  const { memory, clock } = test;
  const real = createMemoryStore({ clock, random: systemRandom, region: memory });
  const store: RegisterStore = {
    read: (ids, deadline) => real.read(ids, deadline),
    list: (scope, deadline) => real.list(scope, deadline),
    scan: (prefix, deadline) => real.scan(prefix, deadline),
    reseal: (id, deadline) => real.reseal(id, deadline),
    zones: () => real.zones(),
    close: () => real.close(),
    change: (id, change, deadline) => {
      before(id.scope);
      return real.change(id, change, deadline);
    },
  };
  const zones = memory.hosts.map(({ zone }) => zone);
  return openEraser({ store, zones, clock, aof: files, caches: new TestCaches() });
}

async function rounds(eraser: TestEraser, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    await eraser.controller.pass();
    files.finish();
    test.clock.advance(60_000);
  }
}

/** Which acceptors hold a trace of the resource, in registers or lists. */
const holders = (): readonly boolean[] =>
  test.memory.hosts.map(({ state }) => {
    const lines = [...state.lists.values()].flatMap((rows) => [...rows.values()]);
    const rows = [...state.registers.values()];
    return JSON.stringify([rows, lines]).includes(bucketMarker);
  });

it('are gone from every acceptor before the erasure is done', async () => {
  expect(holders()).toEqual([true, true, true]);
  const eraser = open();
  await rounds(eraser, 4);
  expect(holders()).toEqual([false, false, false]);
  expect(eraser.audited).toHaveLength(1);
});

it('wait for a zone that is away', async () => {
  const [first] = test.memory.hosts;
  first!.isUp = false;
  const eraser = open();
  await rounds(eraser, 4);
  expect(holders()).toEqual([true, false, false]);
  expect(eraser.audited).toEqual([]);
  first!.isUp = true;
  await rounds(eraser, 6);
  expect(holders()).toEqual([false, false, false]);
  expect(eraser.audited).toHaveLength(1);
});

it('are not lost sight of when the eraser dies between two writes', async () => {
  const [first] = test.memory.hosts;
  first!.isUp = false;
  let changes = 0;
  const dying = open((scope) => {
    if (!scope.startsWith('registrations:')) return;
    changes += 1;
    if (changes > 1) throw new KmsError('UNAVAILABLE', 'the process is gone');
  });
  await rounds(dying, 3);
  first!.isUp = true;
  const other = open();
  await rounds(other, 6);
  expect(holders()).toEqual([false, false, false]);
  expect(other.audited).toHaveLength(1);
});
