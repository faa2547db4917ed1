// Every kind of fault of a simulation, each as a function that carries one out. Which comes when is the nemesis's; what may
// be damaged is damage.ts's.
import { isKmsError, Deadline, type SeededRandom } from '@zonehold/primitives';
import type { AcceptorHost } from './acceptor-host.ts';
import type { DamageKeeper } from './damage.ts';
import type { MemoryRegion } from './memory-store.ts';
import type { Network } from './network.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What faults act on. `random` and `targets` belong to one strike. */
export interface FaultContext {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly region: MemoryRegion;
  readonly damage: DamageKeeper;
  readonly processNames: readonly string[];
  readonly process: (name: string) => SimulatedProcess;
  /** Puts a new process in the place of one, which goes on beside it or is killed. */
  readonly reboot: (name: string, isKilled: boolean) => void;
  /** A negative control: a wiped acceptor is given its old identity back, empty. */
  readonly readmitsWiped: boolean;
  readonly random: SeededRandom;
  readonly targets: string[];
  readonly isOver: () => boolean;
}

export interface Fault {
  readonly name: string;
  /** How often it is drawn, beside the others. */
  readonly weight: number;
  /** False when nothing could be done. */
  readonly carryOut: (context: FaultContext) => boolean;
}

const installTimeoutMs = 400;

function anyZone({ region, random, targets }: FaultContext): string {
  const { zone } = region.hosts[random.below(region.hosts.length)]!;
  targets.push(zone);
  return zone;
}

function anyHost(context: FaultContext): AcceptorHost {
  return context.damage.truth.hostOf(anyZone(context));
}

function anyProcess({ processNames, process, random, targets }: FaultContext): SimulatedProcess {
  const name = processNames[random.below(processNames.length)]!;
  targets.push(name);
  return process(name);
}

function later({ time }: FaultContext, afterMs: number, undo: () => void): true {
  time.schedule(afterMs, undo);
  return true;
}

function loseMessages({ network, random }: FaultContext): boolean {
  const dropChance = random.unit() < 0.7 ? random.unit() * 0.15 : 0;
  network.weather = { ...network.weather, dropChance };
  return dropChance > 0;
}

function repeatMessages({ network, random }: FaultContext): boolean {
  network.weather = { ...network.weather, duplicateChance: random.unit() * 0.2 };
  return true;
}

function delayMessages({ network, random }: FaultContext): boolean {
  const delayMaxMs = 1 + random.below(10);
  network.weather = { ...network.weather, delayMaxMs, lateChance: random.unit() * 0.1 };
  return true;
}

/** Some edges take much longer than others: a write reaches one zone long before the next. */
function slowEdges({ network, processNames, region, random }: FaultContext): boolean {
  network.detoursMs.clear();
  for (const process of processNames) {
    for (const { zone } of region.hosts) {
      for (const edge of [`${process}>${zone}`, `${zone}>${process}`]) {
        if (random.unit() < 0.25) network.detoursMs.set(edge, random.below(80));
      }
    }
  }
  return network.detoursMs.size > 0;
}

function cut(context: FaultContext, edges: readonly string[]): true {
  const { network, random } = context;
  for (const edge of edges) network.cuts.add(edge);
  return later(context, 50 + random.below(400), () => {
    for (const edge of edges) network.cuts.delete(edge);
  });
}

function cutEdge(context: FaultContext): boolean {
  const zone = anyZone(context);
  const { name } = anyProcess(context);
  const isToZone = context.random.unit() < 0.5;
  return cut(context, [isToZone ? `${name}>${zone}` : `${zone}>${name}`]);
}

function isolate(context: FaultContext, zone: string): true {
  return cut(
    context,
    context.processNames.flatMap((name) => [`${name}>${zone}`, `${zone}>${name}`]),
  );
}

/** The moment a damaged acceptor matters is when it is needed for the quorum. */
function isolateSomeOther(context: FaultContext, zone: string): void {
  const { region, random, targets } = context;
  const others = region.hosts.filter((host) => host.zone !== zone);
  const other = others[random.below(others.length)]!.zone;
  if (random.unit() >= 0.6) return;
  targets.push(other);
  isolate(context, other);
}

function goDown(context: FaultContext, down: (host: AcceptorHost) => void): boolean {
  const { region, damage, random } = context;
  const host = anyHost(context);
  const upAgainMs = 20 + random.below(300);
  if (region.hosts.some(({ zone }) => !damage.truth.hostOf(zone).isUp)) return false;
  down(host);
  return later(context, upAgainMs, () => {
    if (!host.isUp && !damage.isOff(host)) host.restart();
  });
}

/** The disk falls behind, and then the power goes. */
function tearTail(context: FaultContext): boolean {
  const { time, random } = context;
  const host = anyHost(context);
  const [syncMs, afterMs, upAgainMs] = [
    5 + random.below(60),
    5 + random.below(80),
    20 + random.below(300),
  ];
  if (!host.isUp || host.syncMs > 0) return false;
  host.syncMs = syncMs;
  time.schedule(afterMs, () => {
    host.syncMs = 0;
    if (!host.isUp || context.isOver()) return;
    host.loseTail();
    time.schedule(upAgainMs, () => {
      if (!host.isUp && !context.damage.isOff(host)) host.restart();
    });
  });
  return true;
}

