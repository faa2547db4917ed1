// delete-instance: for ever. The instance's key leaves its register, and with it everything that was ever sealed under it is noise
// (crypto-shredding). Answered once that is committed; that old copies of the register then leave every disk and cache is the
// erasure's matter, on record before (docs/erasure.md).
import type { InstanceView } from '@zonehold/api-contract';
import { keyState, keyStates } from '@zonehold/key-domain';
import { KmsError, type Deadline } from '@zonehold/primitives';
import { instanceOf, readPlace } from '../grants/grant-place.ts';
import { placesOf } from '../identity/api-key-repository.ts';
import { living, noInstance, type DeletedInstance, type Instance } from '../instance-repository.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { instanceView } from './views.ts';

/**
 * NOT_FOUND; CONFLICT while it is not suspended, under another name than its own, or while it holds keys that are not deleted and
 * `isWithKeys` is false. Whatever fails midway, asking again goes through all of it.
 */
export async function deleteInstance(
  ports: AdminPorts,
  request: AdminRequestOf<'delete-instance'>,
  { deadline, correlationId }: AdminContext,
): Promise<InstanceView> {
  const { instanceId } = request;
  const found = await ports.instances.read(instanceId, deadline);
  if (found === undefined) throw noInstance(instanceId);
  check(found, request);
  const instance = living(found);
  if (instance !== undefined) await refuseKeys(ports, request, deadline);
  const nowMs = ports.clock.wallMs();
  if (instance !== undefined) await ports.erasures.intendInstance(instanceId, nowMs, deadline);
  const deleted = await ports.instances.change<Instance | DeletedInstance>(
    instanceId,
    (current) => {
      if (current === undefined) return { kind: 'keep', result: found };
      // Resumed meanwhile: somebody wants it after all.
      if (current.suspendedAtMs === undefined) return { kind: 'keep', result: current };
      const { accountId, name, createdAtMs } = current;
      const record = { instanceId, accountId, name, createdAtMs, deletedAtMs: nowMs };
      return { kind: 'write', record, result: record };
    },
    deadline,
  );
  check(deleted, request);
  await forgetPlaces(ports, instanceId, deadline);
  ports.log.info('instance.deleted', { instanceId, correlationId });
  return instanceView(ports.region, deleted);
}

/** Of what is deleted already only the name is asked. */
function check(
  record: Instance | DeletedInstance,
  { instanceId, name }: AdminRequestOf<'delete-instance'>,
): void {
  if (record.name !== name) {
    throw new KmsError('CONFLICT', `instance ${instanceId} has another name than the one given`);
  }
  const instance = living(record);
  if (instance !== undefined && instance.suspendedAtMs === undefined) {
    throw new KmsError('CONFLICT', `instance ${instanceId} is in use: suspend it first`);
  }
}

/** Nothing is made in a suspended instance: what is counted here stays. */
async function refuseKeys(
  { index, clock }: AdminPorts,
  { instanceId, isWithKeys }: AdminRequestOf<'delete-instance'>,
  deadline: Deadline,
): Promise<void> {
  if (isWithKeys) return;
  const states = keyStates.filter((state) => state !== keyState.destroyed);
  const nowMs = clock.wallMs();
  let count = 0;
  for await (const slice of index.slices(instanceId, deadline)) {
    count += slice.tally.count({ states }, nowMs);
  }
  if (count > 0) {
    throw new KmsError(
      'CONFLICT',
      `instance ${instanceId} holds ${count} keys that are not deleted`,
    );
  }
}

/** The grants went with the registers that held them; no API key needs to remember where they were. */
async function forgetPlaces(
  { apiKeys }: AdminPorts,
  instanceId: string,
  deadline: Deadline,
): Promise<void> {
  const isInside = (text: string): boolean => {
    const place = readPlace(text);
    return place !== undefined && instanceOf(place) === instanceId;
  };
  for (const apiKey of await apiKeys.list(deadline)) {
    if (![...placesOf(apiKey)].some(isInside)) continue;
    await apiKeys.dropPlaces(apiKey.credentialId, isInside, deadline);
  }
}
