// revoke-api-key: no new tokens, then no rights for the tokens that live. Once answered, every zone refuses them.
import type { ApiKeyView } from '@zonehold/api-contract';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { apiKeyView } from './views.ts';

/**
 * Marks the API key, then removes its grant from every instance, then answers. Whatever fails midway, asking again goes
 * through all of it. NOT_FOUND when there is no such key.
 */
export async function revokeApiKey(
  ports: AdminPorts,
  { credentialId }: AdminRequestOf<'revoke-api-key'>,
  { deadline, correlationId }: AdminContext,
): Promise<ApiKeyView> {
  const apiKey = await ports.apiKeys.markRevoked(credentialId, deadline);
  await Promise.all(
    Object.keys(apiKey.instances).map((instanceId) =>
      ports.instances.withdraw(instanceId, credentialId, deadline),
    ),
  );
  ports.log.info('api-key.revoked', { credentialId, correlationId });
  return apiKeyView(apiKey);
}
