// Instances and API keys as an operator sees them: no sealed keys, no digests.
import {
  formatTimestamp,
  instanceCrn,
  type ApiKeyView,
  type InstanceView,
} from '@zonehold/api-contract';
import type { ApiKey } from '../identity/api-key-repository.ts';
import type { Instance } from '../instance-repository.ts';

export function instanceView(region: string, instance: Instance): InstanceView {
  const { instanceId, name, accountId, createdAtMs } = instance;
  const crn = instanceCrn(region, accountId, instanceId);
  return { instanceId, name, accountId, crn, createdAt: formatTimestamp(createdAtMs) };
}

export function apiKeyView(apiKey: ApiKey): ApiKeyView {
  const { credentialId, name, iamId, isRevoked, service, createdAtMs, instances } = apiKey;
  const instanceIds = Object.keys(instances);
  const createdAt = formatTimestamp(createdAtMs);
  const kind = service === undefined ? {} : { service };
  return { credentialId, name, iamId, isRevoked, ...kind, createdAt, instanceIds };
}
