// One row for each operation of the operation index that is not about one key (reference §4, rows 24-28 and 33-46), and for those
// that only services call (S1-S10).
import { expect } from 'vitest';
import { policyBody } from './api.ts';
import { registeredKey, registrationPath, unique, type Row, type World } from './world.ts';

const anyText = expect.any(String) as string;
const notImplemented = { resources: [{ reasons: [{ code: 'NOT_IMPLEMENTED_ERR' }] }] };
const serviceOnly = { resources: [{ reasons: [{ code: 'SERVICE_ONLY_ERR' }] }] };

/** Policies, import tokens and rings of an instance. */
export const instanceRows: readonly Row[] = [
  {
    name: 'putInstancePolicy',
    says: 'sets a policy of the instance',
    run: ({ neighbour }) => {
      const body = policyBody({ policy_type: 'metrics', policy_data: { enabled: true } });
      return neighbour.say('PUT', '/instance/policies?policy=metrics', { body });
    },
    status: 204,
  },
  {
    name: 'getInstancePolicy',
    says: 'shows the policies of the instance, also one that was switched off',
    run: async ({ neighbour }) => {
      const body = policyBody({ policy_type: 'dualAuthDelete', policy_data: { enabled: false } });
      await neighbour.say('PUT', '/instance/policies?policy=dualAuthDelete', { body });
      return neighbour.say('GET', '/instance/policies?policy=dualAuthDelete');
    },
    status: 200,
    body: { resources: [{ policy_type: 'dualAuthDelete', policy_data: { enabled: false } }] },
  },
  {
    name: 'getAllowedIpPort',
    says: 'names no port while no addresses are allowed or refused',
    run: ({ manager }) => manager.say('GET', '/instance/allowed_ip_port'),
    status: 200,
    body: { metadata: { collectionTotal: 0 } },
  },
  {
    name: 'postImportToken',
    says: 'makes the import token of the instance',
    run: ({ manager }) => {
      const body = { expiration: 300, maxAllowedRetrievals: 2 };
      return manager.say('POST', '/import_token', { body });
    },
    status: 200,
    body: { maxAllowedRetrievals: 2, remainingRetrievals: 2, expirationDate: anyText },
  },
  {
    name: 'getImportToken',
    says: 'gives the transport key and counts the retrieval',
    run: async ({ manager }) => {
      await manager.say('POST', '/import_token', { body: { maxAllowedRetrievals: 2 } });
      return manager.say('GET', '/import_token');
    },
    status: 200,
    body: { remainingRetrievals: 1, payload: anyText, nonce: anyText },
  },
  {
    name: 'listKeyRings',
    says: 'lists the rings, the default one by its id alone',
    run: ({ manager }) => manager.say('GET', '/key_rings?limit=1&totalCount=true'),
    status: 200,
    body: { metadata: { collectionTotal: 1 }, resources: [{ id: 'default' }] },
  },
  {
    name: 'createKeyRing',
    says: 'makes a ring',
    run: ({ manager }) => manager.say('POST', `/key_rings/${unique('ring')}`),
    status: 201,
  },
  {
    name: 'deleteKeyRing',
    says: 'deletes an empty ring',
    run: async ({ manager }) => manager.say('DELETE', `/key_rings/${await manager.ring()}`),
    status: 204,
  },
];

/** KMIP comes with its protocol; until then each operation says so. */
export const kmipRows: readonly Row[] = (
  [
    ['getKmipAdapters', 'GET', '/kmip_adapters'],
    ['createKmipAdapter', 'POST', '/kmip_adapters'],
    ['getKmipAdapter', 'GET', '/kmip_adapters/a'],
    ['deleteKmipAdapter', 'DELETE', '/kmip_adapters/a'],
    ['getKmipObjects', 'GET', '/kmip_adapters/a/kmip_objects'],
    ['getKmipObject', 'GET', '/kmip_adapters/a/kmip_objects/o'],
    ['deleteKmipObject', 'DELETE', '/kmip_adapters/a/kmip_objects/o'],
    ['getKmipClientCertificates', 'GET', '/kmip_adapters/a/certificates'],
    ['addKmipClientCertificate', 'POST', '/kmip_adapters/a/certificates'],
    ['getKmipClientCertificate', 'GET', '/kmip_adapters/a/certificates/c'],
    ['deleteKmipClientCertificate', 'DELETE', '/kmip_adapters/a/certificates/c'],
  ] as const
).map(([name, method, path]) => ({
  name,
  says: 'is not served yet, and says so in the shape of the contract',
  run: ({ manager }: World) => manager.say(method, path),
  status: 501,
  body: notImplemented,
}));

/** Service to service. */
export const serviceRows: readonly Row[] = [
  {
    name: 'replaceRegistration',
    says: 'puts a registration on a newer version',
    run: async (world) => {
      const { id, crn } = await registeredKey(world);
      await world.manager.say('POST', `/keys/${id}/actions/rotate`);
      const versions = await world.manager.say('GET', `/keys/${id}/versions?limit=1`);
      const [newest] = (versions.body as { resources: { id: string }[] }).resources;
      const body = {
        ...{ preventKeyDeletion: true, description: 'replaced', registrationMetadata: 'm' },
        keyVersionId: newest?.id,
      };
      return world.service.say('PUT', registrationPath(id, crn), { body });
    },
    status: 200,
    body: { resources: [{ description: 'replaced', preventKeyDeletion: true }] },
  },
  {
    name: 'eventAcknowledge',
    says: 'is for services only',
    run: ({ manager }) => manager.say('POST', '/event_ack', { body: { resources: [] } }),
    status: 403,
    body: serviceOnly,
  },
  {
    name: 'actionOnRegistration',
    says: 'is for services only',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      return manager.say('POST', `/keys/${id}/registrations?action=deactivate`, { body: {} });
    },
    status: 403,
    body: serviceOnly,
  },
  {
    name: 'getGovernanceConfig',
    says: 'is for services only',
    run: ({ manager }) => manager.say('GET', '/governance/v1/configs'),
    status: 403,
    body: serviceOnly,
  },
  ...(
    [
      ['createMigrationIntent', 'POST'],
      ['getMigrationIntent', 'GET'],
      ['deleteMigrationIntent', 'DELETE'],
    ] as const
  ).map(([name, method]) => ({
    name,
    says: 'is for services only',
    run: async ({ manager }: World) => {
      const { id } = await manager.key();
      return manager.say(method, `/keys/${id}/migrationIntent`);
    },
    status: 403,
    body: serviceOnly,
  })),
];
