// A process that stops before one of its effects: for ever (kill -9), for a while (SIGSTOP), or only this one message is
// late. Effects are what changes an acceptor: prepare, accept, install, format, reincarnate; and what leads to them: a look, a
// decision.
import {
  epochOf,
  rowKey,
  type AcceptorPort,
  type ReconfigurableStore,
  type RegisterId,
  type ZoneDisk,
  type ZoneDisks,
} from '@zonehold/caspaxos';
import { forwarding } from './broken-rebuilds.ts';

/** `late`: the process goes on while one message is under way for a long time. */
export type Stop = 'killed' | 'frozen' | 'late';

/** True when the process stops before `effect`, which would be its `count`-th of that name (from 1). */
export type StopsBefore = (effect: string, count: number) => boolean;

/** See the head of the file. Effects are named `accept region/rebuild us-south-1`, `install 2 us-south-1`, `format us-south-3`. */
export class StoppedProcess {
  /** Every effect that may be stopped at; an installation that is only repeated is not among them. */
  readonly effects: string[] = [];
  readonly #stop: Stop;
  readonly #stopsBefore: StopsBefore;
  readonly #counts = new Map<string, number>();
  #stopped: string | undefined;
  #goOn: () => void = () => undefined;
  #gate: Promise<void> = Promise.resolve();

  constructor(stop: Stop, stopsBefore: StopsBefore) {
    this.#stop = stop;
    this.#stopsBefore = stopsBefore;
  }

  /** The effect before which it stopped. */
  get stoppedBefore(): string | undefined {
    return this.#stopped;
  }

  /** Nothing more comes from it until it is released. */
  get isHalted(): boolean {
    return this.#stopped !== undefined && this.#stop !== 'late';
  }

  /** What was stopped arrives now; a killed process stays dead. */
  release(): void {
    if (this.#stop !== 'killed') this.#goOn();
  }

  readonly wrapPort = (port: AcceptorPort): AcceptorPort => {
    const effect = (what: string): Promise<void> => this.#effect(`${what} ${port.zone}`);
    const about = (phase: string, id: RegisterId): string => `${phase} ${rowKey(id)}`;
    return {
      zone: port.zone,
      read: (...call) => this.#whileRunning(() => port.read(...call)),
      list: (...call) => this.#whileRunning(() => port.list(...call)),
      scan: (...call) => this.#whileRunning(() => port.scan(...call)),
      prepare: async (request, timeoutMs) => {
        await effect(about('prepare', request.id));
        return port.prepare(request, timeoutMs);
      },
      accept: async (request, timeoutMs) => {
        await effect(about('accept', request.id));
        return port.accept(request, timeoutMs);
      },
      install: async (expected, next, timeoutMs) => {
        await effect(`install ${epochOf(next.stamp)}`);
        return port.install(expected, next, timeoutMs);
      },
      standing: () => port.standing(),
      close: () => port.close(),
    };
  };

  readonly wrapDisks = (disks: ZoneDisks): ZoneDisks => ({
    at: (zone, address): ZoneDisk => {
      const disk = disks.at(zone, address);
      return {
        look: async (timeoutMs) => {
          await this.#effect(`look ${zone}`);
          return disk.look(timeoutMs);
        },
        format: async (...call) => {
          await this.#effect(`format ${zone}`);
          return disk.format(...call);
        },
        reincarnate: async (...call) => {
          await this.#effect(`reincarnate ${zone}`);
          return disk.reincarnate(...call);
        },
        rewriteLog: async (timeoutMs) => {
          await this.#effect(`rewrite ${zone}`);
          return disk.rewriteLog(timeoutMs);
        },
      };
    },
  });

  /** The store of its controller. */
  readonly wrapStore = (store: ReconfigurableStore): ReconfigurableStore => ({
    ...forwarding(store),
    reconfigure: async (from, next, deadline) => {
      await this.#effect(`decide ${next.epoch}`);
      return store.reconfigure(from, next, deadline);
    },
  });

  async #whileRunning<Reply>(ask: () => Promise<Reply>): Promise<Reply> {
    if (this.isHalted) await this.#gate;
    return ask();
  }

  async #effect(name: string): Promise<void> {
    if (this.#stopped !== undefined) return this.isHalted ? this.#gate : undefined;
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    const isRepeated = name.startsWith('install') && count > 1;
    if (!isRepeated) this.effects.push(name);
    if (isRepeated || !this.#stopsBefore(name, count)) return;
    this.#stopped = name;
    this.#gate = new Promise((resolve) => (this.#goOn = resolve));
    await this.#gate;
  }
}
