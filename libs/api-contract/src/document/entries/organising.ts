// Document entries: policies, aliases and key rings. Data only.
import type { ReasonCode } from '../../public/errors.ts';
import {
  deleteKeyRingQueries,
  instancePolicyQueries,
  keyPolicyQueries,
  listKeyRingsQueries,
} from '../../public/query-schemas.ts';
import type { OperationEntry } from '../entry.ts';
import { pathExamples } from '../examples.ts';

const policyType = 'application/vnd.ibm.kms.policy+json';
const policies = (...resources: readonly object[]): object => ({
  metadata: { collectionType: policyType, collectionTotal: resources.length },
  resources,
});
const ring = ['X-Kms-Key-Ring'] as const;
const ofPolicyBodies: readonly ReasonCode[] = [
  'COLLECTION_TOTAL_MISMATCH_ERR',
  'BODY_QUERY_PARAM_MISMATCH_ERR',
  'NUM_COLLECTION_RESOURCE_ERR',
];

/** Policies, of a key and of an instance. */
export const policyEntries = {
  putPolicy: {
    summary: 'Set policies of a key',
    queries: keyPolicyQueries,
    headers: ring,
    body: {
      schema: 'KeyPoliciesRequest',
      isRequired: true,
      examples: {
        'rotation in every third month': policies({
          type: policyType,
          rotation: { enabled: true, interval_month: 3 },
        }),
      },
    },
    reply: 'KeyPolicies',
    refusals: [
      ...ofPolicyBodies,
      'KEY_ROOT_REQ_ERR',
      'KEY_DELETED_ERR',
      'KEY_ACTION_INVALID_STATE_ERR',
    ],
  },
  getPolicy: {
    summary: 'Show policies of a key',
    queries: keyPolicyQueries,
    headers: ring,
    reply: 'KeyPolicies',
    refusals: ['KEY_DELETED_ERR', 'KEY_ACTION_INVALID_STATE_ERR'],
  },
  putInstancePolicy: {
    summary: 'Set policies of an instance',
    queries: instancePolicyQueries,
    body: {
      schema: 'InstancePoliciesRequest',
      isRequired: true,
      examples: {
        'keys that are born with dual authorization': policies({
          policy_type: 'dualAuthDelete',
          policy_data: { enabled: false },
        }),
        'rotation of later root keys': policies({
          policy_type: 'rotation',
          policy_data: { enabled: true, attributes: { interval_month: 6 } },
        }),
        'who may create what': policies({
          policy_type: 'keyCreateImportAccess',
          policy_data: { enabled: true, attributes: { import_standard_key: false } },
        }),
      },
    },
    refusals: [...ofPolicyBodies, 'NOT_IMPLEMENTED_ERR'],
  },
  getInstancePolicy: {
    summary: 'Show policies of an instance',
    queries: instancePolicyQueries,
    reply: 'InstancePolicies',
    refusals: [],
  },
  getAllowedIpPort: {
    summary: 'Show the port that an allowedIP policy opens',
    reply: 'AllowedIpPorts',
    refusals: [],
  },
} as const satisfies Readonly<Record<string, OperationEntry>>;

/** Aliases and key rings. */
export const namingEntries = {
  createKeyAlias: {
    summary: 'Give a key another name',
    headers: ring,
    reply: 'KeyAliases',
    refusals: [
      'INVALID_FIELD_ERR',
      'KEY_ALIAS_NOT_UNIQUE_ERR',
      'KEY_ALIAS_LIMIT_ERR',
      'KEY_DELETED_ERR',
      'KEY_ACTION_INVALID_STATE_ERR',
    ],
  },
  deleteKeyAlias: {
    summary: 'Take a name from a key',
    headers: ring,
    refusals: ['KEY_ALIAS_NOT_FOUND_ERR'],
  },
  listKeyRings: {
    summary: 'List key rings',
    queries: listKeyRingsQueries,
    reply: 'KeyRings',
    refusals: [],
  },
  createKeyRing: {
    summary: 'Create a key ring',
    refusals: [
      'INVALID_FIELD_ERR',
      'KEY_RING_NOT_UNIQUE_ERR',
      'KEY_RING_LIMIT_ERR',
      'KEY_RING_RESERVED_ERR',
    ],
  },
  deleteKeyRing: {
    summary: 'Delete a key ring that holds no key',
    queries: deleteKeyRingQueries,
    refusals: ['KEY_RING_NOT_FOUND_ERR', 'KEY_RING_NOT_EMPTY_ERR', 'KEY_RING_RESERVED_ERR'],
    pathExamples: { 'key-ring-id': `${pathExamples['key-ring-id'] ?? ''}-old` },
  },
} as const satisfies Readonly<Record<string, OperationEntry>>;
