// Document entries: keys, their making, showing and end. Data only.
import type { ReasonCode } from '../../public/errors.ts';
import {
  deleteKeyQueries,
  keyCountQueries,
  listKeysQueries,
  listVersionsQueries,
} from '../../public/query-schemas.ts';
import type { OperationEntry } from '../entry.ts';
import { exampleAlias } from '../examples.ts';

const keyType = 'application/vnd.ibm.kms.key+json';
const metadata = { collectionType: keyType, collectionTotal: 1 };
const oneKey = (resource: object): object => ({
  metadata,
  resources: [{ type: keyType, ...resource }],
});

const ofCreation: readonly ReasonCode[] = [
  'COLLECTION_TOTAL_MISMATCH_ERR',
  'INCORRECT_NONCE_ERR',
  'INCORRECT_NONCE_IV_ERR',
  'IMPORT_TOKEN_EXPIRED_ERR',
  'IMPORT_TOKEN_NOT_FOUND_ERR',
  'KEY_ROOT_REQ_ERR',
  'KEY_CREATE_IMPORT_ACCESS_ERR',
  'KEY_ALIAS_NOT_UNIQUE_ERR',
  'NOT_IMPLEMENTED_ERR',
];
const ring = ['X-Kms-Key-Ring'] as const;
const ringAndPrefer = ['X-Kms-Key-Ring', 'Prefer'] as const;

/** Keys. */
export const keyEntries = {
  getKeyCollectionMetadata: {
    summary: 'Count keys',
    queries: keyCountQueries,
    headers: ring,
    replyHeaders: ['Key-Total'],
    refusals: [],
  },
  createKey: {
    summary: 'Create or import a key',
    headers: ringAndPrefer,
    body: {
      schema: 'CreateKeyRequest',
      isRequired: true,
      examples: {
        'a root key': oneKey({
          name: 'Payroll root key',
          description: 'Wraps the data keys of the payroll',
          aliases: [exampleAlias],
          tags: ['payroll', 'production'],
          extractable: false,
        }),
        'a standard key': oneKey({ name: 'Payroll secret', extractable: true }),
        'an imported root key': oneKey({
          name: 'Payroll root key of our own',
          extractable: false,
          payload: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
        }),
      },
    },
    reply: 'CreatedKey',
    refusals: ofCreation,
  },
  getKeys: {
    summary: 'List keys',
    queries: listKeysQueries,
    headers: ring,
    reply: 'FoundKeys',
    refusals: ['KEY_SEARCH_TOO_BROAD'],
  },
  createKeyWithPoliciesOverrides: {
    summary: 'Create or import a key with policies of its own',
    description:
      'The policies replace those of the instance, all of them, even where none is given.',
    headers: ringAndPrefer,
    body: {
      schema: 'CreateKeyWithPoliciesOverridesRequest',
      isRequired: true,
      examples: {
        'a root key that is rotated': oneKey({
          name: 'Payroll root key that is rotated',
          extractable: false,
          rotation: { enabled: true, interval_month: 3 },
        }),
      },
    },
    reply: 'CreatedKey',
    refusals: ofCreation,
  },
  getKey: {
    summary: 'Show a key, with the payload of a standard key',
    headers: ring,
    reply: 'KeysWithPayload',
    refusals: ['KEY_DELETED_ERR', 'KEY_ACTION_INVALID_STATE_ERR'],
  },
  patchKey: {
    summary: 'Move a key to another ring',
    headers: ring,
    body: {
      schema: 'PatchKeyRequest',
      isRequired: true,
      examples: { 'another ring': { keyRingID: 'payroll' } },
    },
    reply: 'Keys',
    refusals: ['KEY_RING_NOT_FOUND_ERR', 'KEY_DELETED_ERR', 'KEY_ACTION_INVALID_STATE_ERR'],
  },
  deleteKey: {
    summary: 'Delete a key',
    queries: deleteKeyQueries,
    headers: ringAndPrefer,
    reply: 'Keys',
    refusals: [
      'PROTECTED_RESOURCE_ERR',
      'PREV_KEY_DEL_ERR',
      'AUTHORIZATIONS_NOT_MET',
      'KEY_DELETED_ERR',
      'KEY_ACTION_INVALID_STATE_ERR',
      'RESOURCE_OWNER_ERR',
    ],
  },
  getKeyMetadata: {
    summary: 'Show a key without its payload',
    headers: ring,
    reply: 'Keys',
    refusals: ['KEY_DELETED_ERR', 'KEY_ACTION_INVALID_STATE_ERR'],
  },
  purgeKey: {
    summary: 'Erase a deleted key',
    headers: ringAndPrefer,
    reply: 'Keys',
    refusals: ['REQ_TOO_EARLY_ERR', 'KEY_ACTION_INVALID_STATE_ERR'],
  },
  restoreKey: {
    summary: 'Restore a deleted key',
    headers: ringAndPrefer,
    body: {
      schema: 'RestoreKeyRequest',
      isRequired: false,
      examples: {
        'with the material of an imported key, which is not needed': oneKey({
          payload: 'MDEyMzQ1Njc4OWFiY2RlZg==',
        }),
      },
    },
    reply: 'Keys',
    refusals: [
      'COLLECTION_TOTAL_MISMATCH_ERR',
      'INCORRECT_NONCE_ERR',
      'INCORRECT_NONCE_IV_ERR',
      'KEY_IMPT_REQ_ERR',
      'IMPORT_TOKEN_EXPIRED_ERR',
      'IMPORT_TOKEN_NOT_FOUND_ERR',
      'KEY_ROOT_REQ_ERR',
      'REQ_TOO_EARLY_ERR',
      'KEY_RESTORE_EXPIRED',
      'KEY_EXPIRED_ERR',
      'KEY_ACTION_INVALID_STATE_ERR',
      'KEY_CREATE_IMPORT_ACCESS_ERR',
      'NOT_IMPLEMENTED_ERR',
    ],
  },
  getKeyVersions: {
    summary: 'List the versions of a key',
    queries: listVersionsQueries,
    headers: ring,
    reply: 'KeyVersions',
    refusals: ['KEY_ROOT_REQ_ERR', 'KEY_ACTION_INVALID_STATE_ERR', 'KEY_DELETED_ERR'],
  },
} as const satisfies Readonly<Record<string, OperationEntry>>;
