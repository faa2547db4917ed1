// One seeded run of a whole region: three acceptors, three processes, five clients, and a nemesis. Everything random comes
// from the seed, so a seed is a replay.
import type { Authenticator, SafetyAlarm, StoreObserver } from '@zonehold/caspaxos';
import { SeededRandom } from '@zonehold/primitives';
import { cellModel } from '../history/cell-model.ts';
import { checkLinearizable } from '../history/check-linearizable.ts';
import { fastAuthenticator } from './authenticator.ts';
import type { Variant } from './broken-variants.ts';
import { checkAppends } from './check-append.ts';
import { DamageKeeper } from './damage.ts';
import { derivedSeed } from './derived-seed.ts';
import { History, partition, type ListOperation, type RegisterOperation } from './history.ts';
import { createMemoryRegion } from './memory-store.ts';
import { Nemesis, type Strike } from './nemesis.ts';
import { Network } from './network.ts';
import { recordedCell } from './recorded.ts';
import { SimulatedProcess } from './simulated-process.ts';
import { VirtualTime } from './virtual-time.ts';
import { anyOperation, append, cellNames, listNames, readCell, readList } from './workload.ts';

const processNames = ['process-1', 'process-2', 'process-3'] as const;
const clientCount = 5;
/** No run of a few hundred operations takes this long, unless something hangs. */
const runMaxMs = 600_000;
/** What was on its way when the faults ended has ended too: the flush of a slow disk takes longest. */
const settlingMs = 3_000;
/** With two healthy zones and no faults left, every operation must succeed within this. */
const livenessTimeoutMs = 5_000;
/** And within this the region must have rebuilt what was damaged, by itself: a seal waits half a minute for a zone it lost. */
const wholeAgainMs = 120_000;
/** How long a zombie looks for rebuilds beside the process that took its place. */
const zombieMaxMs = 2_000;

/**
 * What one run found. `history`: the checkers; `undecided`: they gave up; `alarm`: a safety alarm without a liar;
 * `liveness`: stuck after healing.
 */
export interface Finding {
  readonly kind: 'history' | 'undecided' | 'alarm' | 'liveness';
  readonly message: string;
}

/** Less than the whole of a seed: what `shrinkSeed` looks for. */
export interface SimulationPlan {
  /** At most so many operations under faults. */
  readonly operationsMax?: number;
  /**
   * The only strikes that are carried out. The kept ones are named, and not the skipped: a smaller run may last longer
   * and draw strikes that the whole one never did.
   */
  readonly keptStrikes?: ReadonlySet<number>;
}

export interface SimulationReport {
  readonly seed: number;
  readonly findings: readonly Finding[];
  readonly history: History;
  /** All faults that were drawn, in their order. */
  readonly strikes: readonly Strike[];
  readonly counts: {
    readonly ok: number;
    readonly notApplied: number;
    readonly unknown: number;
    readonly fastReads: number;
    readonly writeBacks: number;
    readonly conflicts: number;
    readonly epochs: number;
    readonly rebuilds: number;
    readonly virtualMs: number;
  };
}

/** Runs `operationCount` operations under faults, heals, checks that all registers still serve, then checks the history. */
export async function simulate(
  seed: number,
  operationCount: number,
  variant: Variant = {},
  plan: SimulationPlan = {},
): Promise<SimulationReport> {
  const run = new Run(seed, variant, plan);
  await run.underFaults(Math.min(operationCount, plan.operationsMax ?? operationCount));
  await run.afterHealing();
  await run.exam();
  return run.report();
}

class Run {
  readonly #seed: number;
  readonly #variant: Variant;
  /** Clients' and processes' choices. Messages and strikes draw for themselves. */
  readonly #random: SeededRandom;
  readonly #time = new VirtualTime();
  readonly #history = new History();
  readonly #region;
  readonly #network: Network;
  readonly #nemesis: Nemesis;
  readonly #damage: DamageKeeper;
  readonly #processes = new Map<string, SimulatedProcess>();
  readonly #authenticator;
  #boots = 0;
  readonly #findings: Finding[] = [];
  readonly #counts = { fastReads: 0, writeBacks: 0, conflicts: 0, epochs: 0, rebuilds: 0 };

