// add-grant: roles for an API key in an account, in an instance, on a key ring or on one key.
import type { AdminReplies } from '@zonehold/api-contract';
import { giveGrant } from '../grants/give-grant.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { grantsOn, placeOf } from './list-grants.ts';

/** What it has there afterwards. Fails as `giveGrant` does. */
export async function addGrant(
  ports: AdminPorts,
  { credentialId, target, roles }: AdminRequestOf<'add-grant'>,
  context: AdminContext,
): Promise<AdminReplies['add-grant']> {
  await giveGrant(ports, { credentialId, roles, ...placeOf(target) }, context.deadline);
  ports.log.info('grant.added', {
    credentialId,
    ...target,
    roles,
    correlationId: context.correlationId,
  });
  return { grants: (await grantsOn(ports, target, credentialId, context.deadline)) ?? [] };
}
