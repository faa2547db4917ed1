// One row for each operation on keys of the operation index (reference §4, rows 1-23 and 29-32).
import { expect } from 'vitest';
import { keyBody, keyOf, keyType, policyBody, policyType } from './api.ts';
import {
  dek,
  deletedKey,
  disabledKey,
  guardedKey,
  registeredKey,
  registrationPath,
  unique,
  wrappedDek,
  type Row,
} from './world.ts';

const anyText = expect.any(String) as string;
const representation = { prefer: 'return=representation' };

const oneKey = (members: object = {}): object => ({
  metadata: { collectionType: keyType, collectionTotal: 1 },
  resources: [members],
});

/** Keys: make, find, read, move, delete. */
export const keyRows: readonly Row[] = [
  {
    name: 'getKeyCollectionMetadata',
    says: 'counts the keys in a header',
    run: async ({ manager }) => {
      await manager.key();
      const reply = await manager.say('HEAD', '/keys');
      expect(Number(reply.headers['key-total'])).toBeGreaterThan(0);
      return reply;
    },
    status: 200,
  },
  {
    name: 'createKey',
    says: 'makes a root key and answers its terse form',
    run: async ({ manager }) => {
      const body = keyBody({ name: 'made', extractable: false });
      const reply = await manager.say('POST', '/keys', { body });
      expect(keyOf(reply)).not.toHaveProperty('lastUpdateDate');
      return reply;
    },
    status: 201,
    body: oneKey({ name: 'made', state: 1, extractable: false, deleted: false, crn: anyText }),
  },
  {
    name: 'getKeys',
    says: 'finds the keys of the instance',
    run: async ({ manager }) => {
      const { name } = await manager.key();
      return manager.say('GET', `/keys?search=exact:name:${String(name)}&totalCount=true`);
    },
    status: 200,
    body: oneKey({ state: 1 }),
  },
  {
    name: 'createKeyWithPoliciesOverrides',
    says: 'makes a key with policies of its own',
    run: ({ manager }) => {
      const rotation = { enabled: true, interval_month: 3 };
      const body = keyBody({ name: 'ruled', extractable: false, rotation });
      return manager.say('POST', '/keys_with_policy_overrides', { body, headers: representation });
    },
    status: 201,
    body: oneKey({ rotation: { enabled: true, interval_month: 3 } }),
  },
  {
    name: 'getKey',
    says: 'gives the payload of a standard key',
    run: async ({ manager }) => {
      const { id } = await manager.key({ extractable: true, payload: dek });
      return manager.say('GET', `/keys/${id}`);
    },
    status: 200,
    body: oneKey({ payload: dek, extractable: true }),
  },
  {
    name: 'actionOnKey',
    says: 'does an action by its legacy name',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      return manager.say('POST', `/keys/${id}?action=wrap`, { body: {} });
    },
    status: 200,
    body: { plaintext: anyText, ciphertext: anyText },
  },
  {
    name: 'patchKey',
    says: 'moves a key to another ring',
    run: async ({ manager }) => {
      const [{ id }, keyRingID] = [await manager.key(), await manager.ring()];
      return manager.say('PATCH', `/keys/${id}`, { body: { keyRingID } });
    },
    status: 200,
    body: oneKey({ keyRingID: expect.stringMatching(/^ring-/) as string }),
  },
  {
    name: 'deleteKey',
    says: 'deletes a key and tells what may follow',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      return manager.say('DELETE', `/keys/${id}`, { headers: representation });
    },
    status: 200,
    body: oneKey({ state: 5, deleted: true, purgeAllowed: false, purgeAllowedFrom: anyText }),
  },
  {
    name: 'getKeyMetadata',
    says: 'gives a key without its payload',
    run: async ({ manager }) => {
      const { id } = await manager.key({ extractable: true, payload: dek });
      const reply = await manager.say('GET', `/keys/${id}/metadata`);
      expect(keyOf(reply)).not.toHaveProperty('payload');
      return reply;
    },
    status: 200,
    body: oneKey({ keyRingID: 'default', lastUpdateDate: anyText }),
  },
  {
    name: 'purgeKey',
    says: 'ends a key four hours after its deletion',
    run: async ({ manager, purger, advance }) => {
      const id = await deletedKey(manager);
      await advance('4h');
      const reply = await purger.say('DELETE', `/keys/${id}/purge`, { headers: representation });
      expect(await manager.say('GET', `/keys/${id}/metadata`)).toMatchObject({ status: 404 });
      return reply;
    },
    status: 200,
    body: oneKey({ state: 5 }),
  },
  {
    name: 'restoreKey',
    says: 'brings a key back half a minute after its deletion',
    run: async ({ manager, advance }) => {
      const id = await deletedKey(manager);
      await advance('30s');
      return manager.say('POST', `/keys/${id}/restore`);
    },
    status: 201,
    body: oneKey({ state: 1, deleted: false }),
  },
  {
    name: 'getKeyVersions',
    says: 'lists versions, the first named like the key',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      const reply = await manager.say('GET', `/keys/${id}/versions?totalCount=true`);
      expect(reply.body).toMatchObject({ resources: [{ id }] });
      return reply;
    },
    status: 200,
    body: { metadata: { collectionTotal: 1, totalCount: 1 } },
  },
];

