// What erasure counts on: after a reseal that reached everyone, no acceptor holds an older value, and none can come back.
import { accept, encodeEnvelope, formatBallot, rowKey, type RegisterId } from '@zonehold/caspaxos';
import { Deadline, ManualClock, SeededRandom } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { createMemoryRegion, createMemoryStore, selfIn } from './memory-store.ts';

const clock = new ManualClock();
const id: RegisterId = { scope: 'instance-1', name: 'key/one' };
const deadline = (): Deadline => Deadline.after(clock, 5_000);

async function setUp() {
  const region = createMemoryRegion();
  const store = createMemoryStore({ clock, random: new SeededRandom(7), region });
  const write = (value: string) =>
    store.change(
      id,
      () => ({ kind: 'write', value, summary: '{}', result: undefined }),
      deadline(),
    );
  const heldBy = () =>
    region.hosts.map(({ state }) => state.registers.get(rowKey(id))?.accepted.payload ?? '');
  return { region, store, write, heldBy };
}

describe('a reseal', () => {
  it('brings the value, and its line in the list, to a zone that missed it, and says that it is everywhere', async () => {
    const { region, store, write, heldBy } = await setUp();
    await write('old');
    const away = region.host('us-south-2');
    away.isUp = false;
    await write('new');
    away.isUp = true;
    expect(heldBy()[1]).toContain('old');
    expect(await store.reseal(id, deadline())).toMatchObject({ isEverywhere: true });
    expect(heldBy()).toEqual(Array(3).fill(encodeEnvelope({ value: 'new', summary: '{}' })));
  });

  it('says that it is not everywhere while a zone is away, and holds at a majority all the same', async () => {
    const { region, store, write } = await setUp();
    await write('value');
    region.host('us-south-3').isUp = false;
    const [before] = await store.read([id], deadline());
    expect(await store.reseal(id, deadline())).toMatchObject({ isEverywhere: false });
    const [after] = await store.read([id], deadline());
    expect(after?.value).toBe('value');
    expect(after!.ballot > before!.ballot).toBe(true);
  });

  it('fails, and changes nothing, when no majority answers', async () => {
    const { region, store, write } = await setUp();
    await write('value');
    for (const zone of ['us-south-1', 'us-south-2']) region.host(zone).isUp = false;
    await expect(store.reseal(id, deadline())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      outcome: 'not-applied',
    });
  });

  it('leaves no acceptor that would still take an older accept', async () => {
    const { region, store, write } = await setUp();
    await write('old');
    const [old] = await store.read([id], deadline());
    await write('new');
    await store.reseal(id, deadline());
    const [held] = await store.read([id], deadline());
    // Sent before the reseal, by a proposer that was stopped: any ballot below.
    const counter = BigInt(`0x${held!.ballot.slice(0, 16)}`) - 1n;
    const late = formatBallot(counter, 'ffffffffffffffff');
    for (const host of region.hosts) {
      for (const ballot of [late, old!.ballot]) {
        const stamp = host.state.header?.stamp ?? '';
        const request = { id, stamp, ballot, payload: '-old', mac: '', summary: null };
        const { reply } = accept(host.state, { self: selfIn(host.zone), peers: {} }, request);
        expect(reply.kind).toBe('conflict');
      }
    }
  });

  it('of a register that was never written makes nothing', async () => {
    const { store } = await setUp();
    expect(await store.reseal(id, deadline())).toMatchObject({ isEverywhere: true });
    expect((await store.read([id], deadline()))[0]?.value).toBeNull();
  });
});
