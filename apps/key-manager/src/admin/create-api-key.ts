// create-api-key: a service identity with one secret and its grants. The secret is in the answer and nowhere else.
import type { AdminReplies } from '@zonehold/api-contract';
import { assert } from '@zonehold/primitives';
import { giveGrant } from '../grants/give-grant.ts';
import type { ApiKey } from '../identity/api-key-repository.ts';
import { newSecret } from '../identity/secret.ts';
import { randomUuid } from '../key-id.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { apiKeyView } from './views.ts';

/**
 * Writes the API key first and then its grants, which it notes: a revocation finds every grant there can be. When it fails midway
 * nobody knows the secret, and what was written is harmless; asking again makes another key. NOT_FOUND names an instance
 * that does not exist, CONFLICT one with too many grants.
 */
export async function createApiKey(
  ports: AdminPorts,
  request: AdminRequestOf<'create-api-key'>,
  { deadline, correlationId }: AdminContext,
): Promise<AdminReplies['create-api-key']> {
  const instanceIds = [...new Set(request.grants.map(({ instanceId }) => instanceId))];
  const [first] = await ports.instances.find(instanceIds, deadline);
  assert(first !== undefined, 'a request has at least one grant');
  const { credentialId, apiKey: text, secretSha256 } = newSecret(ports.random);
  const apiKey: ApiKey = {
    credentialId,
    name: request.name,
    secretSha256,
    iamId: `iam-ServiceId-${randomUuid(ports.random)}`,
    accountId: first.accountId,
    ...(request.service === undefined ? {} : { service: request.service }),
    createdAtMs: ports.clock.wallMs(),
    isRevoked: false,
  };
  await ports.apiKeys.create(apiKey, deadline);
  let granted = apiKey;
  for (const { instanceId, roles } of request.grants) {
    const place = { kind: 'instance', instanceId } as const;
    granted = await giveGrant(ports, { credentialId, place, roles }, deadline);
  }
  ports.log.info('api-key.created', { credentialId, instanceIds, correlationId });
  return { ...apiKeyView(granted), apiKey: text };
}
