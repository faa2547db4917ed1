// Policies as clients read them (reference §5.2, §8): inside a key, and by themselves.
import type { Key, KeyPolicyName, RotationPolicy } from '@zonehold/key-domain';
import { collection } from './collection.ts';
import type { CollectionBody, FullKeyBody, KeyPolicyBody, RotationBody } from './reply-bodies.ts';
import { formatTimestamp } from './timestamp.ts';

const policyType = 'application/vnd.ibm.kms.policy+json';

/** What a full key says of its policies. */
export function policyMembersOf(key: Key): Pick<FullKeyBody, 'dualAuthDelete' | 'rotation'> {
  const { dualAuthDelete, rotation } = key.policies ?? {};
  return {
    dualAuthDelete: { enabled: dualAuthDelete?.isEnabled ?? false },
    ...(rotation === undefined ? {} : { rotation: rotationBody(rotation) }),
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
