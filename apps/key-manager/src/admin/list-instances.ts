// list-instances: every instance of the region, oldest first.
import type { AdminReplies } from '@zonehold/api-contract';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { instanceView } from './views.ts';

export async function listInstances(
  ports: AdminPorts,
  _request: AdminRequestOf<'list-instances'>,
  { deadline }: AdminContext,
): Promise<AdminReplies['list-instances']> {
  const found = await ports.instances.list(deadline);
  const instances = found
    .toSorted((left, right) => left.createdAtMs - right.createdAtMs)
    .map((instance) => instanceView(ports.region, instance));
  return { instances };
}
