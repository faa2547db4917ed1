// What a seed is planted with, besides what every administrative request has. Made only in a development region.
import type { RegisterStore } from '@zonehold/caspaxos';
import { AliasRepository } from '../alias-repository.ts';
import { KeyRepository } from '../key-repository.ts';
import { KeyRingRepository } from '../key-ring-repository.ts';

export interface SeedingPorts {
  readonly keys: KeyRepository;
  readonly keyRings: KeyRingRepository;
  readonly aliases: AliasRepository;
}

export function seedingIn(store: RegisterStore): SeedingPorts {
  const keys = new KeyRepository(store);
  return {
    keys,
    keyRings: new KeyRingRepository(store),
    aliases: new AliasRepository(store, keys),
  };
}
