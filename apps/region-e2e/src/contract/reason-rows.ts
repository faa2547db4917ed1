// One row for each reason code that the vendor documents (reference §3.3): what earns it. Those that nothing can earn are at the end,
// with the reason.
import { randomBytes, randomUUID } from 'node:crypto';
import { keyBody, policyBody, policyType, type Api, type Reply } from './api.ts';
import { newTransport, seal } from './import-material.ts';
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
  type World,
} from './world.ts';

/** A refusal of this code, with the contract's shape around it. */
export interface ReasonRow extends Omit<Row, 'body' | 'name'> {
  readonly code: string;
  /** What the refusal points at. */
  readonly target?: { readonly type: 'field' | 'query_param'; readonly name: string };
}

const rootKey = { name: 'refused', extractable: false };
const json = { type: policyType };

const create = (by: Api, body: unknown): Promise<Reply> => by.say('POST', '/keys', { body });
const act = (by: Api, id: string, action: string, body?: unknown): Promise<Reply> =>
  by.say('POST', `/keys/${id}/actions/${action}`, body === undefined ? {} : { body });

/** Bodies and queries that cannot be read. */
export const formRows: readonly ReasonRow[] = [
  {
    code: 'BAD_BODY_ERR',
    says: 'is for two keys in one create',
    run: ({ manager }) => {
      const resources = [rootKey, rootKey];
      const metadata = { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 2 };
      return create(manager, { metadata, resources });
    },
    status: 400,
  },
  {
    code: 'NO_BODY_ERR',
    says: 'is for an unwrap of nothing',
    run: async ({ manager }) => act(manager, (await manager.key()).id, 'unwrap'),
    status: 400,
  },
  {
    code: 'COLLECTION_TOTAL_MISMATCH_ERR',
    says: 'is for a total that counts otherwise',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      const policy = { ...json, dualAuthDelete: { enabled: true } };
      const body = {
        metadata: { collectionType: policyType, collectionTotal: 2 },
        resources: [policy],
      };
      return manager.say('PUT', `/keys/${id}/policies`, { body });
    },
    status: 400,
  },
  {
    code: 'BODY_QUERY_PARAM_MISMATCH_ERR',
    says: 'is for one policy in the query and another in the body',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      const body = policyBody({ ...json, dualAuthDelete: { enabled: true } });
      return manager.say('PUT', `/keys/${id}/policies?policy=rotation`, { body });
    },
    status: 400,
  },
  {
    code: 'NUM_COLLECTION_RESOURCE_ERR',
    says: 'is for two policies where the query names one',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      const rotation = { ...json, rotation: { enabled: true, interval_month: 1 } };
      const body = policyBody(rotation, { ...json, dualAuthDelete: { enabled: true } });
      return manager.say('PUT', `/keys/${id}/policies?policy=rotation`, { body });
    },
    status: 400,
  },
  {
    code: 'INVALID_FIELD_ERR',
    says: 'is for a name of one character',
    run: ({ manager }) => create(manager, keyBody({ ...rootKey, name: 'x' })),
    status: 400,
    target: { type: 'field', name: 'name' },
  },
  {
    code: 'INVALID_QUERY_PARAM_ERR',
    says: 'is for a page of no keys',
    run: ({ manager }) => manager.say('GET', '/keys?limit=0'),
    status: 400,
    target: { type: 'query_param', name: 'limit' },
  },
  {
    code: 'BEARER_SUB_EXTRACTION_ERR',
    says: 'is for a token without a subject',
    run: ({ manager }) =>
      manager.say('GET', '/keys', { headers: { authorization: 'Bearer none' } }),
    status: 400,
  },
];

