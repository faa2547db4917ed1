// Lists on real Redis: what two processes read of what changed, in pages, while zones die and come back.
import type { RegisterId } from '@zonehold/caspaxos';
import { Deadline, systemClock } from '@zonehold/primitives';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeList } from '../whole-list.ts';
import { RedisZones } from './redis-zones.ts';
import { openWatchedStore, type WatchedStore } from './watched-store.ts';

const soon = (): Deadline => Deadline.after(systemClock, 5_000);

let zones: RedisZones;
let here: WatchedStore;
let elsewhere: WatchedStore;
beforeAll(async () => {
  zones = await RedisZones.start();
  here = await openWatchedStore(zones);
  elsewhere = await openWatchedStore(zones);
});
afterAll(async () => {
  await here.store.close();
  await elsewhere.store.close();
  await zones.stop();
});

async function write(id: RegisterId, summary: string | null): Promise<void> {
  await here.store.change(
    id,
    () => ({ kind: 'write', value: `value ${summary}`, summary, result: undefined }),
    soon(),
  );
}

/** What `store` lists, with the registers that voters differ on read besides. */
async function listed({ store }: WatchedStore, scope: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name, summary } of wholeList(await store.list(scope, soon()))) {
    const [state] = await store.read([{ scope, name }], soon());
    const value = state?.value ?? '';
    if (summary !== undefined) expect(value).toBe(`value ${summary}`);
    if (value !== 'value null') found[name] = value.slice('value '.length);
  }
  return found;
}

describe('a list on three Redis', () => {
  it('is read in pages at first, and then follows every change in both processes', async () => {
    const scope = 'long';
    const wanted: Record<string, string> = {};
    const set = async (number: number, summary: string | null): Promise<void> => {
      const name = `key/${String(number).padStart(4, '0')}`;
      await write({ scope, name }, summary);
      if (summary === null) Reflect.deleteProperty(wanted, name);
      else wanted[name] = summary;
    };
    await Promise.all(Array.from({ length: 1_200 }, (_, number) => set(number, `"${number}"`)));
    expect(await listed(elsewhere, scope)).toEqual(wanted);
    await set(7, null);
    await set(8, '"other"');
    await set(2_000, '"new"');
    for (const process of [here, elsewhere]) {
      const found = await listed(process, scope);
      expect(found).toEqual(wanted);
      expect(Object.keys(found)).toEqual(Object.keys(wanted).toSorted());
    }
  });

  it('is whole while a zone is away, and when another goes after it has come back', async () => {
    const scope = 'faults';
    const write1 = (name: string, summary: string | null) => write({ scope, name }, summary);
    for (const name of ['a', 'b', 'c']) await write1(name, '"first"');
    expect(await listed(elsewhere, scope)).toEqual({ a: '"first"', b: '"first"', c: '"first"' });
    await zones.server(2).kill();
    await write1('b', '"second"');
    await write1('c', null);
    await write1('d', '"first"');
    const wanted = { a: '"first"', b: '"second"', d: '"first"' };
    expect(await listed(elsewhere, scope)).toEqual(wanted);
    await zones.server(2).startMended();
    for (const process of [here, elsewhere]) await process.reached('us-south-3', 'voter');
    await zones.server(0).kill();
    for (const process of [here, elsewhere]) expect(await listed(process, scope)).toEqual(wanted);
    await zones.server(0).startMended();
    for (const process of [here, elsewhere]) await process.reached('us-south-1', 'voter');
  });
});
