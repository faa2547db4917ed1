// Policies as clients read them (reference §5.2, §8): inside a key, and by themselves.
import {
  standingAuthorization,
  type InstancePolicies,
  type InstancePolicyName,
  type Key,
  type KeyPolicyName,
  type RotationPolicy,
} from '@zonehold/key-domain';
import { collection } from './collection.ts';
import type {
  AllowedIpPortBody,
  CollectionBody,
  DualAuthBody,
  FullKeyBody,
  InstancePolicyAttributesBody,
  InstancePolicyBody,
  KeyPolicyBody,
  RotationBody,
} from './reply-bodies.ts';
import { formatTimestamp } from './timestamp.ts';

const policyType = 'application/vnd.ibm.kms.policy+json';

/** What a full key says of its policies at `nowMs`. */
export function policyMembersOf(
  key: Key,
  nowMs: number,
): Pick<FullKeyBody, 'dualAuthDelete' | 'rotation'> {
  const rotation = key.policies?.rotation;
  return {
    dualAuthDelete: dualAuthBody(key, nowMs),
    ...(rotation === undefined ? {} : { rotation: rotationBody(rotation) }),
  };
}

/** Each member only when the one before it is true (reference §5.2). */
function dualAuthBody(key: Key, nowMs: number): DualAuthBody {
  if (key.policies?.dualAuthDelete?.isEnabled !== true) return { enabled: false };
  const standing = standingAuthorization(key, nowMs);
  return standing === undefined
    ? { enabled: true, keySetForDeletion: false }
    : {
        enabled: true,
        keySetForDeletion: true,
        authExpiration: formatTimestamp(standing.expiresAtMs),
      };
}

function rotationBody({ isEnabled, intervalMonths }: RotationPolicy): RotationBody {
  return {
    enabled: isEnabled,
    ...(intervalMonths === undefined ? {} : { interval_month: intervalMonths }),
  };
}

/** Those of `names` that the key has. */
export function keyPolicyCollection(
  key: Key,
  names: readonly KeyPolicyName[],
  context: { readonly region: string; readonly accountId: string },
): CollectionBody<KeyPolicyBody> {
  const bodies: KeyPolicyBody[] = [];
  for (const name of names) {
    const policy = key.policies?.[name];
    if (policy === undefined) continue;
    bodies.push({
      type: policyType,
      id: policy.id,
      crn: `crn:v1:bluemix:public:kms:${context.region}:a/${context.accountId}:${key.instanceId}:policy:${policy.id}`,
      createdBy: policy.createdBy,
      creationDate: formatTimestamp(policy.createdAtMs),
      updatedBy: policy.updatedBy,
      lastUpdateDate: formatTimestamp(policy.updatedAtMs),
      ...(name === 'rotation'
        ? { rotation: rotationBody(policy) }
        : { dualAuthDelete: { enabled: policy.isEnabled } }),
    });
  }
  return collection(policyType, bodies);
}

/** Those of `names` that were ever set in the instance, disabled ones too. */
export function instancePolicyCollection(
  policies: InstancePolicies | undefined,
  names: readonly InstancePolicyName[],
): CollectionBody<InstancePolicyBody> {
  const bodies: InstancePolicyBody[] = [];
  for (const name of names) {
    const policy = policies?.[name];
    if (policy === undefined) continue;
    const attributes = attributesOf(policies ?? {}, name);
    bodies.push({
      creationDate: formatTimestamp(policy.createdAtMs),
      createdBy: policy.createdBy,
      updatedBy: policy.updatedBy,
      lastUpdated: formatTimestamp(policy.updatedAtMs),
      policy_type: name,
      policy_data: {
        enabled: policy.isEnabled,
        ...(attributes === undefined ? {} : { attributes }),
      },
    });
  }
  return collection(policyType, bodies);
}

/** The ports of the private endpoint, each once (reference §9.2). */
export function allowedIpPortCollection(
  ports: readonly number[],
): CollectionBody<AllowedIpPortBody> {
  const bodies = [...new Set(ports)].map((port) => ({ private_endpoint_port: port }));
  return collection('application/vnd.ibm.kms.allowed_ip_metadata+json', bodies);
}

function attributesOf(
  policies: InstancePolicies,
  name: InstancePolicyName,
): InstancePolicyAttributesBody | undefined {
  const { rotation, allowedNetwork, allowedIP, keyCreateImportAccess } = policies;
  const interval = rotation?.intervalMonths;
  const network = allowedNetwork?.network;
  const cidrs = allowedIP?.cidrs;
  const access = keyCreateImportAccess?.access;
  switch (name) {
    case 'rotation':
      return interval === undefined ? undefined : { interval_month: interval };
    case 'allowedNetwork':
      return network === undefined ? undefined : { allowed_network: network };
    case 'allowedIP':
      return cidrs === undefined ? undefined : { allowed_ip: cidrs };
    case 'keyCreateImportAccess':
      return access === undefined
        ? undefined
        : {
            create_root_key: access.createRootKey,
            create_standard_key: access.createStandardKey,
            import_root_key: access.importRootKey,
            import_standard_key: access.importStandardKey,
            enforce_token: access.enforceToken,
          };
    case 'dualAuthDelete':
    case 'metrics':
      return undefined;
  }
}
