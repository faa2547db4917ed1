// Plants a seed through the region's own administration, one request for each thing. What is there already stays as it is, so that
// a start that was cut short goes on, and a second start changes nothing.
import type { AdminRequest } from '@zonehold/api-contract';
import type { MeshClient } from '@zonehold/mesh';
import { isKmsError, type KmsErrorCode } from '@zonehold/primitives';
import { refuse } from '../refusal.ts';
import { retryUntil } from '../region/retry.ts';
import { askOperator } from '../tenant/operator.ts';
import type { Seed } from './seed-file.ts';

/** Key-managers may need a moment until they have their quorum. */
const plantWithinMs = 20_000;

/** Repeating the request cannot mend these. */
const lasting: ReadonlySet<KmsErrorCode> = new Set(['INVALID_ARGUMENT', 'NOT_FOUND', 'CONFLICT']);

type SeedRequest = Extract<AdminRequest, { kind: 'seed-instance' | 'seed-api-key' | 'seed-key' }>;

/** Counts what was not there before. */
export async function plantSeed(seed: Seed, mesh: MeshClient, source: string): Promise<number> {
  let planted = 0;
  const plant = async (what: string, request: SeedRequest): Promise<void> => {
    const { isNew } = await retryUntil(
      `plant ${what}`,
      plantWithinMs,
      () => askOperator<SeedRequest['kind']>(mesh, request),
      (error) => {
        if (isKmsError(error) && lasting.has(error.code)) {
          refuse(`The seed ${source} cannot be planted: ${what}: ${error.message}.`);
        }
      },
    );
    if (isNew) planted += 1;
  };
  for (const { keys, ...instance } of seed.instances) {
    const { id: instanceId } = instance;
    await plant(`the instance ${instanceId}`, { kind: 'seed-instance', instance });
    for (const key of keys) {
      await plant(`the key ${key.id}`, { kind: 'seed-key', instanceId, key });
    }
  }
  for (const apiKey of seed.apiKeys) {
    await plant(`the API key ${apiKey.id}`, { kind: 'seed-api-key', apiKey });
  }
  return planted;
}
