// The rebuild controller of one process: looks once a second, and while something is to be rebuilt and it holds the lease,
// takes one step after the other. What comes next is next-step.ts; that rivals are harmless is the configuration register's.
import { assert, Deadline, isKmsError, toHex, type Clock, type Random } from '@zonehold/primitives';
import type { AcceptorAddress, ConfiguredAcceptor, Timers } from '../acceptor-port.ts';
import type { SeenAcceptor } from '../acceptor.ts';
import { blankStamp, parseSelf, selfOf, type AcceptorIdentity } from '../configuration.ts';
import type { AcceptorStanding, ReconfigurableStore } from '../register-store.ts';
import type { DiskLook, ZoneDisk, ZoneDisks } from './disk.ts';
import { nextStep, type HomeAcceptor, type RebuildStep, type RebuildView } from './next-step.ts';
import { RecordKeeper } from './record-keeper.ts';
import type { FinishedRebuild, OpenRebuild, RebuildRecord } from './record.ts';
import { runSealPass, type SealEnd } from './seal-pass.ts';

/** What a controller tells whoever logs and counts. */
export interface RebuildObserver {
  /** A step was taken; `waits` are told once for each reason. */
  step(zone: string, what: string): void;
  /** The state of the register, whenever it was read or changed here. */
  record(record: RebuildRecord): void;
  /** This process has ended a rebuild. */
  finished?(rebuild: FinishedRebuild): void;
}

export interface RebuildControllerOptions {
  readonly store: ReconfigurableStore;
  readonly disks: ZoneDisks;
  readonly clusterId: string;
  readonly region: string;
  readonly homes: readonly HomeAcceptor[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly observer: RebuildObserver;
  readonly limits?: Partial<RebuildLimits>;
}

export interface RebuildLimits {
  /** Between two looks while all is well; they cost no message unless a zone is out. */
  readonly lookIntervalMs: number;
  /** Every so many looks the register is read too: an operator's request, or the work of a process that died. */
  readonly looksPerRead: number;
  readonly sealConcurrency: number;
  /** Bounds a look at a disk, and one errand there. */
  readonly diskTimeoutMs: number;
  /** Bounds a change of a register. */
  readonly changeTimeoutMs: number;
}

export const defaultRebuildLimits: RebuildLimits = {
  lookIntervalMs: 1_000,
  looksPerRead: 5,
  sealConcurrency: 16,
  diskTimeoutMs: 1_000,
  changeTimeoutMs: 2_000,
};

/** Steps of one look: a whole rebuild has eight. More, and rivals undo each other's work: the next look goes on. */
const stepsMax = 32;

/** A standing that may mean a lost memory; the disk says. */
const doubtful: ReadonlySet<AcceptorStanding> = new Set([
  'wiped',
  'foreign',
  'rolled-back',
  'other-incarnation',
]);

export class RebuildController {
  readonly #on: RebuildControllerOptions;
  readonly #limits: RebuildLimits;
  readonly #keeper: RecordKeeper;
  #looks = 0;
  #isStopping = false;
  #cancel: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #told = '';

  constructor(options: RebuildControllerOptions) {
    const { store, clock, random } = options;
    this.#on = options;
    this.#limits = { ...defaultRebuildLimits, ...options.limits };
    this.#keeper = new RecordKeeper({ store, clock, holder: toHex(random.bytes(8)) });
  }

  /** Looks from now on, until `stop`. */
  start(): void {
    const { timers, random } = this.#on;
    const { lookIntervalMs } = this.#limits;
    const again = (): void => {
      if (this.#isStopping) return;
      // Jitter keeps three controllers from asking for the lease at the same moment for ever.
      this.#cancel = timers.schedule(lookIntervalMs * (0.75 + random.unit() / 2), () => {
        this.#running = this.look().finally(again);
      });
    };
    again();
  }

  /** Ends the looking, and the work under way at its next step. Another process goes on. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancel();
    await this.#running;
  }

  /** Opens the replacement of a zone's Redis by the one at `address`; undefined when another rebuild is open. */
  async replace(zone: string, address: AcceptorAddress): Promise<OpenRebuild | undefined> {
    const { voters } = this.#on.store.configuration().members;
    const member = voters.find((voter) => voter.zone === zone);
    if (member === undefined) {
      // Out already, and its Redis may never come back: what is rebuilt is rebuilt there.
      const open = await this.#keeper.redirect(zone, address, this.#deadline());
      return open?.zone === zone ? open : undefined;
    }
    const { incarnation, address: formerAddress } = member;
    const request = {
      ...{ zone, cause: 'replaced' as const, incarnation, address },
      ...(formerAddress === undefined ? {} : { formerAddress }),
    };
    const open = await this.#keeper.open(request, this.#deadline());
    const isOurs = open?.zone === zone && open.cause === 'replaced';
    return isOurs && open.address?.port === address.port && open.address.host === address.host
      ? open
      : undefined;
  }

