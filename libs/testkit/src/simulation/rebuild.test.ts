// Rebuilding a zone, step by step, with the real controller on pure acceptors: what makes it safe, one schedule each.
import {
  blankStamp,
  parseSelf,
  RebuildController,
  rowKey,
  type Decision,
  type ReconfigurableStore,
  type RegisterId,
} from '@zonehold/caspaxos';
import { createStoreUnderRules, decideRead } from '@zonehold/caspaxos/internal';
import { quorumSize } from '@zonehold/caspaxos';
import { Deadline, SeededRandom } from '@zonehold/primitives';
import { beforeEach, describe, expect, it } from 'vitest';
import { createHostDisks } from './host-disks.ts';
import { HostPorts } from './host-ports.ts';
import {
  createMemoryRegion,
  immediateTransport,
  memberOf,
  memoryPlace,
  placeOf,
  type MemoryRegion,
} from './memory-store.ts';
import { VirtualTime } from './virtual-time.ts';

const [a, b, c] = ['us-south-1', 'us-south-2', 'us-south-3'] as const;
const idOf = (index: number): RegisterId => ({ scope: 'instance-1', name: `key/${index}` });
const registerCount = 60;

let time: VirtualTime;
let region: MemoryRegion;
let alarms: string[];
let steps: string[];

interface Process {
  readonly store: ReconfigurableStore;
  readonly controller: RebuildController;
}

function process(seed: number): Process {
  const transport = immediateTransport(region);
  const random = new SeededRandom(seed);
  const store = createStoreUnderRules(
    {
      ports: new HostPorts(region, transport),
      configuration: region.configuration,
      authenticator: region.authenticator,
      ...{ clock: time, timers: time, random },
      proposerId: seed.toString(16).repeat(16),
      observer: {
        round: () => undefined,
        conflict: () => undefined,
        reads: () => undefined,
        unknown: () => undefined,
        epoch: () => undefined,
        alarm: (kind, zone) => alarms.push(`${kind} ${zone}`),
      },
    },
    { decideRead, quorumSize },
  );
  const controller = new RebuildController({
    ...{ store, clock: time, timers: time, random, ...memoryPlace },
    disks: createHostDisks(transport),
    homes: region.hosts.map(({ zone }) => memberOf(zone)),
    observer: { step: (zone, what) => steps.push(`${zone} ${what}`), record: () => undefined },
  });
  return { store, controller };
}

async function ended<Value>(work: Promise<Value>): Promise<Value> {
  let isDone = false;
  work.then(
    () => (isDone = true),
    () => (isDone = true),
  );
  await time.run(time.monotonicMs() + 600_000, () => isDone);
  return work;
}

const deadline = (timeoutMs = 2_000): Deadline => Deadline.after(time, timeoutMs);
const put = (value: string) => (): Decision<undefined> => ({
  kind: 'write',
  value,
  summary: null,
  result: undefined,
});

async function fill(store: ReconfigurableStore): Promise<void> {
  for (let index = 0; index < registerCount; index += 1)
    await ended(store.change(idOf(index), put(`value ${index}`), deadline()));
}

async function expectAllThere(store: ReconfigurableStore): Promise<void> {
  const ids = Array.from({ length: registerCount }, (_, index) => idOf(index));
  const states = await ended(store.read(ids, deadline()));
  expect(states.map(({ value }) => value)).toEqual(ids.map((_, index) => `value ${index}`));
}

/** Has both look again and again until all zones vote under `epoch` or later. */
async function untilRebuilt(epoch: number, ...processes: Process[]): Promise<void> {
  for (let look = 0; look < 60; look += 1) {
    await ended(Promise.all(processes.map(({ controller }) => controller.look())));
    const { members } = processes[0]!.store.configuration();
    const record = await ended(processes[0]!.controller.record());
    if (members.epoch >= epoch && members.voters.length === 3 && record.open === null) return;
    await ended(time.sleep(500));
  }
  throw new Error(`not rebuilt: ${steps.join(', ')}`);
}

beforeEach(() => {
  time = new VirtualTime();
  region = createMemoryRegion();
  alarms = [];
  steps = [];
});

