// What the work by date works with. Types only.
import type { ListNewsSource, RegisterStore } from '@zonehold/caspaxos';
import type { Clock, Random } from '@zonehold/primitives';
import type { Log, Metrics } from '@zonehold/telemetry';
import type { CryptoClient } from '../crypto-client.ts';
import type { ErasureRepository } from '../erasure/erasure-repository.ts';
import type { InstanceRepository } from '../instance-repository.ts';
import type { KeyRepository } from '../key-repository.ts';

export interface SchedulePorts {
  readonly store: RegisterStore;
  /** Where due keys are found. What is found there decides nothing. */
  readonly lists: ListNewsSource;
  readonly instances: InstanceRepository;
  readonly keys: KeyRepository;
  readonly erasures: ErasureRepository;
  readonly crypto: Pick<CryptoClient, 'sealMaterial'>;
  /** The zone of this process, and every zone of the region. */
  readonly zone: string;
  readonly zones: readonly string[];
  /** Wall time may jump, in development also by years; it is asked again for each step. */
  readonly clock: Clock;
  /** False while this machine's clock is known to be wrong: others do the work then. */
  readonly isClockRight: () => boolean;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'scheduledChanges' | 'scheduledOldestDue'>;
  /** Called after each piece of work with how long it took: requests come first. */
  readonly rest: (tookMs: number) => Promise<void>;
  /** Aborted when the process ends: no further piece of work is begun. */
  readonly signal: AbortSignal;
}
