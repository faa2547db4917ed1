// revoke-api-key: no new tokens, then no rights for the tokens that live. Once answered, every zone refuses them.
import type { ApiKeyView } from '@zonehold/api-contract';
import { takeEverything } from '../grants/take-grants.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { apiKeyView } from './views.ts';

/**
 * Marks the API key, then removes its grants from every place it noted, then answers. Whatever fails midway, asking again goes
 * through all of it. NOT_FOUND when there is no such key.
 */
export async function revokeApiKey(
  ports: AdminPorts,
  { credentialId }: AdminRequestOf<'revoke-api-key'>,
  { deadline, correlationId }: AdminContext,
): Promise<ApiKeyView> {
  const apiKey = await ports.apiKeys.markRevoked(credentialId, deadline);
  await takeEverything(ports, apiKey, deadline);
  ports.log.info('api-key.revoked', { credentialId, correlationId });
  return apiKeyView(apiKey);
}