/** What is done with a key. */
export const actionRows: readonly Row[] = [
  {
    name: 'wrapKey',
    says: 'makes a data key when it is given none',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      return manager.say('POST', `/keys/${id}/actions/wrap`, { body: {} });
    },
    status: 200,
    body: { plaintext: anyText, ciphertext: anyText, keyVersion: { id: anyText } },
  },
  {
    name: 'unwrapKey',
    says: 'gives back what was wrapped',
    run: async ({ manager }) => {
      const { id, ciphertext } = await wrappedDek(manager);
      return manager.say('POST', `/keys/${id}/actions/unwrap`, { body: { ciphertext } });
    },
    status: 200,
    body: { plaintext: dek, keyVersion: { id: anyText } },
  },
  {
    name: 'rewrapKey',
    says: 'wraps again without showing the data key',
    run: async ({ manager }) => {
      const { id, ciphertext } = await wrappedDek(manager);
      const path = `/keys/${id}/actions/rewrap`;
      const reply = await manager.say('POST', path, { body: { ciphertext } });
      expect(reply.body).not.toHaveProperty('plaintext');
      return reply;
    },
    status: 200,
    body: { ciphertext: anyText, rewrappedKeyVersion: { id: anyText } },
  },
  {
    name: 'rotateKey',
    says: 'adds a version',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      const reply = await manager.say('POST', `/keys/${id}/actions/rotate`, { body: 'null' });
      const versions = await manager.say('GET', `/keys/${id}/versions`);
      expect(versions.body).toMatchObject({ metadata: { collectionTotal: 2 } });
      return reply;
    },
    status: 204,
  },
  {
    name: 'setKeyForDeletion',
    says: 'is the first of two persons',
    run: async ({ manager, second }) => {
      const id = await guardedKey(manager);
      const reply = await manager.say('POST', `/keys/${id}/actions/setKeyForDeletion`);
      expect(await second.say('DELETE', `/keys/${id}`)).toMatchObject({ status: 204 });
      return reply;
    },
    status: 204,
  },
  {
    name: 'unsetKeyForDeletion',
    says: 'takes the authorization back',
    run: async ({ manager, second }) => {
      const id = await guardedKey(manager);
      await manager.say('POST', `/keys/${id}/actions/setKeyForDeletion`);
      const reply = await manager.say('POST', `/keys/${id}/actions/unsetKeyForDeletion`);
      expect(await second.say('DELETE', `/keys/${id}`)).toMatchObject({ status: 409 });
      return reply;
    },
    status: 204,
  },
  {
    name: 'enableKey',
    says: 'brings a disabled key back into use',
    run: async ({ manager, advance }) => {
      const id = await disabledKey(manager);
      await advance('30s');
      const reply = await manager.say('POST', `/keys/${id}/actions/enable`);
      const used = await manager.say('POST', `/keys/${id}/actions/wrap`, { body: {} });
      expect(used.status).toBe(200);
      return reply;
    },
    status: 204,
  },
  {
    name: 'disableKey',
    says: 'takes a key out of use',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      const reply = await manager.say('POST', `/keys/${id}/actions/disable`);
      const used = await manager.say('POST', `/keys/${id}/actions/wrap`, { body: {} });
      expect(used.status).toBe(409);
      return reply;
    },
    status: 204,
  },
  {
    name: 'syncAssociatedResources',
    says: 'asks the services again, an hour after the last event',
    run: async (world) => {
      const { id } = await registeredKey(world);
      await world.advance('1h');
      return world.manager.say('POST', `/keys/${id}/actions/sync`);
    },
    status: 204,
  },
];

