// Instances and API keys as an operator sees them: no sealed keys, no digests.
import {
  formatTimestamp,
  instanceCrn,
  type ApiKeyView,
  type InstanceView,
} from '@zonehold/api-contract';
import { instanceOf, readPlace } from '../grants/grant-place.ts';
import { placesOf, type ApiKey } from '../identity/api-key-repository.ts';
import { living, type InstanceRecord } from '../instance-repository.ts';

export function instanceView(region: string, record: InstanceRecord): InstanceView {
  const { instanceId, name, accountId, createdAtMs } = record;
  const crn = instanceCrn(region, accountId, instanceId);
  const createdAt = formatTimestamp(createdAtMs);
  return { instanceId, name, state: stateOf(record), accountId, crn, createdAt };
}

function stateOf(record: InstanceRecord): InstanceView['state'] {
  const instance = living(record);
  if (instance === undefined) return 'deleted';
  return instance.suspendedAtMs === undefined ? 'active' : 'suspended';
}

export function apiKeyView(apiKey: ApiKey): ApiKeyView {
  const { credentialId, name, iamId, isRevoked, service, createdAtMs } = apiKey;
  const places = [...placesOf(apiKey)].flatMap((text) => readPlace(text) ?? []);
  const instanceIds = [...new Set(places.flatMap((place) => instanceOf(place) ?? []))];
  const createdAt = formatTimestamp(createdAtMs);
  const kind = service === undefined ? {} : { service };
  return { credentialId, name, iamId, isRevoked, ...kind, createdAt, instanceIds };
}
