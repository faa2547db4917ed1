// One key-manager of a simulated region, as far as replication goes: its store and its rebuild controller, on a time of its
// own. It can be stopped and go on, and it can be killed with calls under way.
import {
  RebuildController,
  type Authenticator,
  type ReconfigurableStore,
  type RegisterStore,
  type StoreObserver,
  type ZoneDisks,
} from '@zonehold/caspaxos';
import { createStoreUnderRules, decideRead, type ProposerRules } from '@zonehold/caspaxos/internal';
import { quorumSize } from '@zonehold/caspaxos';
import { KmsError, SeededRandom, toHex } from '@zonehold/primitives';
import type { Variant } from './broken-variants.ts';
import { createHostDisks } from './host-disks.ts';
import { HostPorts } from './host-ports.ts';
import { memberOf, memoryPlace, type MemoryRegion, type OperatorsFile } from './memory-store.ts';
import type { Network } from './network.ts';
import { ProcessTime } from './process-time.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Looks often, so that whole rebuilds fit into a run of seconds. */
const rebuildLimits = {
  lookIntervalMs: 150,
  looksPerRead: 4,
  sealConcurrency: 4,
  diskTimeoutMs: 120,
  changeTimeoutMs: 600,
} as const;

const realProposerRules: ProposerRules = { decideRead, quorumSize };

export interface SimulatedProcessOptions {
  readonly name: string;
  /** Of this boot alone: another boot is another proposer. */
  readonly seed: number;
  readonly time: VirtualTime;
  readonly network: Network;
  readonly region: MemoryRegion;
  readonly file: OperatorsFile;
  readonly authenticator: Authenticator;
  readonly variant: Variant;
  readonly observer: StoreObserver;
  /** A rebuild was finished here. */
  readonly rebuilt: (zone: string) => void;
}

/** See the head of the file. */
export class SimulatedProcess {
  readonly name: string;
  readonly time: ProcessTime;
  readonly store: ReconfigurableStore;
  readonly controller: RebuildController;
  readonly #calls = new Set<(error: KmsError) => void>();
  /** What clients call: takes its turn as the process does. */
  readonly front: Pick<RegisterStore, 'read' | 'change'>;

  constructor(options: SimulatedProcessOptions) {
    const { name, seed, network, region, file, authenticator, variant, observer } = options;
    const random = new SeededRandom(seed);
    const time = new ProcessTime(options.time);
    const transport = network.transportOf(name, time);
    this.name = name;
    this.time = time;
    this.store = createStoreUnderRules(
      {
        ports: new HostPorts(
          region,
          transport,
          variant.standingOf,
          variant.wrapPorts?.(authenticator),
          file,
        ),
        configuration: region.configuration,
        ...{ authenticator, observer, random, clock: time, timers: time },
        proposerId: toHex(random.bytes(8)),
        limits: { phaseTimeoutMs: 60 + random.below(90), writeBackTimeoutMs: 300 },
      },
      variant.proposerRules ?? realProposerRules,
    );
    const disks = createHostDisks(transport, file);
    this.controller = new RebuildController({
      store: variant.controllerStore?.(this.store, authenticator) ?? this.store,
      disks: variant.wrapDisks?.(disks) ?? disks,
      ...memoryPlace,
      homes: region.hosts.map(({ zone }) => memberOf(zone)),
      ...{ random, clock: time, timers: time },
      observer: {
        step: (zone, what) => {
          if (what === 'is rebuilt') options.rebuilt(zone);
        },
        record: () => undefined,
      },
      limits: rebuildLimits,
    });
    this.controller.start();
    const store = variant.clientStore?.(this.store) ?? this.store;
    this.front = {
      read: (ids, deadline) => this.#serve(() => store.read(ids, deadline)),
      change: (id, change, deadline) => this.#serve(() => store.change(id, change, deadline)),
    };
  }

  /** Nothing more happens in it, and nobody learns how its calls ended. */
  kill(): void {
    this.time.kill();
    for (const fail of this.#calls) fail(new KmsError('OUTCOME_UNKNOWN', 'the process was killed'));
    this.#calls.clear();
  }

  #serve<Result>(call: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#calls.add(reject);
      this.time.receive(() => {
        call()
          .finally(() => this.#calls.delete(reject))
          .then(resolve, reject);
      });
    });
  }
}

/** What a variant may put in the place of the parts of a process. */
export interface ProcessSeams {
  readonly controllerStore?: (
    store: ReconfigurableStore,
    authenticator: Authenticator,
  ) => ReconfigurableStore;
  readonly clientStore?: (store: ReconfigurableStore) => Pick<RegisterStore, 'read' | 'change'>;
  readonly wrapDisks?: (disks: ZoneDisks) => ZoneDisks;
}