describe('a wiped zone', () => {
  it('is rebuilt by itself, holds every register, and votes again', async () => {
    const one = process(1);
    await fill(one.store);
    region.host(c).wipe();
    await expectAllThere(one.store);
    await untilRebuilt(4, one);
    expect(steps.map((step) => step.replace(`${c} `, ''))).toEqual([
      ...['is rebuilt: wiped', 'evict', 'format', 'admit', 'seal', 'promote', 'is rebuilt'],
    ]);
    const rows = region.host(c).state.registers;
    for (let index = 0; index < registerCount; index += 1) {
      expect(rows.get(rowKey(idOf(index)))?.accepted.payload).toContain(`value ${index}`);
    }
    // With another zone gone, the rebuilt one is needed and knows all.
    region.host(a).crash();
    await expectAllThere(one.store);
    await expectAllThere(process(2).store);
    expect(alarms).toEqual([]);
  });

  it('is rebuilt twice, and each time under a new incarnation', async () => {
    const one = process(1);
    await fill(one.store);
    const incarnations = new Set<string>();
    for (const epoch of [4, 7]) {
      region.host(c).wipe();
      await expectAllThere(one.store);
      await untilRebuilt(epoch, one);
      incarnations.add(parseSelf(region.host(c).state.header!.self)!.incarnation);
    }
    expect(incarnations.size).toBe(2);
    await expectAllThere(process(2).store);
  });
});

describe('a zone on an old disk', () => {
  it('is given a new incarnation in place and rebuilt', async () => {
    const one = process(1);
    await fill(one.store);
    const image = region.host(b).diskImage();
    for (let index = 0; index < registerCount; index += 1)
      await ended(one.store.change(idOf(index), put(`value ${index}`), deadline()));
    region.host(b).rollBackTo(image);
    await expectAllThere(one.store);
    await untilRebuilt(4, one);
    expect(steps).toContain(`${b} reincarnate`);
    region.host(c).crash();
    await expectAllThere(process(2).store);
  });
});

describe('two zones without memory', () => {
  it('are never rebuilt: nothing is evicted, and what is left is kept', async () => {
    const one = process(1);
    await fill(one.store);
    region.host(a).wipe();
    region.host(b).wipe();
    for (let look = 0; look < 5; look += 1) await ended(one.controller.look());
    expect(one.store.configuration().members.epoch).toBe(1);
    expect(region.host(a).state.header).toBeNull();
    expect(region.host(c).state.registers.size).toBeGreaterThanOrEqual(registerCount);
  });
});

describe("a zone that holds another region's data", () => {
  it('is never touched, and is rebuilt once it was emptied by hand', async () => {
    const one = process(1);
    await fill(one.store);
    const host = region.host(c);
    const { header } = host.state;
    host.wipe();
    host.state.header = {
      ...header!,
      self: header!.self.replace('us-south/us-south-3', 'eu-de/eu-de-3'),
    };
    await expectAllThere(one.store);
    for (let look = 0; look < 5; look += 1) await ended(one.controller.look());
    expect(host.state.header.self).toContain('eu-de');
    expect(one.store.zones()[2]).toMatchObject({ standing: 'foreign' });
    host.wipe();
    await untilRebuilt(4, one);
    await expectAllThere(process(2).store);
  });
});

describe('rival controllers', () => {
  it('rebuild one zone together without harm, also when one dies after any step', async () => {
    const one = process(1);
    await fill(one.store);
    region.host(c).wipe();
    const others = [2, 3].map(process);
    await untilRebuilt(4, one, ...others);
    await expectAllThere(process(4).store);
    expect(alarms).toEqual([]);
  });
});

describe('a replaced Redis', () => {
  it('takes the place of the old one, which is never asked again', async () => {
    const one = process(1);
    await fill(one.store);
    const address = { host: '10.0.0.9', port: 7001 };
    const fresh = region.addHost(b, address);
    expect(await ended(one.controller.replace(b, address))).toMatchObject({ zone: b });
    await untilRebuilt(4, one);
    expect(fresh.state.registers.size).toBeGreaterThanOrEqual(registerCount);
    expect(one.store.configuration().members.voters.find(({ zone }) => zone === b)).toMatchObject({
      address,
    });
    // The old one is blank: nobody with an old topology can make it vote.
    expect(region.host(b).state.header!.stamp).toBe(blankStamp);
    region.host(a).crash();
    // A new process knows only where the region was formed, and finds the new place.
    await expectAllThere(process(2).store);
    expect(region.host(placeOf(b, address))).toBe(fresh);
    expect(fresh.state.header!.stamp).not.toBe(blankStamp);
  });
});
