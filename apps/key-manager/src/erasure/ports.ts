// What the erasure of key material works with. Types only.
import type { RegisterStore } from '@zonehold/caspaxos';
import type { AofRewriter } from '@zonehold/caspaxos-redis';
import type { Clock, Deadline } from '@zonehold/primitives';
import type { Log, Metrics } from '@zonehold/telemetry';
import type { InstanceRepository } from '../instance-repository.ts';
import type { KeyRepository } from '../key-repository.ts';
import type { RegistrationRepository } from '../registration-repository.ts';
import type { CacheService } from './erasure-record.ts';
import type { ErasureRepository } from './erasure-repository.ts';

/** A key whose material is to be forgotten; without `keyId`: the instance's key, and all that was opened with it. */
export interface ForgottenKey {
  readonly instanceId: string;
  readonly keyId?: string;
}

/** The caches of one process each. Resolves when that process keeps nothing of `keys`; else fails with a KmsError. */
export interface MaterialCaches {
  forget(
    service: CacheService,
    zone: string,
    keys: readonly ForgottenKey[],
    deadline: Deadline,
  ): Promise<void>;
}

export interface ErasurePorts {
  readonly store: RegisterStore;
  readonly instances: InstanceRepository;
  readonly keys: KeyRepository;
  readonly registrations: RegistrationRepository;
  readonly erasures: ErasureRepository;
  readonly aof: AofRewriter;
  readonly caches: MaterialCaches;
  /** Every zone of the region. */
  readonly zones: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'erasuresPending' | 'erasureOldestAge' | 'erasuresDone'>;
  /** Of this process, different in every process and boot. */
  readonly holder: string;
}

/** One remote step: a few rounds, of which one may wait for a zone that has just died. */
export const stepTimeoutMs = 3_000;
