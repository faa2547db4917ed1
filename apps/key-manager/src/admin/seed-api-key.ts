// seed-api-key: an API key whose id and secret somebody chose. Only in a development region; the record says so, and no other
// region gives tokens for it.
import type { SeedView } from '@zonehold/api-contract';
import { grantOf } from '@zonehold/key-domain';
import { giveGrant } from '../grants/give-grant.ts';
import { apiKeyRegister, decodeApiKey, type ApiKey } from '../identity/api-key-repository.ts';
import { digestOf } from '../identity/secret.ts';
import { randomUuid } from '../key-id.ts';
import type { AdminContext, AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';
import { instanceToSeed } from './seeding.ts';

/**
 * Makes what is missing of the API key and its grants. CONFLICT for an id that has another secret, NOT_FOUND names an instance. One
 * that was revoked stays revoked, and grants in a deleted instance are left out.
 */
export async function seedApiKey(
  ports: AdminPorts,
  { apiKey: wanted }: AdminRequestOf<'seed-api-key'>,
  { deadline }: AdminContext,
): Promise<SeedView> {
  const grants = await Promise.all(
    wanted.grants.map(async ({ instance: instanceId, roles }) => ({
      ...{ instanceId, roles },
      instance: await instanceToSeed(ports.instances, instanceId, deadline),
    })),
  );
  const accountId = grants.find(({ instance }) => instance !== undefined)?.instance?.accountId;
  if (accountId === undefined) return { isNew: false };
  const [state] = await ports.store.read([apiKeyRegister(wanted.id)], deadline);
  const known = decodeApiKey(state);
  const apiKey: ApiKey = {
    credentialId: wanted.id,
    name: wanted.name,
    secretSha256: digestOf(wanted.secret),
    iamId: wanted.iamId ?? `iam-ServiceId-${randomUuid(ports.random)}`,
    accountId,
    createdAtMs: ports.clock.wallMs(),
    isRevoked: false,
    isSeeded: true,
  };
  await ports.apiKeys.create(apiKey, deadline);
  const isNew = known === undefined;
  if (known?.isRevoked === true) return { isNew };
  for (const { instanceId, roles, instance } of grants) {
    const has = grantOf(instance?.grants, wanted.id)?.roles ?? [];
    if (instance === undefined || roles.every((role) => has.includes(role))) continue;
    const place = { kind: 'instance', instanceId } as const;
    await giveGrant(ports, { credentialId: wanted.id, place, roles }, deadline);
  }
  if (isNew) ports.log.info('api-key.seeded', { credentialId: wanted.id });
  return { isNew };
}
