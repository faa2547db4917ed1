// The store over acceptors in memory: what callers of RegisterStore may count on while nothing, or one zone, fails.
import { zeroBallot, type Decision, type RegisterId, type StoreObserver } from '@zonehold/caspaxos';
import { Deadline, ManualClock, SeededRandom } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { wholeList } from '../whole-list.ts';
import { createMemoryRegion, createMemoryStore } from './memory-store.ts';

const clock = new ManualClock();
const id: RegisterId = { scope: 'instance-1', name: 'key/one' };
const deadline = (): Deadline => Deadline.after(clock, 5_000);
const write =
  (value: string, summary: string | null = null) =>
  (): Decision<string> => ({ kind: 'write', value, summary, result: value });

function setUp(observer?: StoreObserver) {
  const region = createMemoryRegion();
  const open = (seed: number) =>
    createMemoryStore({
      clock,
      random: new SeededRandom(seed),
      region,
      ...(observer ? { observer } : {}),
    });
  return { region, store: open(1), open };
}

describe('a store over three zones', () => {
  it('reads null where nothing was written', async () => {
    expect(await setUp().store.read([id], deadline())).toEqual([
      { ballot: zeroBallot, value: null },
    ]);
  });

  it('gives back what was written, to every process', async () => {
    const { store, open } = setUp();
    const { result, state } = await store.change(id, write('a', '{}'), deadline());
    expect(result).toBe('a');
    expect(await open(2).read([id, { ...id, name: 'key/two' }], deadline())).toEqual([
      state,
      { ballot: zeroBallot, value: null },
    ]);
  });

  it('answers keep from an agreed read, without a round', async () => {
    const { store, region } = setUp();
    await store.change(id, write('a'), deadline());
    const before = region.hosts.map(({ state }) => state.header?.seq);
    const kept = await store.change(id, (value) => ({ kind: 'keep', result: value }), deadline());
    expect(kept).toMatchObject({ result: 'a', state: { value: 'a' } });
    expect(region.hosts.map(({ state }) => state.header?.seq)).toEqual(before);
  });

  it('loses no increment when processes and calls race', async () => {
    const { store, open } = setUp();
    const stores = [store, open(2), open(3)];
    const increment = (value: string | null): Decision<number> => {
      const next = Number(value ?? '0') + 1;
      return { kind: 'write', value: String(next), summary: null, result: next };
    };
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        stores[index % 3]!.change(id, increment, deadline()),
      ),
    );
    expect(results.map(({ result }) => result).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, index) => index + 1),
    );
  });

  it('goes on while one zone is down, and repairs a write that only one zone holds', async () => {
    const { store, region, open } = setUp();
    await store.change(id, write('a'), deadline());
    region.hosts[2]!.crash();
    await store.change(id, write('b'), deadline());
    region.hosts[2]!.restart();
    region.hosts[0]!.crash();
    expect(await open(2).read([id], deadline())).toMatchObject([{ value: 'b' }]);
    const seen = await open(3).read([id], deadline());
    expect(region.hosts[2]!.state.registers.get('instance-1/key/one')?.accepted.ballot).toBe(
      seen[0]?.ballot,
    );
  });

  it('says UNAVAILABLE and not applied when two zones are down', async () => {
    const { store, region } = setUp();
    region.hosts[0]!.crash();
    region.hosts[1]!.crash();
    const refused = { code: 'UNAVAILABLE', outcome: 'not-applied' };
    await expect(store.change(id, write('a'), deadline())).rejects.toMatchObject(refused);
    await expect(store.read([id], deadline())).rejects.toMatchObject(refused);
    await expect(store.list('instance-1', deadline())).rejects.toMatchObject(refused);
  });

  it('takes no part of a wiped zone, and none of one that runs on an old disk', async () => {
    const { store, region } = setUp();
    const image = region.hosts[1]!.diskImage();
    await store.change(id, write('a'), deadline());
    await store.change(id, write('b'), deadline());
    region.hosts[0]!.wipe();
    expect(await store.read([id], deadline())).toMatchObject([{ value: 'b' }]);
    await store.read([id], deadline());
    expect(store.zones()[0]).toMatchObject({ zone: 'us-south-1', standing: 'wiped' });
    region.hosts[1]!.rollBackTo(image);
    await expect(store.read([id], deadline())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(store.zones()[1]).toMatchObject({ standing: 'rolled-back' });
  });

  it('lists what two zones agree on as settled, and the rest as unsettled', async () => {
    const { store, region } = setUp();
    const two = { ...id, name: 'key/two' };
    await store.change(id, write('a', '{"n":1}'), deadline());
    region.hosts[0]!.crash();
    await store.change(two, write('b', '{"n":2}'), deadline());
    region.hosts[0]!.restart();
    region.hosts[2]!.crash();
    await store.read([id], deadline());
    expect(wholeList(await store.list('instance-1', deadline()))).toEqual([
      { name: 'key/one', summary: '{"n":1}' },
      { name: 'key/two', summary: undefined },
    ]);
    expect(await store.scan('key/t', deadline())).toEqual([two]);
  });

  it('refuses a forged value and raises an alarm, and still answers', async () => {
    const alarms: string[] = [];
    const observer: StoreObserver = {
      round: () => undefined,
      conflict: () => undefined,
      reads: () => undefined,
      unknown: () => undefined,
      epoch: () => undefined,
      alarm: (kind, zone) => alarms.push(`${kind} ${zone}`),
    };
    const { store, region } = setUp(observer);
    await store.change(id, write('a'), deadline());
    const rows = region.hosts[1]!.state.registers;
    const row = rows.get('instance-1/key/one')!;
    const forged = { ballot: 'f'.repeat(32), payload: '-evil', mac: row.accepted.mac };
    rows.set('instance-1/key/one', { ...row, accepted: forged });
    expect(await store.read([id], deadline())).toMatchObject([{ value: 'a' }]);
    expect((await store.change(id, write('b'), deadline())).result).toBe('b');
    expect(new Set(alarms)).toEqual(
      new Set(['forged us-south-2', 'implausible-ballot us-south-2']),
    );
  });
});
