// News of a list by the word of one voter, over acceptors in memory: what a follower may count on, and what it may not.
import type { ListMark, ReconfigurableStore } from '@zonehold/caspaxos';
import { Deadline, ManualClock, SeededRandom } from '@zonehold/primitives';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryRegion, createMemoryStore, type MemoryRegion } from './memory-store.ts';

const clock = new ManualClock();
const scope = 'instance-1';
const zone = 'us-south-2';

let region: MemoryRegion;
let store: ReconfigurableStore;

beforeEach(() => {
  region = createMemoryRegion();
  const limits = { listChangesMax: 3 };
  store = createMemoryStore({ clock, random: new SeededRandom(1), region, limits });
});

async function write(name: string, summary: string | null): Promise<void> {
  const decision = { kind: 'write', value: 'v', summary, result: undefined } as const;
  await store.change({ scope, name }, () => decision, Deadline.after(clock, 5_000));
}

/** Everything that is new since `mark`, and the mark after it. */
async function follow(mark?: ListMark) {
  const lines: [string, string | null][] = [];
  for (;;) {
    const news = await store.news(scope, zone, mark);
    for (const { name, summary } of news.changes) lines.push([name, summary]);
    mark = news.mark;
    if (news.isComplete) return { lines, mark };
  }
}

describe('news of a list', () => {
  it('are every line in the order of their last writes, then only what was written since', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'a']) await write(name, `"${name}"`);
    const { lines, mark } = await follow();
    expect(lines.map(([name]) => name)).toEqual(['b', 'c', 'd', 'e', 'f', 'a']);
    expect((await follow(mark)).lines).toEqual([]);
    await write('c', null);
    await write('g', '"g"');
    expect((await follow(mark)).lines).toEqual([
      ['c', null],
      ['g', '"g"'],
    ]);
  });

  it('lack what their voter has missed, whatever the others hold', async () => {
    await write('a', '"old"');
    region.host(zone).isUp = false;
    await write('a', '"new"');
    region.host(zone).isUp = true;
    expect((await follow()).lines).toEqual([['a', '"old"']]);
  });

  it('cannot be had from a zone that is away', async () => {
    region.host(zone).isUp = false;
    await expect(store.news(scope, zone)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.news(scope, 'nowhere')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('begin anew for a mark of another voter', async () => {
    await write('a', '"a"');
    const { mark } = await store.news(scope, 'us-south-1');
    const news = await store.news(scope, zone, mark);
    expect(news).toMatchObject({ isFromStart: true, changes: [{ name: 'a' }] });
    expect(await store.news(scope, zone, news.mark)).toMatchObject({
      isFromStart: false,
      changes: [],
    });
  });
});