/** What keys are not made for, or not any more. */
export const stateRows: readonly ReasonRow[] = [
  {
    code: 'KEY_ROOT_REQ_ERR',
    says: 'is for a wrap with a standard key',
    run: async ({ manager }) =>
      act(manager, (await manager.key({ extractable: true })).id, 'wrap', {}),
    status: 400,
  },
  {
    code: 'KEY_IMPT_REQ_ERR',
    says: 'is for material at the restore of a generated key',
    run: async ({ manager, advance }) => {
      const id = await deletedKey(manager);
      await advance('30s');
      return manager.say('POST', `/keys/${id}/restore`, { body: keyBody({ payload: dek }) });
    },
    status: 400,
  },
  {
    code: 'KEY_PAYLOAD_REQ_ERR',
    says: 'is for a rotation of an imported key without material',
    run: async ({ manager }) => act(manager, (await manager.key({ payload: dek })).id, 'rotate'),
    status: 400,
    target: { type: 'field', name: 'payload' },
  },
  {
    code: 'KEY_EXPIRED_ERR',
    says: 'is for the restore of a key that has expired',
    run: async ({ manager, advance, nowMs }) => {
      const expirationDate = new Date((await nowMs()) + 60_000).toISOString();
      const { id } = await manager.key({ expirationDate });
      await manager.say('DELETE', `/keys/${id}`);
      await advance('2m');
      return manager.say('POST', `/keys/${id}/restore`);
    },
    status: 400,
  },
  {
    code: 'KEY_RESTORE_EXPIRED',
    says: 'is for a restore after thirty days',
    run: async ({ manager, advance }) => {
      const id = await deletedKey(manager);
      await advance('31d');
      return manager.say('POST', `/keys/${id}/restore`);
    },
    status: 400,
  },
  {
    code: 'KEY_NOT_FOUND_ERR',
    says: 'is for a key that never was',
    run: ({ manager }) => manager.say('GET', `/keys/${randomUUID()}`),
    status: 404,
  },
  {
    code: 'KEY_ACTION_INVALID_STATE_ERR',
    says: 'is for a wrap with a disabled key',
    run: async ({ manager }) => act(manager, await disabledKey(manager), 'wrap', {}),
    status: 409,
  },
  {
    code: 'REQ_TOO_EARLY_ERR',
    says: 'is for a purge right after the deletion',
    run: async ({ manager, purger }) =>
      purger.say('DELETE', `/keys/${await deletedKey(manager)}/purge`),
    status: 409,
  },
  {
    code: 'KEY_ROTATION_NOT_PERMITTED',
    says: 'is for a second rotation within an hour',
    run: async ({ manager }) => {
      const { id } = await manager.key();
      await act(manager, id, 'rotate');
      return act(manager, id, 'rotate');
    },
    status: 409,
  },
  {
    code: 'KEY_DELETED_ERR',
    says: 'is for a wrap with a deleted key',
    run: async ({ manager }) => act(manager, await deletedKey(manager), 'wrap', {}),
    status: 410,
  },
  {
    code: 'UNPROCESSABLE_CIPHERTEXT_ERR',
    says: 'is for another key’s ciphertext',
    run: async ({ manager }) => {
      const [{ ciphertext }, { id }] = [await wrappedDek(manager), await manager.key()];
      return act(manager, id, 'unwrap', { ciphertext });
    },
    status: 422,
  },
  {
    code: 'KEY_ALIAS_NOT_UNIQUE_ERR',
    says: 'is for an alias that another key has',
    run: async ({ manager }) => {
      const alias = unique('alias');
      await manager.key({ aliases: [alias] });
      return create(manager, keyBody({ ...rootKey, aliases: [alias] }));
    },
    status: 409,
  },
];

/** Who may not. */
export const rightRows: readonly ReasonRow[] = [
  {
    code: 'FEATURE_RESTRICTED_ERR',
    says: 'is for a rotation policy on an imported key',
    run: async ({ manager }) => {
      const { id } = await manager.key({ payload: dek });
      const body = policyBody({ ...json, rotation: { enabled: true, interval_month: 1 } });
      return manager.say('PUT', `/keys/${id}/policies`, { body });
    },
    status: 403,
  },
  {
    code: 'SERVICE_ONLY_ERR',
    says: 'is for a registration by a user',
    run: async ({ manager, crn }) => {
      const path = registrationPath((await manager.key()).id, crn());
      return manager.say('POST', path, { body: { preventKeyDeletion: false } });
    },
    status: 403,
  },
  {
    code: 'RESOURCE_OWNER_ERR',
    says: 'is for the registration of another service’s resource',
    run: async ({ manager, otherService, crn }) => {
      const path = registrationPath((await manager.key()).id, crn());
      return otherService.say('POST', path, { body: { preventKeyDeletion: false } });
    },
    status: 403,
  },
  {
    code: 'AUTHORIZATIONS_NOT_MET',
    says: 'is for a deletion by one of two persons',
    run: async ({ manager }) => manager.say('DELETE', `/keys/${await guardedKey(manager)}`),
    status: 409,
  },
  {
    code: 'NOT_DUAL_AUTH_ERR',
    says: 'is for an authorization that the key does not ask for',
    run: async ({ manager }) => act(manager, (await manager.key()).id, 'setKeyForDeletion'),
    status: 409,
  },
  {
    code: 'KEY_CREATE_IMPORT_ACCESS_ERR',
    says: 'is for a kind of key that the instance does not allow',
    run: async ({ neighbour }) => {
      const set = (enabled: boolean): Promise<Reply> => {
        const attributes = enabled ? { attributes: { create_root_key: false } } : {};
        const policy = {
          policy_type: 'keyCreateImportAccess',
          policy_data: { enabled, ...attributes },
        };
        return neighbour.say('PUT', '/instance/policies', { body: policyBody(policy) });
      };
      await set(true);
      const refused = await create(neighbour, keyBody(rootKey));
      await set(false);
      return refused;
    },
    status: 409,
  },
];

