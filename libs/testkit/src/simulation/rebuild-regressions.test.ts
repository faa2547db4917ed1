// One schedule for each hole that a rebuild once had. rebuild.test.ts has the ordinary course, rivals.test.ts the rivals.
import {
  blankStamp,
  rebuildRegister,
  selfOf,
  type OpenRebuild,
  type RebuildRecord,
} from '@zonehold/caspaxos';
import { Deadline, isKmsError } from '@zonehold/primitives';
import { beforeEach, describe, expect, it } from 'vitest';
import { createHostDisks } from './host-disks.ts';
import { immediateTransport, memberOf, memoryPlace } from './memory-store.ts';
import { atStep } from './rivals.ts';
import { Scene, type SceneProcess } from './scene.ts';
import { StoppedProcess, type Stop } from './stopped-process.ts';

const [a, b, c] = ['us-south-1', 'us-south-2', 'us-south-3'] as const;
const address = { host: '10.0.0.9', port: 7001 };

let scene: Scene;

/** Has a process begin the rebuild and stop; it lives on, frozen or dead. */
async function beginRebuild(stop: Stop, ...steps: readonly string[]) {
  const stopped = new StoppedProcess(stop, atStep(...steps));
  const process = scene.process(stopped);
  await scene.read(process).catch(ignoreKmsError);
  const { looking } = await scene.lookUntilStopped(process, stopped);
  expect(stopped.stoppedBefore).toBe(steps.at(-1));
  return { process, stopped, looking };
}

function ignoreKmsError(error: unknown): void {
  if (!isKmsError(error)) throw error;
}

async function look({ controller }: SceneProcess, times: number): Promise<void> {
  for (let at = 0; at < times; at += 1) {
    await scene.ended(controller.look());
    await scene.ended(scene.time.sleep(1_000));
  }
}

async function openRebuild({ controller }: SceneProcess): Promise<OpenRebuild | null> {
  return (await scene.ended(controller.record())).open;
}

async function writeRecord({ store }: SceneProcess, record: RebuildRecord): Promise<void> {
  const value = JSON.stringify(record);
  const deadline = Deadline.after(scene.time, 2_000);
  const write = () => ({ kind: 'write', value, summary: null, result: undefined }) as const;
  await scene.ended(store.change(rebuildRegister, write, deadline));
}

const headerOf = (zone: string) => scene.region.host(zone).state.header;
const append = (opId: string) => scene.ended(scene.append(scene.process(), opId));
const seen = () => scene.read(scene.process());

beforeEach(async () => {
  scene = new Scene();
  await append('first');
});

describe('a lease', () => {
  /** How long a rebuild takes whose lease somebody else has until then. */
  async function rebuildMs(leaseMs: number): Promise<number> {
    scene.region.host(c).wipe();
    const { time } = scene;
    const process = scene.process();
    const openedAtMs = time.wallMs();
    await writeRecord(process, {
      open: { zone: c, cause: 'wiped', incarnation: memberOf(c).incarnation, openedAtMs },
      last: null,
      lease: { holder: 'somebody-else', untilMs: time.wallMs() + leaseMs },
    });
    const beginMs = time.monotonicMs();
    await scene.rebuild(process);
    return time.monotonicMs() - beginMs;
  }

  it('is waited for while it lasts', async () => {
    expect(await rebuildMs(4_000)).toBeGreaterThanOrEqual(4_000);
  });

  it('that was taken by a clock six hours ahead stops nobody for longer than a lease lasts', async () => {
    expect(await rebuildMs(6 * 3_600_000)).toBeLessThanOrEqual(5_000);
  });
});

describe('a learner that is put back on an older image', () => {
  it('gets another incarnation, and is sealed again before it votes', async () => {
    const host = scene.region.host(c);
    host.wipe();
    await beginRebuild('killed', `install 3 ${c}`, `accept instance-1/key/one ${a}`);
    const image = host.diskImage();
    const quick = scene.process();
    for (const opId of ['second', 'third']) await scene.ended(scene.append(quick, opId));
    expect(headerOf(c)!.self).toBe(image.header!.self);
    expect(headerOf(c)!.seq).toBeGreaterThan(image.header!.seq);
    host.rollBackTo(image);
    await scene.ended(scene.append(quick, 'fourth'));
    await scene.rebuild(quick);
    expect(headerOf(c)!.self).not.toBe(image.header!.self);
    scene.region.host(a).crash();
    expect(await seen()).toEqual(['first', 'second', 'third', 'fourth']);
  });
});

