// For tests only: key-managers' erasure controllers over one memory region, with Redis files and caches that a test can look into
// and take away. The store, the keys and the records are real.
import { KmsError, systemRandom, toHex, type Clock } from '@zonehold/primitives';
import type { RegisterStore } from '@zonehold/caspaxos';
import type { AofRewriter, AofState } from '@zonehold/caspaxos-redis';
import { createLog, createMetrics, type ErasureDone } from '@zonehold/telemetry';
import type { MemoryRegion } from '@zonehold/testkit';
import { ErasureController } from '../erasure/erasure-controller.ts';
import { ErasureRepository } from '../erasure/erasure-repository.ts';
import type { ForgottenKey, MaterialCaches } from '../erasure/ports.ts';
import { InstanceRepository } from '../instance-repository.ts';
import { KeyRepository } from '../key-repository.ts';
import { RegistrationRepository } from '../registration-repository.ts';
import { region } from './key-managers.ts';

/** The AOF of every zone as far as it matters: when rewrites begin and end. */
export class TestFiles implements AofRewriter {
  readonly #memory: MemoryRegion;
  readonly #zones = new Map<string, AofState>();
  /** How often a rewrite was asked for, by zone. */
  readonly asked = new Map<string, number>();
  /** Requests are taken, and never carried out. */
  isDeaf = false;

  constructor(memory: MemoryRegion) {
    this.#memory = memory;
    for (const { zone } of memory.hosts) {
      const state = { self: `self-${zone}`, runId: 'run-1', rewrites: 0 };
      this.#zones.set(zone, { ...state, isRewriting: false, isLastOk: true });
    }
  }

  stateOf(zone: string): AofState {
    return this.#zones.get(zone)!;
  }

  set(zone: string, over: Partial<AofState>): void {
    this.#zones.set(zone, { ...this.stateOf(zone), ...over });
  }

  /** The rewrites under way end. */
  finish(isLastOk = true): void {
    for (const [zone, state] of this.#zones) {
      if (state.isRewriting) this.set(zone, { isRewriting: false, isLastOk });
    }
  }

  async look(zone: string): Promise<AofState> {
    if (!this.#memory.host(zone).isUp) throw new KmsError('UNAVAILABLE', 'Redis is down');
    return this.stateOf(zone);
  }

  async start(zone: string): Promise<void> {
    const { rewrites, isRewriting } = await this.look(zone);
    this.asked.set(zone, (this.asked.get(zone) ?? 0) + 1);
    if (this.isDeaf || isRewriting) return;
    this.set(zone, { rewrites: rewrites + 1, isRewriting: true });
  }

  close(): void {
    this.#zones.clear();
  }
}

/** What each process was asked to forget. */
export class TestCaches implements MaterialCaches {
  readonly forgotten = new Map<string, string[]>();
  /** `<service>/<zone>` of processes that do not answer. */
  readonly away = new Set<string>();

  async forget(service: string, zone: string, keys: readonly ForgottenKey[]): Promise<void> {
    const name = `${service}/${zone}`;
    if (this.away.has(name)) throw new KmsError('LINK_LOST', 'away');
    const known = this.forgotten.get(name) ?? [];
    this.forgotten.set(name, [
      ...known,
      ...keys.map(({ instanceId, keyId }) => keyId ?? instanceId),
    ]);
  }
}

export interface TestEraser {
  readonly controller: ErasureController;
  readonly audited: readonly ErasureDone[];
  readonly metrics: ReturnType<typeof createMetrics>;
}

/** One key-manager's controller over `store`. */
export function openEraser(options: {
  readonly store: RegisterStore;
  readonly zones: readonly string[];
  readonly clock: Clock;
  readonly aof: AofRewriter;
  readonly caches: MaterialCaches;
}): TestEraser {
  const { store } = options;
  const audited: ErasureDone[] = [];
  const silent = createLog({ service: 'key-manager', zone: 'test', region, level: 'silent' });
  const metrics = createMetrics({ service: 'key-manager', zone: 'test', region });
  const controller = new ErasureController({
    ...options,
    instances: new InstanceRepository(store),
    keys: new KeyRepository(store),
    registrations: new RegistrationRepository(store),
    erasures: new ErasureRepository(store),
    log: { ...silent, audit: (event) => audited.push(event as ErasureDone) },
    metrics,
    holder: toHex(systemRandom.bytes(8)),
  });
  return { controller, audited, metrics };
}
