// For tests only: the work by date of one zone's key-manager, ticking when a test says so.
import type { ListNewsSource, RegisterStore } from '@zonehold/caspaxos';
import { systemRandom, type Clock, type Random } from '@zonehold/primitives';
import { createLog, createMetrics } from '@zonehold/telemetry';
import { createMemoryStore, type MemoryRegion } from '@zonehold/testkit';
import type { CryptoClient } from '../crypto-client.ts';
import { ErasureRepository } from '../erasure/erasure-repository.ts';
import { InstanceRepository } from '../instance-repository.ts';
import { KeyRepository } from '../key-repository.ts';
import type { CarriedOut, ScheduledKind } from '../schedules/carry-out.ts';
import { rankOf } from '../schedules/rank.ts';
import { ScheduleController } from '../schedules/schedule-controller.ts';
import { region } from './key-managers.ts';

export interface TestScheduler {
  readonly zone: string;
  readonly controller: ScheduleController;
  /** How often a change of this kind ended so, here. */
  counted(kind: ScheduledKind, outcome: CarriedOut): Promise<number>;
  /** `kms_scheduled_oldest_due_seconds`. */
  oldestDueSeconds(): Promise<number>;
  /** Pages of lists that were asked for. */
  readonly pages: { count: number };
}

export function openScheduler(options: {
  readonly memory: MemoryRegion;
  readonly clock: Clock;
  readonly crypto: Pick<CryptoClient, 'sealMaterial'>;
  readonly zone: string;
  readonly random?: Random;
  readonly isClockRight?: () => boolean;
  /** Put between the work and the real store. */
  readonly decorate?: (store: RegisterStore) => RegisterStore;
}): TestScheduler {
  const { memory, clock, random = systemRandom, decorate } = options;
  const real = createMemoryStore({ clock, random, region: memory });
  const zones = memory.hosts.map(({ zone }) => zone);
  return schedulerOver({ ...options, store: decorate?.(real) ?? real, lists: real, zones });
}

/** On any store. */
export function schedulerOver(parts: {
  readonly store: RegisterStore;
  readonly lists: ListNewsSource;
  readonly clock: Clock;
  readonly crypto: Pick<CryptoClient, 'sealMaterial'>;
  readonly zone: string;
  readonly zones: readonly string[];
  readonly random?: Random;
  readonly isClockRight?: () => boolean;
}): TestScheduler {
  const { store, lists, zone, random = systemRandom, isClockRight = () => true } = parts;
  const metrics = createMetrics({ service: 'key-manager', zone, region });
  const pages = { count: 0 };
  const counting: ListNewsSource = {
    news: (...question) => {
      pages.count += 1;
      return lists.news(...question);
    },
  };
  const controller = new ScheduleController({
    ...{ ...parts, lists: counting, random, metrics, isClockRight },
    instances: new InstanceRepository(store),
    keys: new KeyRepository(store),
    erasures: new ErasureRepository(store),
    log: createLog({ service: 'key-manager', zone, region, level: 'silent' }),
    rest: async () => undefined,
    signal: new AbortController().signal,
  });
  const valueOf = async (beginning: string): Promise<number> => {
    const lines = (await metrics.text()).split('\n');
    return Number(
      lines
        .find((line) => line.startsWith(beginning))
        ?.split(' ')
        .at(-1) ?? 0,
    );
  };
  return {
    ...{ zone, controller, pages },
    counted: (kind, outcome) =>
      valueOf(`kms_scheduled_changes_total{kind="${kind}",outcome="${outcome}"`),
    oldestDueSeconds: () => valueOf('kms_scheduled_oldest_due_seconds'),
  };
}

/** The zones of a region in the order in which they do an instance's work. */
export function zonesByRank(memory: MemoryRegion, instanceId: string): readonly string[] {
  const zones = memory.hosts.map(({ zone }) => zone);
  return zones.toSorted(
    (left, right) => rankOf(left, zones, instanceId) - rankOf(right, zones, instanceId),
  );
}