  /** The zone has its vote at `address` already. */
  isAt(zone: string, { host, port }: AcceptorAddress): boolean {
    const { voters } = this.#on.store.configuration().members;
    const address = voters.find((voter) => voter.zone === zone)?.address;
    return address?.host === host && address.port === port;
  }

  /** The zone has a vote in the present configuration. */
  hasVote(zone: string): boolean {
    return this.#on.store.configuration().members.voters.some((voter) => voter.zone === zone);
  }

  /** The epoch this process works under. */
  epoch(): number {
    return this.#on.store.configuration().members.epoch;
  }

  /** What lies at `address` in `zone` now. */
  lookAt(zone: string, address: AcceptorAddress): Promise<DiskLook> {
    return this.#on.disks.at(zone, address).look(this.#limits.diskTimeoutMs);
  }

  /** The state of the register. Fails as a read does. */
  record(): Promise<RebuildRecord> {
    return this.#keeper.read(this.#deadline());
  }

  /** One look, and the steps that follow from it. Zones that are away end it; the next look goes on. */
  async look(): Promise<void> {
    try {
      if (!(await this.#isDue())) return;
      for (let step = 0; step < stepsMax && !this.#isStopping; step += 1) {
        if (!(await this.#takeStep())) return;
      }
    } catch (error) {
      if (!isKmsError(error)) throw error;
      this.#tell('-', `is looked at again after ${error.code}: ${error.message}`);
    }
  }

  /** Cheap while nothing is wrong: no message but one read in every few looks. */
  async #isDue(): Promise<boolean> {
    this.#looks += 1;
    const { members } = this.#on.store.configuration();
    if (members.voters.length < this.#on.homes.length) return true;
    if (this.#on.store.zones().some(({ standing }) => doubtful.has(standing))) return true;
    if (this.#looks % this.#limits.looksPerRead !== 1) return false;
    const record = await this.record();
    this.#on.observer.record(record);
    return record.open !== null;
  }

  /** True when there may be another step at once. */
  async #takeStep(): Promise<boolean> {
    const { store, observer } = this.#on;
    // First of all: who decided before us may have died before it installed.
    await store.learnDecided(this.#deadline());
    const { stamp } = store.configuration();
    const notInstalled = await store.install(this.#deadline());
    const record = await this.#keeper.read(this.#deadline());
    observer.record(record);
    // Somebody was faster: who has not installed the newer one is not known.
    if (store.configuration().stamp !== stamp) return true;
    const view = await this.#view(record, notInstalled);
    const step = nextStep(view);
    if (step.kind === 'idle') return false;
    if (step.kind === 'wait') {
      this.#tell(step.zone, `waits: ${step.reason}`);
      if (record.open !== null) await this.#keeper.wait(step.reason, this.#deadline());
      return false;
    }
    if (step.kind === 'open') {
      const { zone, cause, incarnation, address } = step;
      await this.#keeper.open({ zone, cause, incarnation, address }, this.#deadline());
      this.#tell(zone, `is rebuilt: ${cause}`);
      return true;
    }
    if ((await this.#keeper.lease(this.#deadline())) === undefined) return false;
    return this.#perform(step, view);
  }

  async #perform(
    step: Exclude<RebuildStep, { kind: 'idle' | 'wait' | 'open' }>,
    view: RebuildView,
  ): Promise<boolean> {
    const { store } = this.#on;
    const { diskTimeoutMs } = this.#limits;
    const { zone } = step;
    switch (step.kind) {
      case 'configure': {
        this.#tell(zone, step.what);
        if (step.what === 'admit') await this.#retire(view.open);
        await store.reconfigure(store.configuration().stamp, step.next, this.#deadline());
        return true;
      }
      case 'format': {
        this.#tell(zone, 'format');
        const self = this.#freshSelf({ zone, acceptorId: step.acceptorId });
        const reply = await this.#disk(zone, view.open).format(self, diskTimeoutMs);
        return reply.kind === 'installed';
      }
      case 'reincarnate': {
        this.#tell(zone, 'reincarnate');
        const disk = this.#disk(zone, view.open);
        return this.#reincarnate(disk, step.seen);
      }
      case 'seal':
        return this.#seal(zone, view.open);
      case 'close': {
        const { open } = view;
        if (open === null) return false;
        // What was overwritten on an old disk is in its log still.
        if (open.cause !== 'wiped') await this.#disk(zone, open).rewriteLog(diskTimeoutMs);
        const closed = await this.#keeper.close(open, this.#deadline());
        this.#on.observer.record(closed);
        if (closed.last !== null) this.#on.observer.finished?.(closed.last);
        this.#tell(zone, 'is rebuilt');
        return false;
      }
    }
  }

  async #reincarnate(disk: ZoneDisk, seen: SeenAcceptor): Promise<boolean> {
    const identity = parseSelf(seen.self);
    assert(identity !== undefined, 'only acceptors of ours are reincarnated');
    const fresh = this.#freshSelf(identity);
    const reply = await disk.reincarnate(seen, fresh, this.#limits.diskTimeoutMs);
    return reply.kind === 'installed';
  }

  /**
   * A Redis that gives way to another would go on voting under the old configuration, should somebody ask it who knows no
   * newer one. It is out by now; if it can be reached it is made blank as well. Best effort: an operator turns it off.
   */
  async #retire(open: OpenRebuild | null): Promise<void> {
    if (open?.cause !== 'replaced') return;
    const disk = this.#on.disks.at(open.zone, open.formerAddress);
    const look = await disk.look(this.#limits.diskTimeoutMs);
    if (look.kind !== 'held' || look.stamp === blankStamp) return;
    if (parseSelf(look.self)?.incarnation !== open.incarnation) return;
    await this.#reincarnate(disk, { self: look.self, stamp: look.stamp });
  }

  async #seal(zone: string, open: OpenRebuild | null): Promise<boolean> {
    const { store, clock, timers, observer } = this.#on;
    this.#tell(zone, 'seal');
    const end: SealEnd = await runSealPass({
      ...{ store, clock, timers },
      stamp: store.configuration().stamp,
      earlier: open?.seal,
      concurrency: this.#limits.sealConcurrency,
      isStopping: () => this.#isStopping,
      save: async (seal) => {
        const isOurs = await this.#keeper.saveSeal(seal, this.#deadline());
        if (open !== null) observer.record({ open: { ...open, seal }, last: null, lease: null });
        return isOurs;
      },
    });
    return end === 'complete';
  }

  async #view(record: RebuildRecord, notInstalled: readonly string[]): Promise<RebuildView> {
    const { store, homes, clusterId, region } = this.#on;
    const { members } = store.configuration();
    const standings = new Map(store.zones().map(({ zone, standing }) => [zone, standing]));
    const isLookedAt = ({ zone }: HomeAcceptor): boolean =>
      !members.voters.some((voter) => voter.zone === zone) ||
      record.open?.zone === zone ||
      doubtful.has(standings.get(zone) ?? 'unreachable');
    const looks = await Promise.all(
      homes.filter(isLookedAt).map(async ({ zone }): Promise<[string, DiskLook]> => {
        const member = members.voters.find((voter) => voter.zone === zone);
        const open = record.open?.zone === zone ? record.open : undefined;
        const address = member === undefined ? open?.address : member.address;
        const disk = this.#on.disks.at(zone, address);
        return [zone, await disk.look(this.#limits.diskTimeoutMs)];
      }),
    );
    return {
      ...{ clusterId, region, homes, notInstalled, standings },
      configuration: members,
      open: record.open,
      looks: new Map(looks),
    };
  }

  #disk(zone: string, open: OpenRebuild | null): ReturnType<ZoneDisks['at']> {
    return this.#on.disks.at(zone, open?.zone === zone ? open.address : undefined);
  }

  /** Never twice the same: a late errand of a rival must not bring an incarnation back without its promises. */
  #freshSelf({
    zone,
    acceptorId,
  }: Pick<ConfiguredAcceptor, 'zone' | 'acceptorId'> | AcceptorIdentity): string {
    const { clusterId, region, random } = this.#on;
    return selfOf({ clusterId, region, zone, acceptorId, incarnation: toHex(random.bytes(16)) });
  }

  #tell(zone: string, what: string): void {
    const sentence = `${zone} ${what}`;
    if (sentence === this.#told) return;
    this.#told = sentence;
    this.#on.observer.step(zone, what);
  }

  #deadline(): Deadline {
    return Deadline.after(this.#on.clock, this.#limits.changeTimeoutMs);
  }
}
