// What giving and taking works with. Types only.
import type { RoleName } from '@zonehold/key-domain';
import type { Random } from '@zonehold/primitives';
import type { ApiKeyRepository } from '../identity/api-key-repository.ts';
import type { KeyRingRepository } from '../key-ring-repository.ts';
import type { GrantPlace } from './grant-place.ts';
import type { GrantRegisters } from './grant-registers.ts';

export interface GrantPorts extends GrantRegisters {
  readonly keyRings: KeyRingRepository;
  readonly apiKeys: ApiKeyRepository;
  readonly random: Random;
}

export interface WantedGrant {
  readonly credentialId: string;
  readonly place: GrantPlace;
  /** Only in an instance: on the keys of this ring alone. */
  readonly keyRingId?: string;
  readonly roles: readonly RoleName[];
}