  constructor(seed: number, variant: Variant, plan: SimulationPlan) {
    this.#seed = seed;
    this.#variant = variant;
    this.#random = new SeededRandom(seed);
    const { wrapAuthenticator = (authenticator: Authenticator) => authenticator } = variant;
    this.#authenticator = wrapAuthenticator(fastAuthenticator);
    this.#region = createMemoryRegion(fastAuthenticator, 3, variant.acceptorRules);
    const weather = new SeededRandom(derivedSeed(seed, 'network'));
    this.#network = new Network(this.#time, weather, this.#region);
    this.#damage = new DamageKeeper(this.#region);
    for (const name of processNames) this.#boot(name);
    this.#nemesis = new Nemesis({
      ...{ seed, keptStrikes: plan.keptStrikes },
      ...{ time: this.#time, network: this.#network, region: this.#region, damage: this.#damage },
      processNames,
      process: (name) => this.#processes.get(name)!,
      reboot: (name, isKilled) => this.#reboot(name, isKilled),
      readmitsWiped: variant.readmitsWiped ?? false,
    });
  }

  #boot(name: string): void {
    this.#boots += 1;
    const process = new SimulatedProcess({
      name,
      seed: derivedSeed(this.#seed, `boot ${this.#boots}`),
      time: this.#time,
      network: this.#network,
      region: this.#region,
      file: this.#damage.truth.operatorsFile(),
      authenticator: this.#authenticator,
      variant: this.#variant,
      observer: this.#observer(),
      rebuilt: () => (this.#counts.rebuilds += 1),
    });
    this.#processes.set(name, process);
  }

  /** A process that is replaced and not killed goes on with what it had begun: a zombie. */
  #reboot(name: string, isKilled: boolean): void {
    const old = this.#processes.get(name)!;
    if (isKilled) old.kill();
    else {
      const lifeMs = new SeededRandom(derivedSeed(this.#seed, `zombie ${this.#boots}`)).below(
        zombieMaxMs,
      );
      this.#time.schedule(lifeMs, () => {
        old.time.resume();
        void old.controller.stop();
      });
    }
    this.#boot(name);
  }

  #observer(): StoreObserver {
    return {
      round: () => undefined,
      unknown: () => undefined,
      conflict: () => (this.#counts.conflicts += 1),
      epoch: () => (this.#counts.epochs += 1),
      reads: (path, count) => (this.#counts[path === 'fast' ? 'fastReads' : 'writeBacks'] += count),
      alarm: (kind: SafetyAlarm, zone: string) => this.#find('alarm', `${kind} in ${zone}`),
    };
  }

  #find(kind: Finding['kind'], message: string): void {
    this.#findings.push({ kind, message });
  }

  #client(process: string, timeoutMs: number) {
    return {
      time: this.#time,
      history: this.#history,
      store: this.#processes.get(process)!.front,
      timeoutMs,
    };
  }

  async underFaults(operationCount: number): Promise<void> {
    this.#nemesis.start();
    let started = 0;
    const hastyChance = this.#variant.hastyChance ?? (this.#random.unit() < 0.25 ? 0.9 : 0.25);
    const client = async (): Promise<void> => {
      const seenInCells = new Map<string, string | null>();
      while (started < operationCount) {
        const opId = `op-${(started += 1)}`;
        const process = processNames[this.#random.below(processNames.length)]!;
        // A hasty caller gives up early: its write stays half-made for the next to find.
        const timeoutMs =
          this.#random.unit() < hastyChance
            ? 5 + this.#random.below(60)
            : 150 + this.#random.below(500);
        await anyOperation(this.#client(process, timeoutMs), this.#random, opId, seenInCells);
        await this.#time.sleep(this.#random.below(15));
      }
    };
    await this.#finish(Promise.all(Array.from({ length: clientCount }, client)));
  }

  /** Faults end; then all processes at once use every register. */
  async afterHealing(): Promise<void> {
    this.#nemesis.heal();
    await this.#finish(this.#time.sleep(settlingMs));
    const before = this.#history.operations.length;
    const uses = processNames.flatMap((process) => {
      const client = this.#client(process, livenessTimeoutMs);
      return [
        ...listNames.map(async (name) => {
          await append(client, name, `last-append-${name}-${process}`);
          await readList(client, name, `last-read-${name}-${process}`);
        }),
        ...cellNames.map((name) => readCell(client, name, `last-read-${name}-${process}`)),
      ];
    });
    await this.#finish(Promise.all(uses));
    this.#expectOk(before, 'after all faults were healed');
  }

  /** The region becomes whole by itself; then any two zones know everything. */
  async exam(): Promise<void> {
    const untilMs = this.#time.monotonicMs() + wholeAgainMs;
    const isWhole = (): boolean => this.#damage.isHealed();
    while (!isWhole() && this.#time.monotonicMs() < untilMs)
      await this.#finish(this.#time.sleep(100));
    if (!isWhole()) this.#find('liveness', `the region is not whole again: ${this.#state()}`);
    const [process] = processNames;
    for (const { zone } of this.#region.hosts) {
      const edges = processNames.flatMap((name) => [`${name}>${zone}`, `${zone}>${name}`]);
      for (const edge of edges) this.#network.cuts.add(edge);
      const before = this.#history.operations.length;
      const client = this.#client(process, livenessTimeoutMs);
      await this.#finish(
        Promise.all([
          ...listNames.map((name) => readList(client, name, `exam-${name}-without-${zone}`)),
          ...cellNames.map((name) => readCell(client, name, `exam-${name}-without-${zone}`)),
        ]),
      );
      if (isWhole()) this.#expectOk(before, `with all zones but ${zone}`);
      for (const edge of edges) this.#network.cuts.delete(edge);
    }
    for (const { controller } of this.#processes.values()) void controller.stop();
  }

  #expectOk(from: number, when: string): void {
    for (const { opId, outcome } of this.#history.operations.slice(from)) {
      if (outcome !== 'ok') this.#find('liveness', `${opId} ended ${outcome} ${when}`);
    }
  }

  #state(): string {
    const { truth } = this.#damage;
    return `${truth.newest().signed.text}, ${JSON.stringify(truth.rebuild())}`;
  }

  async #finish(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    let failure: unknown;
    work.then(
      () => (isDone = true),
      (error: unknown) => {
        failure = error;
        isDone = true;
      },
    );
    if (!(await this.#time.run(this.#time.monotonicMs() + runMaxMs, () => isDone))) {
      this.#find('liveness', 'the run hangs');
    }
    if (failure !== undefined) throw new Error(`seed ${this.#seed} crashed`, { cause: failure });
  }

  report(): SimulationReport {
    const { operations } = this.#history;
    const isList = (name: string): boolean => (listNames as readonly string[]).includes(name);
    for (const [register, own] of partition(operations)) {
      if (isList(register)) {
        const message = checkAppends(own as ListOperation[]);
        if (message !== undefined) this.#find('history', `${register}: ${message}`);
        continue;
      }
      const verdict = checkLinearizable(cellModel, (own as RegisterOperation[]).map(recordedCell));
      if (verdict.kind === 'linearizable') continue;
      const kind = verdict.kind === 'violation' ? 'history' : 'undecided';
      this.#find(kind, `${register}: ${verdict.message}`);
    }
    const ended = (outcome: string): number =>
      operations.filter((operation) => operation.outcome === outcome).length;
    return {
      seed: this.#seed,
      findings: this.#findings,
      history: this.#history,
      strikes: this.#nemesis.strikes,
      counts: {
        ok: ended('ok'),
        notApplied: ended('not-applied'),
        unknown: ended('unknown'),
        ...this.#counts,
        virtualMs: this.#time.monotonicMs(),
      },
    };
  }
}
