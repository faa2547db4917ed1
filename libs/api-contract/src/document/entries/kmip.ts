// Document entries: KMIP, none of which is served. Data only.
import { pageQueries } from '../../public/query-schemas.ts';
import type { OperationEntry } from '../entry.ts';

const kmipPage = pageQueries(100, 200);
const oneResource = (collectionType: string, resource: object): object => ({
  metadata: { collectionType, collectionTotal: 1 },
  resources: [resource],
});
const inAdapter = { id: 'backup-server' };

/** Adapters, their certificates and objects. */
export const kmipEntries = {
  getKmipAdapters: { summary: 'List KMIP adapters', queries: kmipPage, refusals: [] },
  createKmipAdapter: {
    summary: 'Create a KMIP adapter',
    body: {
      schema: 'KmipAdapterRequest',
      isRequired: true,
      examples: {
        'an adapter': oneResource('application/vnd.ibm.kms.kmip_adapter+json', {
          name: 'storage-array',
          profile: 'native_1.0',
          profile_data: { crk_id: 'payroll-root' },
        }),
      },
    },
    refusals: [],
  },
  getKmipAdapter: {
    summary: 'Show a KMIP adapter',
    refusals: [],
    pathExamples: { id: 'storage-array' },
  },
  deleteKmipAdapter: {
    summary: 'Delete a KMIP adapter',
    refusals: [],
    pathExamples: { id: 'storage-array' },
  },
  getKmipObjects: {
    summary: 'List the objects of a KMIP adapter',
    queries: pageQueries(100),
    refusals: [],
  },
  getKmipObject: { summary: 'Show a KMIP object', refusals: [], pathExamples: inAdapter },
  deleteKmipObject: { summary: 'Delete a KMIP object', refusals: [], pathExamples: inAdapter },
  getKmipClientCertificates: {
    summary: 'List the certificates of a KMIP adapter',
    queries: kmipPage,
    refusals: [],
  },
  addKmipClientCertificate: {
    summary: 'Let a client of a KMIP adapter in',
    body: {
      schema: 'KmipClientCertificateRequest',
      isRequired: true,
      examples: {
        'a certificate': oneResource('application/vnd.ibm.kms.kmip_client_certificate+json', {
          name: 'backup-server',
          certificate: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
        }),
      },
    },
    refusals: [],
  },
  getKmipClientCertificate: {
    summary: 'Show a certificate of a KMIP adapter',
    refusals: [],
    pathExamples: inAdapter,
  },
  deleteKmipClientCertificate: {
    summary: 'Let a client of a KMIP adapter in no longer',
    refusals: [],
    pathExamples: inAdapter,
  },
} as const satisfies Readonly<Record<string, OperationEntry>>;
