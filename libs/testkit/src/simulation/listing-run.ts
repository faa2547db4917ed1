// One seeded run of lists under faults: two processes write, delete and list the registers of two scopes while zones crash
// and messages are lost; then every list is compared with what had to be in it and what might be. Not the register
// checker (check-register.ts): it looks at each name of each list by itself, which is all that a list promises.
import { createStore, type Decision, type RegisterStore } from '@zonehold/caspaxos';
import { Deadline, isKmsError, SeededRandom, toHex } from '@zonehold/primitives';
import type { AcceptorRules } from './acceptor-host.ts';
import { fastAuthenticator } from './authenticator.ts';
import { HostPorts, type WrapPort } from './host-ports.ts';
import { createMemoryRegion, type MemoryRegion } from './memory-store.ts';
import { Network } from './network.ts';
import { ProcessTime } from './process-time.ts';
import { VirtualTime } from './virtual-time.ts';

/** What a negative control breaks. */
export interface ListingVariant {
  readonly rules?: AcceptorRules;
  readonly wrapPort?: WrapPort;
}

export interface ListingReport {
  /** Sentences; empty when every list was right. */
  readonly findings: readonly string[];
  readonly lists: number;
  readonly refusedLists: number;
  /** Names that voters differed on when they were shown. */
  readonly unsettled: number;
}

/** One write of a name by its only writer. Moments are counted, not timed: what happened before what. */
interface Version {
  readonly isEntry: boolean;
  readonly invokedAt: number;
  /** When it was surely in effect: acknowledged, or shown by a list that had ended. */
  knownAt?: number;
}

const scopes = ['instance-1', 'instance-2'] as const;
const namesPerWriter = 4;
const writerCount = 4;
const listerCount = 3;
const runMaxMs = 600_000;

/** Runs until `listsMax` lists were asked for. */
export async function runListing(
  seed: number,
  listsMax: number,
  variant: ListingVariant = {},
): Promise<ListingReport> {
  return new ListingRun(seed, variant).run(listsMax);
}

class ListingRun {
  readonly #random: SeededRandom;
  readonly #time = new VirtualTime();
  readonly #region: MemoryRegion;
  readonly #network: Network;
  readonly #stores: readonly RegisterStore[];
  /** By `<scope>/<name>`; version n is the n-th write, version 0 is nothing. */
  readonly #written = new Map<string, Version[]>();
  readonly #report = { findings: [] as string[], lists: 0, refusedLists: 0, unsettled: 0 };
  #moment = 0;
  #isOver = false;