describe('a voter that has not installed the present configuration', () => {
  it('holds up the next eviction: it would be two behind, and nothing would bring it up', async () => {
    scene.region.host(c).wipe();
    await beginRebuild('killed', `install 4 ${b}`);
    const quick = scene.process();
    // What it says to others gets through; only installations on B are lost.
    quick.network.script = (kind, zone) =>
      kind === 'install' && zone === b ? 'lose-request' : 'deliver';
    await look(quick, 8);
    expect(scene.epochs()).toEqual([4, 3, 4]);
    scene.region.addHost(c, address);
    expect(await scene.ended(quick.controller.replace(c, address))).toMatchObject({ zone: c });
    await look(quick, 5);
    expect(scene.epochs()).toEqual([4, 3, 4]);
    expect(await openRebuild(quick)).toMatchObject({ zone: c, cause: 'replaced' });
    quick.network.script = () => 'deliver';
    await scene.rebuild(quick);
    expect(quick.store.configuration().members.epoch).toBe(7);
    expect(await seen()).toEqual(['first']);
  });
});

describe('a controller that is behind', () => {
  it('does not touch a learner that was admitted after it had read the configuration', async () => {
    scene.region.host(c).wipe();
    const behind = await beginRebuild('frozen', `install 2 ${b}`, `look ${c}`);
    expect(behind.process.store.configuration().members.epoch).toBe(2);
    await beginRebuild('killed', 'decide 4');
    const learner = headerOf(c)!.self;
    // No lease holds the late one back.
    await scene.ended(scene.time.sleep(6_000));
    behind.stopped.release();
    await scene.ended(behind.looking);
    expect(headerOf(c)!.self).toBe(learner);
    expect(scene.epochs()).toEqual([3, 3, 3]);
    await scene.rebuild(scene.process());
    expect(headerOf(c)!.self).toBe(learner);
  });

  it('cannot reincarnate an acceptor that has installed another configuration since it was seen', async () => {
    scene.region.host(c).wipe();
    await beginRebuild('killed', 'decide 4');
    const { self, stamp } = headerOf(c)!;
    await scene.rebuild(scene.process());
    expect(headerOf(c)!.self).toBe(self);
    const disk = createHostDisks(immediateTransport(scene.region)).at(c, undefined);
    const fresh = selfOf({ ...memoryPlace, ...memberOf(c), incarnation: 'late' });
    expect(await disk.reincarnate({ self, stamp }, fresh, 1_000)).toMatchObject({
      kind: 'refused',
      standing: 'stale-epoch',
    });
    expect(headerOf(c)!.self).toBe(self);
  });

  it('does not end a rebuild of the same zone that was opened after the one it knows', async () => {
    const host = scene.region.host(c);
    const old = host.diskImage();
    await append('second');
    host.rollBackTo(old);
    const behind = await beginRebuild('frozen', `rewrite ${c}`);
    await scene.rebuild(scene.process());
    const later = host.diskImage();
    await append('third');
    host.rollBackTo(later);
    const another = await beginRebuild('killed', 'decide 5');
    const open = await openRebuild(scene.process());
    expect(open).toMatchObject({ zone: c, cause: 'rolled-back' });
    expect(another.stopped.effects).not.toContain('decide 2');
    behind.stopped.release();
    await scene.ended(behind.looking);
    expect(await openRebuild(scene.process())).toEqual(open);
    await scene.rebuild(scene.process());
    expect(await seen()).toEqual(['first', 'second', 'third']);
  });
});

describe('a zone that cannot be reached', () => {
  it('is not taken for cured: its rebuild stays open until it is back', async () => {
    const host = scene.region.host(c);
    host.wipe();
    await beginRebuild('killed', 'decide 2');
    host.crash();
    const quick = scene.process();
    await look(quick, 8);
    expect(await openRebuild(quick)).toMatchObject({
      ...{ zone: c, cause: 'wiped' },
      waitsFor: 'nobody can say what its Redis holds',
    });
    expect(scene.epochs()).toEqual([1, 1, 'empty']);
    host.restart();
    await scene.rebuild(quick);
    expect(scene.epochs()).toEqual([4, 4, 4]);
  });
});

describe('a replaced Redis', () => {
  /** B moves away; then A is set back to the time before, and C cannot be reached. */
  async function setBack() {
    const [first, former] = [scene.region.host(a), scene.region.host(b)];
    const [oldImage, formerImage] = [first.diskImage(), former.diskImage()];
    scene.region.addHost(b, address);
    const process = scene.process();
    expect(await scene.ended(process.controller.replace(b, address))).toMatchObject({ zone: b });
    await scene.rebuild(process);
    await append('second');
    first.rollBackTo(oldImage);
    scene.region.host(c).crash();
    return { former, formerImage };
  }

  it('is blank: with another zone set back it gives no quorum to a process with the old topology', async () => {
    const { former } = await setBack();
    expect(former.state.header!.stamp).toBe(blankStamp);
    await expect(seen()).rejects.toMatchObject({ outcome: 'not-applied' });
  });

  it('would give an old answer if it still voted', async () => {
    const { former, formerImage } = await setBack();
    former.rollBackTo(formerImage);
    expect(await seen()).toEqual(['first']);
  });
});