/** What rules, protects and names a key. */
export const attachedRows: readonly Row[] = [
  {
    name: 'putPolicy',
    says: 'sets a policy of a key and gives it back',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      const rotation = { enabled: true, interval_month: 2 };
      const body = policyBody({ type: policyType, rotation });
      return manager.say('PUT', `/keys/${id}/policies?policy=rotation`, { body });
    },
    status: 200,
    body: { resources: [{ id: anyText, crn: anyText, rotation: { interval_month: 2 } }] },
  },
  {
    name: 'getPolicy',
    says: 'shows the policies of a key',
    run: async ({ manager }) => manager.say('GET', `/keys/${await guardedKey(manager)}/policies`),
    status: 200,
    body: { metadata: { collectionTotal: 1 }, resources: [{ dualAuthDelete: { enabled: true } }] },
  },
  {
    name: 'getRegistrations',
    says: 'shows what a key protects',
    run: async (world) => {
      const { id, crn } = await registeredKey(world);
      const reply = await world.reader.say('GET', `/keys/${id}/registrations`);
      expect(reply.body).toMatchObject({ resources: [{ keyId: id, resourceCrn: crn }] });
      return reply;
    },
    status: 200,
    body: { metadata: { collectionTotal: 1 } },
  },
  {
    name: 'getRegistrationsAllKeys',
    says: 'finds what protects a resource',
    run: async (world) => {
      const { id, crn } = await registeredKey(world);
      const query = `urlEncodedResourceCRNQuery=${encodeURIComponent(crn)}`;
      const reply = await world.reader.say('GET', `/keys/registrations?${query}`);
      expect(reply.body).toMatchObject({ resources: [{ keyId: id, resourceCrn: crn }] });
      return reply;
    },
    status: 200,
    body: { metadata: { collectionTotal: 1 } },
  },
  {
    name: 'createKeyAlias',
    says: 'gives a key a name',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      return manager.say('POST', `/keys/${id}/aliases/${unique('alias')}`);
    },
    status: 201,
    body: { resources: [{ keyId: anyText, alias: anyText, createdBy: anyText }] },
  },
  {
    name: 'deleteKeyAlias',
    says: 'takes the name away',
    run: async ({ manager }) => {
      const alias = unique('alias');
      await manager.key({ aliases: [alias] });
      const reply = await manager.say('DELETE', `/keys/${alias}/aliases/${alias}`);
      expect(await manager.say('GET', `/keys/${alias}`)).toMatchObject({ status: 404 });
      return reply;
    },
    status: 204,
  },
  {
    name: 'createRegistration',
    says: 'lets a service say what a key protects',
    run: async ({ manager, service, crn }) => {
      const { id } = await manager.key();
      const body = { preventKeyDeletion: true, description: 'kept' };
      return service.say('POST', registrationPath(id, crn()), { body });
    },
    status: 201,
    body: { resources: [{ preventKeyDeletion: true, description: 'kept' }] },
  },
  {
    name: 'updateRegistration',
    says: 'changes what is named and keeps the rest',
    run: async (world) => {
      const { id, crn } = await registeredKey(world);
      const body = { preventKeyDeletion: true };
      return world.service.say('PATCH', registrationPath(id, crn), { body });
    },
    status: 200,
    body: { resources: [{ preventKeyDeletion: true, description: 'a bucket' }] },
  },
  {
    name: 'deleteRegistration',
    says: 'lets a key go',
    run: async (world) => {
      const { id, crn } = await registeredKey(world);
      const reply = await world.service.say('DELETE', registrationPath(id, crn));
      expect(await world.manager.say('DELETE', `/keys/${id}`)).toMatchObject({ status: 204 });
      return reply;
    },
    status: 204,
  },
];
