// A region in memory whose messages a schedule directs: pure acceptors, real stores and rebuild controllers, virtual time.
// For schedules that chance does not find; the thousand seeds are simulate.ts.
import {
  quorumSize,
  RebuildController,
  type AcceptorPort,
  type Decision,
  type ReconfigurableStore,
  type RegisterId,
  type ZoneDisks,
} from '@zonehold/caspaxos';
import { createStoreUnderRules, decideRead } from '@zonehold/caspaxos/internal';
import { Deadline, SeededRandom } from '@zonehold/primitives';
import { createTestAuthenticator } from './authenticator.ts';
import type { Variant } from './broken-variants.ts';
import { createHostDisks } from './host-disks.ts';
import { HostPorts } from './host-ports.ts';
import { createMemoryRegion, immediateTransport, memberOf, memoryPlace } from './memory-store.ts';
import { ScriptedPorts } from './scripted-ports.ts';
import type { StoppedProcess } from './stopped-process.ts';
import { VirtualTime } from './virtual-time.ts';

/** One process of a scene. */
export interface SceneProcess {
  readonly network: ScriptedPorts;
  readonly store: ReconfigurableStore;
  /** What its controller works with: the store, unless a variant says otherwise. */
  readonly controllerStore: ReconfigurableStore;
  readonly controller: RebuildController;
}

/** The register that schedules are about: a list of operation ids. */
export const sceneRegister: RegisterId = { scope: 'instance-1', name: 'key/one' };

/** See the head of the file. */
export class Scene {
  readonly time = new VirtualTime();
  readonly region;
  readonly alarms: string[] = [];
  readonly #variant: Variant;
  #boots = 0;

  constructor(variant: Variant = {}) {
    this.#variant = variant;
    this.region = createMemoryRegion(createTestAuthenticator(), 3, variant.acceptorRules);
  }

  /** Boots a process; `stopped` says where it stops. */
  process(stopped?: StoppedProcess): SceneProcess {
    const { region, time } = this;
    const { wrapPorts, standingOf } = this.#variant;
    const { wrapDisks = (disks: ZoneDisks) => disks } = this.#variant;
    const { authenticator, configuration } = region;
    const random = new SeededRandom((this.#boots += 1));
    const transport = immediateTransport(region);
    const own = wrapPorts?.(authenticator) ?? ((port: AcceptorPort) => port);
    const stop = stopped?.wrapPort ?? ((port: AcceptorPort) => port);
    const network = new ScriptedPorts(
      (wrap) => new HostPorts(region, transport, standingOf, (port) => own(stop(wrap(port)))),
    );
    const store = createStoreUnderRules(
      {
        ports: network.ports,
        ...{ configuration, authenticator, random, clock: time, timers: time },
        proposerId: this.#boots.toString(16).padStart(16, '0'),
        observer: {
          round: () => undefined,
          conflict: () => undefined,
          reads: () => undefined,
          unknown: () => undefined,
          epoch: () => undefined,
          alarm: (kind, zone) => this.alarms.push(`${kind} ${zone}`),
        },
      },
      { decideRead, quorumSize },
    );
    const ownStore = this.#variant.controllerStore?.(store, authenticator) ?? store;
    const controllerStore = stopped?.wrapStore(ownStore) ?? ownStore;
    const disks = wrapDisks(createHostDisks(transport));
    const controller = new RebuildController({
      store: controllerStore,
      ...{ clock: time, timers: time, random, ...memoryPlace },
      disks: stopped?.wrapDisks(disks) ?? disks,
      homes: region.hosts.map(({ zone }) => memberOf(zone)),
      observer: { step: () => undefined, record: () => undefined },
    });
    return { network, store, controllerStore, controller };
  }

  /** Runs virtual time until `work` has ended, and gives its result or its error. */
  async ended<Value>(work: Promise<Value>): Promise<Value> {
    let isDone = false;
    work.then(
      () => (isDone = true),
      () => (isDone = true),
    );
    await this.time.run(this.time.monotonicMs() + 600_000, () => isDone);
    return work;
  }

  /** Appends `opId`; the list that resulted. */
  append({ store }: SceneProcess, opId: string, timeoutMs = 60_000): Promise<readonly string[]> {
    const change = (value: string | null): Decision<readonly string[]> => {
      const list = value === null ? [] : value.split(',');
      if (list.includes(opId)) return { kind: 'keep', result: list };
      const longer = [...list, opId];
      return { kind: 'write', value: longer.join(','), summary: null, result: longer };
    };
    const deadline = Deadline.after(this.time, timeoutMs);
    return store.change(sceneRegister, change, deadline).then(({ result }) => result);
  }

  async read({ store }: SceneProcess): Promise<readonly string[]> {
    const deadline = Deadline.after(this.time, 5_000);
    const [state] = await this.ended(store.read([sceneRegister], deadline));
    return state?.value?.split(',') ?? [];
  }

  /** Has the process look until all zones vote again. */
  async rebuild({ store, controller }: SceneProcess): Promise<void> {
    for (let look = 0; look < 60; look += 1) {
      await this.ended(controller.look());
      const { members } = store.configuration();
      const { open } = await this.ended(controller.record());
      if (members.epoch > 1 && members.voters.length === 3 && open === null) return;
      await this.ended(this.time.sleep(500));
    }
    throw new Error('the zone was not rebuilt');
  }

  /** What each zone holds: its epoch, or why it has none. */
  epochs(): (number | 'empty' | 'blank')[] {
    return this.region.hosts.map(({ state: { header } }) => {
      if (header === null) return 'empty';
      const { text } = header.configuration;
      return text === '' ? 'blank' : (JSON.parse(text) as { epoch: number }).epoch;
    });
  }

  /** Has it look until it stopped for good, or there is no more to do. The look under way is the result. */
  async lookUntilStopped(
    { controller, store }: SceneProcess,
    stopped: StoppedProcess,
  ): Promise<{ readonly looking: Promise<void> }> {
    const { time } = this;
    let looking: Promise<void> = Promise.resolve();
    for (let look = 0; look < 20; look += 1) {
      let isDone = false;
      looking = controller.look().finally(() => (isDone = true));
      const isEnd = (): boolean => isDone || stopped.isHalted;
      const hasEnded = await time.run(time.monotonicMs() + 3_000, isEnd);
      if (!hasEnded || stopped.isHalted) break;
      const { members } = store.configuration();
      if (members.epoch > 1 && members.voters.length === 3) break;
      await this.ended(time.sleep(500));
    }
    return { looking };
  }
}