  constructor(seed: number, variant: ListingVariant) {
    this.#random = new SeededRandom(seed);
    this.#region = createMemoryRegion(fastAuthenticator, 3, variant.rules);
    this.#network = new Network(this.#time, this.#random, this.#region);
    this.#network.weather = {
      dropChance: this.#pick([0, 0.02, 0.04]),
      duplicateChance: 0.05,
      delayMaxMs: 4,
      lateChance: this.#pick([0, 0.05]),
    };
    this.#stores = ['process-1', 'process-2'].map((process) => this.#boot(process, variant));
  }

  #boot(process: string, { wrapPort }: ListingVariant): RegisterStore {
    const transport = this.#network.transportOf(process, new ProcessTime(this.#time));
    return createStore({
      ports: new HostPorts(this.#region, transport, undefined, wrapPort),
      configuration: this.#region.configuration,
      authenticator: this.#region.authenticator,
      clock: this.#time,
      timers: this.#time,
      random: this.#random,
      proposerId: toHex(this.#random.bytes(8)),
      limits: {
        phaseTimeoutMs: 60,
        writeBackTimeoutMs: 300,
        listChangesMax: this.#pick([2, 3, 500]),
        listNamesMax: this.#pick([12, 1_000_000]),
        listStretchMax: this.#pick([1, 3]),
      },
    });
  }

  async run(listsMax: number): Promise<ListingReport> {
    const work = Promise.all([
      ...Array.from({ length: writerCount }, (_, writer) => this.#write(writer)),
      ...Array.from({ length: listerCount }, () => this.#list(listsMax)),
      this.#breakZones(),
    ]);
    let isDone = false;
    let failure: unknown;
    work.then(
      () => (isDone = true),
      (error: unknown) => {
        failure = error;
        isDone = true;
      },
    );
    const hasEnded = await this.#time.run(runMaxMs, () => isDone);
    if (failure !== undefined) throw failure as Error;
    if (!hasEnded) this.#report.findings.push('the run hangs');
    return this.#report;
  }

  /** Writes names of its own, each of them now with and now without an entry. */
  async #write(writer: number): Promise<void> {
    while (!this.#isOver) {
      const scope = this.#pick(scopes);
      const name = `key/${writer}-${this.#random.below(namesPerWriter)}`;
      const versions = this.#versionsOf(scope, name);
      const version: Version = {
        isEntry: this.#random.unit() < 0.6,
        invokedAt: (this.#moment += 1),
      };
      versions.push(version);
      const text = JSON.stringify({ version: versions.length, isEntry: version.isEntry });
      const decision: Decision<undefined> = {
        kind: 'write',
        value: text,
        summary: version.isEntry ? text : null,
        result: undefined,
      };
      const deadline = Deadline.after(this.#time, 10 + this.#random.below(200));
      const change = this.#pick(this.#stores).change({ scope, name }, () => decision, deadline);
      if (await succeeds(change)) version.knownAt ??= this.#moment += 1;
      await this.#time.sleep(this.#random.below(20));
    }
  }

  async #list(listsMax: number): Promise<void> {
    while (this.#report.lists < listsMax) {
      this.#report.lists += 1;
      const scope = this.#pick(scopes);
      const store = this.#pick(this.#stores);
      const beganAt = (this.#moment += 1);
      const shown = new Map<string, number>();
      if (await succeeds(this.#gather(store, scope, shown))) this.#check(scope, shown, beganAt);
      else this.#report.refusedLists += 1;
      await this.#time.sleep(this.#random.below(10));
    }
    this.#isOver = true;
  }

  /** Goes through the list in short slices with pauses between them: others change it meanwhile. */
  async #gather(store: RegisterStore, scope: string, shown: Map<string, number>): Promise<void> {
    const deadline = Deadline.after(this.#time, 500);
    const view = await store.list(scope, deadline);
    for (let part = view.next(''); part !== undefined; part = view.next(part.lastName)) {
      const doubtful: string[] = [];
      part.visit((name, line) => {
        if (shown.has(name) || doubtful.includes(name))
          this.#report.findings.push(`${scope}/${name} is shown twice`);
        if (line === undefined) doubtful.push(name);
        else shown.set(name, versionIn(line.summary).version);
      });
      this.#report.unsettled += doubtful.length;
      for (const name of doubtful) {
        const [state] = await store.read([{ scope, name }], deadline);
        const { version, isEntry } = versionIn(state?.value ?? null);
        if (isEntry) shown.set(name, version);
      }
      if (this.#random.unit() < 0.3) await this.#time.sleep(this.#random.below(15));
    }
  }

  /**
   * What was acknowledged, or shown by another list, before this one began is the least it must know; what was asked for
   * before it ended, the most.
   */
  #check(scope: string, shown: ReadonlyMap<string, number>, beganAt: number): void {
    const endedAt = (this.#moment += 1);
    for (const [key, versions] of this.#written) {
      if (!key.startsWith(`${scope}/`)) continue;
      const least = 1 + versions.findLastIndex(({ knownAt = endedAt }) => knownAt < beganAt);
      const most = 1 + versions.findLastIndex(({ invokedAt }) => invokedAt < endedAt);
      const version = shown.get(key.slice(scope.length + 1));
      const isAllowed = (candidate: number): boolean =>
        version === undefined
          ? versions[candidate - 1]?.isEntry !== true
          : candidate === version && versions[candidate - 1]?.isEntry === true;
      const candidates = Array.from({ length: most - least + 1 }, (_, at) => least + at);
      const seen = candidates.find(isAllowed);
      const known = seen === undefined ? undefined : versions[seen - 1];
      if (known !== undefined) known.knownAt ??= endedAt;
      if (seen === undefined) {
        const what = version === undefined ? 'is missing' : `is shown as of version ${version}`;
        this.#report.findings.push(`${key} ${what}, of versions ${least} to ${most}`);
      }
    }
  }

  /** At most one zone is down at a time, so that lists go on. */
  async #breakZones(): Promise<void> {
    while (!this.#isOver) {
      await this.#time.sleep(this.#random.below(200));
      const host = this.#pick(this.#region.hosts);
      host.crash();
      await this.#time.sleep(this.#random.below(150));
      host.restart();
    }
  }

  #versionsOf(scope: string, name: string): Version[] {
    const key = `${scope}/${name}`;
    let versions = this.#written.get(key);
    if (versions === undefined) this.#written.set(key, (versions = []));
    return versions;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)]!;
  }
}

function versionIn(text: string | null): { readonly version: number; readonly isEntry: boolean } {
  return JSON.parse(text ?? '{"version":0,"isEntry":false}') as never;
}

/** False when the operation failed as operations may. */
async function succeeds(operation: Promise<unknown>): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if (isKmsError(error)) return false;
    throw error;
  }
}
