// list-api-keys: every API key of the region, oldest first, revoked ones too. Secrets are known to nobody any more.
import type { AdminReplies } from '@zonehold/api-contract';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { apiKeyView } from './views.ts';

export async function listApiKeys(
  ports: AdminPorts,
  _request: AdminRequestOf<'list-api-keys'>,
  { deadline }: AdminContext,
): Promise<AdminReplies['list-api-keys']> {
  const found = await ports.apiKeys.list(deadline);
  const apiKeys = found
    .toSorted((left, right) => left.createdAtMs - right.createdAtMs)
    .map(apiKeyView);
  return { apiKeys };
}
