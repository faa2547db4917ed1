// What of a seed goes to client.env and into the summary. Pure.
import type { SeedApiKey } from '@zonehold/api-contract';
import type { apiKeyVariables, ClientEnv } from '../tenant/client-env.ts';
import type { Seed } from './seed-file.ts';

type TenantVariables = Partial<
  Pick<
    ClientEnv,
    'KEY_PROTECT_INSTANCE_ID' | 'KEY_PROTECT_INSTANCE_ID_2' | (typeof apiKeyVariables)[number]
  >
>;

type RoleName = SeedApiKey['grants'][number]['roles'][number];

/** Each role's variables in turn: the first API key with just that role in the first instance, then the second. */
const variablesByRole: Partial<Record<RoleName, readonly (typeof apiKeyVariables)[number][]>> = {
  Manager: ['KEY_PROTECT_API_KEY', 'KEY_PROTECT_API_KEY_MANAGER2'],
  Reader: ['KEY_PROTECT_API_KEY_READER'],
  ReaderPlus: ['KEY_PROTECT_API_KEY_READERPLUS'],
  Writer: ['KEY_PROTECT_API_KEY_WRITER'],
  KeyPurge: ['KEY_PROTECT_API_KEY_KEYPURGE'],
};

/** The variables that the seed says; the others stay the demo tenant's. */
export function seededVariables({ instances, apiKeys }: Seed): TenantVariables {
  const [first, second] = instances;
  if (first === undefined) return {};
  const chosen: Record<string, string> = { KEY_PROTECT_INSTANCE_ID: first.id };
  if (second !== undefined) chosen['KEY_PROTECT_INSTANCE_ID_2'] = second.id;
  for (const { id, secret, grants } of apiKeys) {
    const roles = grants.find(({ instance }) => instance === first.id)?.roles ?? [];
    const [role] = roles;
    if (role === undefined || roles.length > 1) continue;
    const free = variablesByRole[role]?.find((name) => chosen[name] === undefined);
    if (free !== undefined) chosen[free] = `${id}.${secret}`;
  }
  return chosen;
}

/** Lines of the summary: the keys of the first instance. */
export function seededKeyLines({ instances }: Seed): string[] {
  const keys = instances[0]?.keys ?? [];
  return keys.map(({ id, name, extractable, aliases = [] }, at) => {
    const label = at === 0 ? 'Keys' : '';
    const kind = extractable ? 'standard' : 'root';
    const also = aliases.length === 0 ? '' : `, alias ${aliases.join(' and ')}`;
    return `  ${label.padEnd(13)}${id} (${name}, ${kind}${also})`;
  });
}
