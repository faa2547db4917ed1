// Document entries: registrations of protected resources, and what services say of them. Data only.
import type { ReasonCode } from '../../public/errors.ts';
import { allRegistrationQueries, keyRegistrationQueries } from '../../public/query-schemas.ts';
import type { OperationEntry } from '../entry.ts';

const registrationType = 'application/vnd.ibm.kms.registration_input+json';
const oneResource = (resource: object): object => ({
  metadata: { collectionType: registrationType, collectionTotal: 1 },
  resources: [resource],
});
const ring = ['X-Kms-Key-Ring'] as const;
const ofServices: readonly ReasonCode[] = [
  'REGISTRATION_NOT_FOUND_ERR',
  'REGISTRATION_NOT_UNIQUE_ERR',
  'REGISTRATION_LIMIT_ERR',
  'PRECONDITION_FAILED_ERR',
  'KEY_ACTION_INVALID_STATE_ERR',
  'KEY_DELETED_ERR',
  'COLLECTION_TOTAL_MISMATCH_ERR',
  'RESOURCE_OWNER_ERR',
  'KEY_INVALID_STATE_ERR',
  'KEY_ROOT_REQ_REG_ERR',
  'KEY_VERSION_INVALID',
];
const change = { description: 'Payroll database', preventKeyDeletion: true };

/** Registrations, read by users and written by services. */
export const registrationEntries = {
  getRegistrationsAllKeys: {
    summary: 'List the resources that the keys of an instance protect',
    queries: allRegistrationQueries,
    headers: ring,
    reply: 'Registrations',
    refusals: [],
  },
  getRegistrations: {
    summary: 'List the resources that a key protects',
    queries: keyRegistrationQueries,
    headers: ring,
    reply: 'Registrations',
    refusals: ['KEY_DELETED_ERR', 'KEY_ACTION_INVALID_STATE_ERR'],
  },
  createRegistration: {
    summary: 'Register a resource with a key',
    headers: ring,
    body: {
      schema: 'RegistrationRequest',
      isRequired: false,
      examples: { 'a database': oneResource(change) },
    },
    reply: 'Registrations',
    replyHeaders: ['ETag'],
    refusals: ofServices,
  },
  updateRegistration: {
    summary: 'Change some of a registration',
    headers: ['X-Kms-Key-Ring', 'If-Match'],
    body: {
      schema: 'RegistrationChangeRequest',
      isRequired: true,
      examples: { 'a description': oneResource({ description: 'Payroll database of 2026' }) },
    },
    reply: 'Registrations',
    replyHeaders: ['ETag'],
    refusals: ofServices,
  },
  replaceRegistration: {
    summary: 'Replace a registration',
    headers: ['X-Kms-Key-Ring', 'If-Match'],
    body: {
      schema: 'RegistrationReplacementRequest',
      isRequired: true,
      examples: {
        'all of it': oneResource({
          ...change,
          registrationMetadata: '',
          keyVersionId: '7c5a2a41-6f0d-4f6e-9d3b-4f1e6a0c2b11',
        }),
      },
    },
    reply: 'Registrations',
    replyHeaders: ['ETag'],
    refusals: ofServices,
  },
  deleteRegistration: {
    summary: 'End a registration',
    headers: ['X-Kms-Key-Ring', 'Prefer', 'If-Match'],
    reply: 'Registrations',
    refusals: [
      'INVALID_FIELD_ERR',
      'RESOURCE_OWNER_ERR',
      'REGISTRATION_NOT_FOUND_ERR',
      'PRECONDITION_FAILED_ERR',
    ],
  },
  actionOnRegistration: {
    summary: 'Acknowledge the deletion of a key',
    headers: ring,
    body: {
      schema: 'DeactivateRegistrationRequest',
      isRequired: true,
      examples: {
        'one resource': oneResource({
          resourceCrn: 'crn:v1:bluemix:public:databases:us-south:a/1:2::',
        }),
      },
    },
    refusals: ofServices,
  },
  eventAcknowledge: {
    summary: 'Acknowledge that a change of a key was followed',
    body: {
      schema: 'EventAcknowledgeRequest',
      isRequired: true,
      examples: {
        'a key that was enabled': oneResource({
          eventId: 'b6a3f9f0-5c1d-4e0e-8d55-5a0f6b1c7e21',
          adopterKeyState: 'DEK_ENABLED',
          timestamp: '2026-01-02T03:04:05Z',
          keyStateData: { rewrappedKeyVersion: '7c5a2a41-6f0d-4f6e-9d3b-4f1e6a0c2b11' },
        }),
      },
    },
    refusals: ['COLLECTION_TOTAL_MISMATCH_ERR', 'RESOURCE_OWNER_ERR'],
  },
  createMigrationIntent: {
    summary: 'Say that resources move to another root key',
    headers: ring,
    body: {
      schema: 'MigrationIntentRequest',
      isRequired: true,
      examples: {
        'another key': oneResource({ targetCRK: 'crn:v1:bluemix:public:kms:us-south:a/1:2:key:3' }),
      },
    },
    reply: 'MigrationIntents',
    refusals: ['COLLECTION_TOTAL_MISMATCH_ERR'],
  },
  getMigrationIntent: {
    summary: 'Show where resources move to',
    headers: ring,
    reply: 'MigrationIntents',
    refusals: [],
  },
  deleteMigrationIntent: { summary: 'Take the intent back', headers: ring, refusals: [] },
  getGovernanceConfig: { summary: 'Show the configuration to a scanner', refusals: [] },
} as const satisfies Readonly<Record<string, OperationEntry>>;
