// Policies member for member, against reference §5.2, §8.1 and §9.1.
import {
  instancePoliciesOf,
  instancePolicyNames,
  keyPolicyNames,
  setForDeletion,
  setPolicies,
  type Key,
  type KeyPolicyWishes,
  type Transition,
} from '@zonehold/key-domain';
import { describe, expect, it } from 'vitest';
import { instancePolicyCollection, keyPolicyCollection } from './policies-to-wire.ts';
import { fullKey, terseKey } from './to-wire.ts';
import { context, createdMs, made, stamp } from './wire-fixture.ts';

const collectionType = 'application/vnd.ibm.kms.policy+json';

function done(transition: Transition): Key {
  if (!transition.ok) throw new Error(transition.refusal.code);
  return transition.key;
}

function keyWith(wishes: KeyPolicyWishes): Key {
  const author = { by: 'iam-2', ids: { dualAuthDelete: 'dual-1', rotation: 'rotation-1' } };
  return done(setPolicies(made(), { stamp, wishes, author }, createdMs + 5_000));
}

describe('the policies of a key', () => {
  it('carry id, CRN, people and dates, and one member each', () => {
    const key = keyWith({
      rotation: { isEnabled: false, intervalMonths: 3 },
      dualAuthDelete: { isEnabled: true },
    });
    const crn = `crn:v1:bluemix:public:kms:us-south:a/${'a'.repeat(32)}:instance-1:policy:`;
    const common = {
      type: collectionType,
      createdBy: 'iam-2',
      creationDate: '2021-04-01T10:00:05Z',
      updatedBy: 'iam-2',
      lastUpdateDate: '2021-04-01T10:00:05Z',
    };
    expect(keyPolicyCollection(key, keyPolicyNames, context)).toEqual({
      metadata: { collectionType, collectionTotal: 2 },
      resources: [
        { ...common, id: 'dual-1', crn: `${crn}dual-1`, dualAuthDelete: { enabled: true } },
        {
          ...common,
          id: 'rotation-1',
          crn: `${crn}rotation-1`,
          rotation: { enabled: false, interval_month: 3 },
        },
      ],
    });
    expect(keyPolicyCollection(key, ['rotation'], context).resources).toHaveLength(1);
  });

  it('that were never set are no resources', () => {
    expect(keyPolicyCollection(keyWith({}), keyPolicyNames, context)).toEqual({
      metadata: { collectionType, collectionTotal: 0 },
    });
  });

  it('show in a full key, and never in a terse one', () => {
    const rotation = { isEnabled: true, intervalMonths: 3 };
    const key = keyWith({ rotation, dualAuthDelete: { isEnabled: false } });
    expect(fullKey(key, context)).toMatchObject({
      dualAuthDelete: { enabled: false },
      rotation: { enabled: true, interval_month: 3 },
    });
    expect(terseKey(key, context)).not.toHaveProperty('rotation');
    expect(fullKey(keyWith({ rotation: { isEnabled: false } }), context).rotation).toEqual({
      enabled: false,
    });
  });
});

describe('dual authorization of a key', () => {
  it('says whether the key is set for deletion, and until when while it is', () => {
    const key = keyWith({ dualAuthDelete: { isEnabled: true } });
    const at = (shown: Key, nowMs: number) => fullKey(shown, { ...context, nowMs }).dualAuthDelete;
    expect(at(key, createdMs)).toEqual({ enabled: true, keySetForDeletion: false });
    const setMs = createdMs + 10_000;
    const set = done(setForDeletion(key, { stamp, authorizedBy: 'iam-3' }, setMs));
    expect(at(set, setMs)).toEqual({
      enabled: true,
      keySetForDeletion: true,
      authExpiration: '2021-04-08T10:00:10Z',
    });
    expect(at(set, setMs + 7 * 86_400_000)).toEqual({ enabled: true, keySetForDeletion: false });
  });
});

describe('the policies of an instance', () => {
  it('carry lastUpdated where a key says lastUpdateDate, and no id', () => {
    const before = instancePoliciesOf(
      undefined,
      { metrics: { isEnabled: true } },
      'ann',
      createdMs,
    );
    const policies = instancePoliciesOf(
      before,
      { metrics: { isEnabled: false } },
      'bob',
      createdMs + 60_000,
    );
    expect(instancePolicyCollection(policies, instancePolicyNames)).toEqual({
      metadata: { collectionType, collectionTotal: 1 },
      resources: [
        {
          creationDate: '2021-04-01T10:00:00Z',
          createdBy: 'ann',
          updatedBy: 'bob',
          lastUpdated: '2021-04-01T10:01:00Z',
          policy_type: 'metrics',
          policy_data: { enabled: false },
        },
      ],
    });
  });

  it('that were never set are no resources', () => {
    expect(instancePolicyCollection(undefined, instancePolicyNames)).not.toHaveProperty(
      'resources',
    );
  });
});
