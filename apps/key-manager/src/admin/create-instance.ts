// create-instance: a tenant's room, with an instance key of its own sealed under the region root.
import type { InstanceView } from '@zonehold/api-contract';
import { toHex } from '@zonehold/primitives';
import type { Instance } from '../instance-repository.ts';
import { randomUuid } from '../key-id.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { instanceView } from './views.ts';

/** Half of a byte is a hex digit: 32 of them, as IBM's account ids. */
const accountIdBytes = 16;

/** A new instance with a random id; without `accountId` in an account of its own. */
export async function createInstance(
  ports: AdminPorts,
  request: AdminRequestOf<'create-instance'>,
  context: AdminContext,
): Promise<InstanceView> {
  const instanceId = randomUuid(ports.random);
  const { sealedInstanceKey } = await ports.crypto.createInstanceKey({ instanceId }, context);
  const instance: Instance = {
    instanceId,
    accountId: request.accountId ?? toHex(ports.random.bytes(accountIdBytes)),
    name: request.name,
    createdAtMs: ports.clock.wallMs(),
    sealedInstanceKey,
    grants: {},
  };
  await ports.instances.create(instance, context.deadline);
  ports.log.info('instance.created', { instanceId, correlationId: context.correlationId });
  return instanceView(ports.region, instance);
}