/** Imports with a token. */
export const importRows: readonly ReasonRow[] = [
  {
    code: 'INCORRECT_NONCE_ERR',
    says: 'is for the nonce of another token',
    run: async ({ manager }) => {
      const transport = await newTransport(manager);
      const sealed = seal(transport, randomBytes(32), randomBytes(12).toString('base64'));
      return create(manager, keyBody({ ...rootKey, ...sealed }));
    },
    status: 400,
  },
  {
    code: 'INCORRECT_NONCE_IV_ERR',
    says: 'is for a nonce that was encrypted with another iv',
    run: async ({ manager }) => {
      const sealed = seal(await newTransport(manager));
      const iv = randomBytes(12).toString('base64');
      return create(manager, keyBody({ ...rootKey, ...sealed, iv }));
    },
    status: 400,
  },
  {
    code: 'IMPORT_TOKEN_EXPIRED_ERR',
    says: 'is for an import after the token’s time',
    run: async ({ manager, advance }) => {
      const sealed = seal(await newTransport(manager, { expiration: 300 }));
      await advance('301s');
      return create(manager, keyBody({ ...rootKey, ...sealed }));
    },
    status: 409,
  },
];

/** What a key protects. */
export const registrationRows: readonly ReasonRow[] = [
  {
    code: 'PROTECTED_RESOURCE_ERR',
    says: 'is for the deletion of a key that protects something',
    run: async (world) => world.manager.say('DELETE', `/keys/${(await registeredKey(world)).id}`),
    status: 409,
    target: { type: 'query_param', name: 'force' },
  },
  {
    code: 'PREV_KEY_DEL_ERR',
    says: 'is for a forced deletion where a registration forbids it',
    run: async (world) => {
      const { id } = await registeredKey(world, true);
      return world.manager.say('DELETE', `/keys/${id}?force=true`);
    },
    status: 409,
  },
  {
    code: 'KEY_INVALID_STATE_ERR',
    says: 'is for the registration of a disabled key',
    run: ({ manager, service, crn }) => register(service, disabledKey(manager), crn()),
    status: 422,
  },
  {
    code: 'KEY_ROOT_REQ_REG_ERR',
    says: 'is for the registration of a standard key',
    run: ({ manager, service, crn }) => {
      const made = manager.key({ extractable: true }).then(({ id }) => id);
      return register(service, made, crn());
    },
    status: 422,
  },
  {
    code: 'KEY_VERSION_INVALID',
    says: 'is for a registration that goes back to an older version',
    run: replaceByOlderVersion,
    status: 422,
  },
];

async function register(by: Api, keyId: Promise<string>, crn: string): Promise<Reply> {
  const body = { preventKeyDeletion: false };
  return by.say('POST', registrationPath(await keyId, crn), { body });
}

async function replaceByOlderVersion({ manager, service, crn }: World): Promise<Reply> {
  const { id } = await manager.key();
  await act(manager, id, 'rotate');
  const resource = crn();
  await register(service, Promise.resolve(id), resource);
  const body = {
    ...{ preventKeyDeletion: false, description: 'older', registrationMetadata: 'm' },
    keyVersionId: id,
  };
  return service.say('PUT', registrationPath(id, resource), { body });
}
