// seed-instance: an instance with an id that somebody chose, and its key rings. Only in a development region.
import type { SeedView } from '@zonehold/api-contract';
import { createKeyRing, nameKeyRing } from '@zonehold/key-domain';
import { assert, isKmsError, KmsError, toHex } from '@zonehold/primitives';
import type { Instance } from '../instance-repository.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { seedAuthor, seedStamp } from './seed-stamp.ts';

const accountIdBytes = 16;

/** Makes what is missing of both. An instance that is there keeps its name and its account. */
export async function seedInstance(
  ports: AdminPorts,
  { instance: wanted }: AdminRequestOf<'seed-instance'>,
  context: AdminContext,
): Promise<SeedView> {
  const isNew = !(await isThere(ports, wanted.id, context));
  if (isNew) {
    const { sealedInstanceKey } = await ports.crypto.createInstanceKey(
      { instanceId: wanted.id },
      context,
    );
    const instance: Instance = {
      instanceId: wanted.id,
      accountId: wanted.accountId ?? toHex(ports.random.bytes(accountIdBytes)),
      name: wanted.name,
      createdAtMs: ports.clock.wallMs(),
      sealedInstanceKey,
      grants: {},
    };
    await ports.instances.create(instance, context.deadline);
    ports.log.info('instance.seeded', { instanceId: wanted.id });
  }
  for (const id of wanted.keyRings ?? []) await seedKeyRing(ports, wanted.id, id, context);
  return { isNew };
}

async function isThere(
  { instances }: AdminPorts,
  instanceId: string,
  { deadline }: AdminContext,
): Promise<boolean> {
  try {
    await instances.find([instanceId], deadline);
    return true;
  } catch (error) {
    if (isKmsError(error) && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

async function seedKeyRing(
  { seeding, clock }: AdminPorts,
  instanceId: string,
  id: string,
  { deadline }: AdminContext,
): Promise<void> {
  assert(seeding !== undefined, 'elsewhere the request is not parsed');
  const nowMs = clock.wallMs();
  const input = { id, createdBy: seedAuthor, stamp: seedStamp(id) };
  const refusal = await seeding.keyRings.change(
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