function slowDisk(context: FaultContext): boolean {
  const { random } = context;
  const host = anyHost(context);
  const syncMs = random.unit() < 0.7 ? 20 + random.below(300) : 500 + random.below(2_000);
  if (host.syncMs > 0) return false;
  host.syncMs = syncMs;
  return later(context, 100 + random.below(900), () => (host.syncMs = 0));
}

function reboot(context: FaultContext, isKilled: boolean): true {
  context.reboot(anyProcess(context).name, isKilled);
  return true;
}

function pause(context: FaultContext): true {
  const { time } = anyProcess(context);
  time.pause();
  return later(context, 50 + context.random.below(1_200), () => time.resume());
}

/** By seconds, hours or a day, forth or back: what a lease and a time stamp meet. */
function jumpClock(context: FaultContext): true {
  const { random } = context;
  const { time } = anyProcess(context);
  const sizesMs = [3_000, 60_000, 3_600_000, 86_400_000];
  const sizeMs = sizesMs[random.below(sizesMs.length)]!;
  time.wallOffsetMs = Math.round((random.unit() * 2 - 1) * sizeMs);
  return true;
}

function unsafeSettings(context: FaultContext): true {
  const host = anyHost(context);
  host.isUnsafe = true;
  return later(context, 50 + context.random.below(500), () => (host.isUnsafe = false));
}

/** Failures of calls are part of the weather. */
async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isKmsError(error)) throw error;
  }
}

/** The same voters under the next epoch. */
function changeEpoch(context: FaultContext): boolean {
  const { store, time } = anyProcess(context);
  if (context.damage.damagedZone() !== undefined || !context.damage.truth.isWhole()) return false;
  void attempt(async () => {
    const { members, stamp } = await store.learnDecided(Deadline.after(time, installTimeoutMs));
    // As the controller: one that is an epoch behind would be two behind, and stay there.
    const behind = await store.install(Deadline.after(time, installTimeoutMs));
    if (behind.length > 0) return;
    const { epoch, voters } = members;
    const deadline = Deadline.after(time, installTimeoutMs);
    await store.reconfigure(stamp, { epoch: epoch + 1, voters, learner: null }, deadline);
    await store.install(Deadline.after(time, installTimeoutMs));
  });
  return true;
}

function moveZone(context: FaultContext): boolean {
  const zone = anyZone(context);
  const { controller } = anyProcess(context);
  const address = context.damage.moveTo(zone);
  if (address === undefined) return false;
  void attempt(() => controller.replace(zone, address));
  return true;
}

function wipe(context: FaultContext): boolean {
  const { damage, readmitsWiped } = context;
  const host = anyHost(context);
  const { header } = host.state;
  if (readmitsWiped && header !== null) {
    host.wipe();
    host.decide(host.rules.format(host.state, header.self, header.configuration, header.stamp));
  } else if (!damage.wipe(host.zone)) return false;
  isolateSomeOther(context, host.zone);
  return true;
}

function rollBack(context: FaultContext): boolean {
  const zone = anyZone(context);
  if (!context.damage.rollBack(zone)) return false;
  isolateSomeOther(context, zone);
  return true;
}

/** All kinds. `take an image` only prepares a rollback. */
export const faults: readonly Fault[] = [
  { name: 'lose messages', weight: 2, carryOut: loseMessages },
  { name: 'repeat messages', weight: 1, carryOut: repeatMessages },
  { name: 'delay messages', weight: 1, carryOut: delayMessages },
  { name: 'slow edges', weight: 4, carryOut: slowEdges },
  { name: 'cut an edge', weight: 3, carryOut: cutEdge },
  {
    name: 'isolate a zone',
    weight: 2,
    carryOut: (context) => isolate(context, anyZone(context)),
  },
  { name: 'crash', weight: 1, carryOut: (context) => goDown(context, (host) => host.crash()) },
  { name: 'tear the tail', weight: 1, carryOut: tearTail },
  { name: 'slow disk', weight: 1, carryOut: slowDisk },
  { name: 'reboot a process', weight: 1, carryOut: (context) => reboot(context, false) },
  { name: 'kill a process', weight: 1, carryOut: (context) => reboot(context, true) },
  { name: 'pause a process', weight: 1, carryOut: pause },
  { name: 'jump a clock', weight: 1, carryOut: jumpClock },
  { name: 'unsafe settings', weight: 1, carryOut: unsafeSettings },
  { name: 'change the epoch', weight: 3, carryOut: changeEpoch },
  { name: 'move a zone', weight: 1, carryOut: moveZone },
  {
    name: 'take an image',
    weight: 5,
    carryOut: (context) => context.damage.takeImage(anyZone(context)),
  },
  { name: 'wipe', weight: 2, carryOut: wipe },
  { name: 'roll back', weight: 5, carryOut: rollBack },
];
