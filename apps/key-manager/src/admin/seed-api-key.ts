// seed-api-key: an API key whose id and secret somebody chose. Only in a development region; the record says so, and no other
// region gives tokens for it.
import type { SeedView } from '@zonehold/api-contract';
import { assert } from '@zonehold/primitives';
import { apiKeyRegister, decodeApiKey, type ApiKey } from '../identity/api-key-repository.ts';
import { digestOf } from '../identity/secret.ts';
import { randomUuid } from '../key-id.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';

/** CONFLICT for an id that has another secret, NOT_FOUND names an instance. One that was revoked stays revoked. */
export async function seedApiKey(
  ports: AdminPorts,
  { apiKey: wanted }: AdminRequestOf<'seed-api-key'>,
  { deadline }: AdminContext,
): Promise<SeedView> {
  const instanceIds = [...new Set(wanted.grants.map(({ instance }) => instance))];
  const instances = await ports.instances.find(instanceIds, deadline);
  const [first] = instances;
  assert(first !== undefined, 'a request has at least one grant');
  const [state] = await ports.store.read([apiKeyRegister(wanted.id)], deadline);
  const known = decodeApiKey(state);
  const apiKey: ApiKey = {
    credentialId: wanted.id,
    name: wanted.name,
    secretSha256: digestOf(wanted.secret),
    iamId: wanted.iamId ?? `iam-ServiceId-${randomUuid(ports.random)}`,
    accountId: first.accountId,
    createdAtMs: ports.clock.wallMs(),
    isRevoked: false,
    isSeeded: true,
    instances: Object.fromEntries(
      instanceIds.map((instanceId) => {
        const grants = wanted.grants.filter(({ instance }) => instance === instanceId);
        return [instanceId, [...new Set(grants.flatMap(({ roles }) => roles))]];
      }),
    ),
  };
  await ports.apiKeys.create(apiKey, deadline);
  const isNew = known === undefined;
  if (known?.isRevoked === true) return { isNew };
  for (const { instanceId, grants } of instances) {
    if (Object.hasOwn(grants, wanted.id)) continue;
    const roles = apiKey.instances[instanceId] ?? [];
    await ports.instances.grant(instanceId, wanted.id, roles, deadline);
  }
  if (isNew) ports.log.info('api-key.seeded', { credentialId: wanted.id, instanceIds });
  return { isNew };
}
