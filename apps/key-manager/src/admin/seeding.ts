// What a seed is planted with, besides what every administrative request has. Made only in a development region.
import type { RegisterStore } from '@zonehold/caspaxos';
import type { Deadline } from '@zonehold/primitives';
import { AliasRepository } from '../alias-repository.ts';
import {
  living,
  noInstance,
  type Instance,
  type InstanceRepository,
} from '../instance-repository.ts';
import { KeyRepository } from '../key-repository.ts';

export interface SeedingPorts {
  readonly aliases: AliasRepository;
}

export function seedingIn(store: RegisterStore): SeedingPorts {
  return { aliases: new AliasRepository(store, new KeyRepository(store)) };
}

/** The instance; undefined for one that was deleted: nothing is planted there any more. NOT_FOUND when it never was. */
export async function instanceToSeed(
  instances: InstanceRepository,
  instanceId: string,
  deadline: Deadline,
): Promise<Instance | undefined> {
  const record = await instances.read(instanceId, deadline);
  if (record === undefined) throw noInstance(instanceId);
  return living(record);
}
