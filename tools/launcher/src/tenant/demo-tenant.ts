// The demo tenant of a new region: two instances and one API key per role, written to client.env. Made once.
import type { MeshClient } from '@zonehold/mesh';
import type { AdminRequest, InstanceView } from '@zonehold/api-contract';
import { isKmsError } from '@zonehold/primitives';
import { readIfPresent, writeDurably } from '../region/durable-file.ts';
import type { RegionPaths } from '../region/region-paths.ts';
import { retryUntil } from '../region/retry.ts';
import {
  endpointVariables,
  parseClientEnv,
  renderClientEnv,
  type apiKeyVariables,
  type ClientEnv,
} from './client-env.ts';
import { askOperator } from './operator.ts';

type RoleNames = Extract<AdminRequest, { kind: 'create-api-key' }>['grants'][number]['roles'];

/** Which key has which role; `onSecond` also on the second instance. */
const keys: readonly {
  readonly variable: (typeof apiKeyVariables)[number];
  readonly name: string;
  readonly roles: RoleNames;
  readonly onSecond?: true;
}[] = [
  { variable: 'KEY_PROTECT_API_KEY', name: 'demo manager', roles: ['Manager'], onSecond: true },
  { variable: 'KEY_PROTECT_API_KEY_READER', name: 'demo reader', roles: ['Reader'] },
  { variable: 'KEY_PROTECT_API_KEY_READERPLUS', name: 'demo reader plus', roles: ['ReaderPlus'] },
  { variable: 'KEY_PROTECT_API_KEY_WRITER', name: 'demo writer', roles: ['Writer'] },
  { variable: 'KEY_PROTECT_API_KEY_KEYPURGE', name: 'demo key purge', roles: ['KeyPurge'] },
  { variable: 'KEY_PROTECT_API_KEY_MANAGER2', name: 'demo second manager', roles: ['Manager'] },
];

const instanceNames = ['demo', 'demo-2'] as const;

/** Key-managers may need a moment until they have their quorum. */
const createWithinMs = 20_000;

/**
 * The region's client.env, made with its tenant when it is not there. Instances are found by name, so that a start that was cut short does not
 * leave a second pair behind; API keys are shown once and therefore made anew. `connect` is called only when something must be made.
 */
export async function ensureDemoTenant(options: {
  readonly paths: RegionPaths;
  readonly regionalPort: number;
  readonly connect: () => MeshClient;
  /** What a development region's seed says; it wins. */
  readonly seeded?: Partial<TenantVariables>;
}): Promise<ClientEnv> {
  const { paths, regionalPort, connect, seeded = {} } = options;
  const endpoint = endpointVariables(regionalPort, paths.caCert);
  const text = readIfPresent(paths.clientEnv);
  const known = text === undefined ? undefined : parseClientEnv(text);
  const tenant = known ?? (await withMesh(connect, (mesh) => createTenant(mesh, seeded)));
  const env = { ...tenant, ...seeded, ...endpoint };
  const rendered = renderClientEnv(env);
  if (rendered !== text) writeDurably(paths.clientEnv, rendered);
  return env;
}

type TenantVariables = Omit<ClientEnv, keyof ReturnType<typeof endpointVariables>>;

/** Makes what `seeded` does not name. */
async function createTenant(
  mesh: MeshClient,
  seeded: Partial<TenantVariables>,
): Promise<TenantVariables> {
  const { instances } = await patiently('list the instances', () =>
    askOperator<'list-instances'>(mesh, { kind: 'list-instances' }),
  );
  const existing = (name: string, seededId?: string): InstanceView | undefined =>
    seededId === undefined
      ? instances.find((instance) => instance.name === name)
      : instances.find(({ instanceId }) => instanceId === seededId);
  const [firstName, secondName] = instanceNames;
  const { instanceId: first, accountId } =
    existing(firstName, seeded.KEY_PROTECT_INSTANCE_ID) ?? (await createInstance(mesh, firstName));
  // One tenant, one account: the demo manager has grants on both.
  const { instanceId: second } =
    existing(secondName, seeded.KEY_PROTECT_INSTANCE_ID_2) ??
    (await createInstance(mesh, secondName, accountId));
  const entries = await Promise.all(
    keys.map(async ({ variable, name, roles, onSecond }) => {
      const known = seeded[variable];
      if (known !== undefined) return [variable, known] as const;
      const grants = [first, ...(onSecond === true ? [second] : [])].map((instanceId) => ({
        instanceId,
        roles,
      }));
      const { apiKey } = await patiently(`create the API key "${name}"`, () =>
        askOperator<'create-api-key'>(mesh, { kind: 'create-api-key', name, grants }),
      );
      return [variable, apiKey] as const;
    }),
  );
  return {
    KEY_PROTECT_INSTANCE_ID: first,
    KEY_PROTECT_INSTANCE_ID_2: second,
    ...(Object.fromEntries(entries) as Record<(typeof apiKeyVariables)[number], string>),
  };
}

function createInstance(mesh: MeshClient, name: string, accountId?: string): Promise<InstanceView> {
  const account = accountId === undefined ? {} : { accountId };
  return patiently(`create the instance "${name}"`, () =>
    askOperator<'create-instance'>(mesh, { kind: 'create-instance', name, ...account }),
  );
}

/** Repeats only what certainly had no effect: a second instance or key of the same name would confuse people. */
function patiently<Result>(what: string, attempt: () => Promise<Result>): Promise<Result> {
  return retryUntil(what, createWithinMs, attempt, (error) => {
    if (isKmsError(error) && error.outcome === 'unknown') throw error;
  });
}

async function withMesh<Result>(
  connect: () => MeshClient,
  task: (mesh: MeshClient) => Promise<Result>,
): Promise<Result> {
  const mesh = connect();
  try {
    return await task(mesh);
  } finally {
    await mesh.close();
  }
}
