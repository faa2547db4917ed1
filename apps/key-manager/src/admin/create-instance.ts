// create-instance: a tenant's room, with an instance key of its own sealed under the region root.
import type { InstanceView } from '@zonehold/api-contract';
import { randomUuid } from '../key-id.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { makeInstance } from './make-instance.ts';
import { instanceView } from './views.ts';

/** A new instance with a random id; without `accountId` in an account of its own. */
export async function createInstance(
  ports: AdminPorts,
  request: AdminRequestOf<'create-instance'>,
  context: AdminContext,
): Promise<InstanceView> {
  const instanceId = randomUuid(ports.random);
  const { name, accountId } = request;
  const instance = await makeInstance(ports, { id: instanceId, name, accountId }, context);
  ports.log.info('instance.created', { instanceId, correlationId: context.correlationId });
  return instanceView(ports.region, instance);
}
