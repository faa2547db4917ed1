// remove-grant: takes roles from an API key, some or all that it has at one place.
import type { AdminReplies } from '@zonehold/api-contract';
import { takeRoles } from '../grants/take-grants.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { grantsOn, placeOf } from './list-grants.ts';

/** What is left of it there. Twice is once. NOT_FOUND when there is no such API key. */
export async function removeGrant(
  ports: AdminPorts,
  { credentialId, target, roles }: AdminRequestOf<'remove-grant'>,
  context: AdminContext,
): Promise<AdminReplies['remove-grant']> {
  const wanted = { credentialId, ...placeOf(target), ...(roles === undefined ? {} : { roles }) };
  await takeRoles(ports, wanted, context.deadline);
  ports.log.info('grant.removed', {
    credentialId,
    ...target,
    roles,
    correlationId: context.correlationId,
  });
  return { grants: (await grantsOn(ports, target, credentialId, context.deadline)) ?? [] };
}
