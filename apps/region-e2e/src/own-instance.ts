// An instance of its own for a test that would disturb others: its policies and keys are nobody else's.
import type { TestRegion } from './region.ts';

/** An instance, and an API key with all rights on it. */
export interface OwnInstance {
  readonly instanceId: string;
  readonly apiKey: string;
}

/** Makes an instance through the CLI, as an operator would. */
export async function ownInstance(region: TestRegion, name: string): Promise<OwnInstance> {
  const made = await region.zonehold('instance', 'create', '--name', name, '--json');
  const { instanceId } = JSON.parse(made) as { instanceId: string };
  const roles = ['--role', 'Manager', '--role', 'KeyPurge'];
  const key = await region.zonehold(
    ...['apikey', 'create', '--instance', instanceId, '--name', name, ...roles, '--json'],
  );
  return { instanceId, apiKey: (JSON.parse(key) as { apiKey: string }).apiKey };
}

/** Makes an API key of the service of that name, which may read in the instance and write registrations of its own resources. */
export async function serviceKey(
  region: TestRegion,
  instanceId: string,
  service: string,
): Promise<string> {
  const made = await region.zonehold(
    ...['apikey', 'create', '--instance', instanceId, '--role', 'Reader'],
    ...['--service', service, '--json'],
  );
  return (JSON.parse(made) as { apiKey: string }).apiKey;
}
