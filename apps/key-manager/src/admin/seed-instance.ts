// seed-instance: an instance with an id that somebody chose, and its key rings. Only in a development region.
import type { SeedView } from '@zonehold/api-contract';
import { createKeyRing, nameKeyRing } from '@zonehold/key-domain';
import { KmsError } from '@zonehold/primitives';
import { living } from '../instance-repository.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { makeInstance } from './make-instance.ts';
import { seedAuthor, seedStamp } from './seed-stamp.ts';

/** Makes what is missing of both. An instance that is there keeps its name and its account; one that was deleted stays so. */
export async function seedInstance(
  ports: AdminPorts,
  { instance: wanted }: AdminRequestOf<'seed-instance'>,
  context: AdminContext,
): Promise<SeedView> {
  const known = await ports.instances.read(wanted.id, context.deadline);
  const isNew = known === undefined;
  if (known !== undefined && living(known) === undefined) return { isNew };
  if (isNew) {
    await makeInstance(ports, wanted, context);
    ports.log.info('instance.seeded', { instanceId: wanted.id });
  }
  for (const id of wanted.keyRings ?? []) await seedKeyRing(ports, wanted.id, id, context);
  return { isNew };
}

async function seedKeyRing(
  { keyRings, clock }: AdminPorts,
  instanceId: string,
  id: string,
  { deadline }: AdminContext,
): Promise<void> {
  const nowMs = clock.wallMs();
  const input = { id, createdBy: seedAuthor, stamp: seedStamp(id) };
  const refusal = await keyRings.change(
    instanceId,
    (rings) => {
      if (nameKeyRing(rings, id) !== undefined) return { kind: 'keep', result: undefined };
      const made = createKeyRing(rings, input, nowMs);
      return made.ok
        ? { kind: 'write', record: made.rings, result: undefined }
        : { kind: 'keep', result: made.refusal };
    },
    deadline,
  );
  if (refusal !== undefined) throw new KmsError('CONFLICT', `key ring ${id}: ${refusal.code}`);
}
