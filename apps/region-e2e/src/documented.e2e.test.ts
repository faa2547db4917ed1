// The document's own examples, sent as they stand in the order of a story: each is served, and every answer is as documented.
import { ContractDocument, codeOf, type SeenAnswer, type ServedDocument } from '@zonehold/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownInstance, serviceKey, type OwnInstance } from './own-instance.ts';
import { RawClient } from './raw-client.ts';
import { attachRegion } from './region.ts';

const region = attachRegion();
const client = new RawClient(region, 1);
let document: ContractDocument;
let owner: OwnInstance;
let token: string;
/** Of the service whose resource the examples register. */
let serviceToken: string;

beforeAll(async () => {
  const served = await client.send({ method: 'GET', url: '/openapi.json', headers: {} });
  document = new ContractDocument(JSON.parse(served.text) as ServedDocument);
  owner = await ownInstance(region, 'documented');
  token = await region.tokenOf(owner.apiKey);
  serviceToken = await region.tokenOf(await serviceKey(region, owner.instanceId, 'databases'));
});
afterAll(() => client.close());

interface Step {
  readonly operationId: string;
  /** The example's name; absent: no body. */
  readonly example?: string;
  /** Parameters that differ from the examples. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly prefer?: 'return=representation';
  readonly isByService?: true;
  /** The status, or with it the reason: waits of the contract are longer than a test. */
  readonly status: number;
  readonly code?: string;
}

/** The examples of one operation after the other. What no one could know, the ciphertext, is put in. */
const story: readonly Step[] = [
  { operationId: 'listKeyRings', status: 200 },
  { operationId: 'createKeyRing', status: 201 },
  {
    operationId: 'putInstancePolicy',
    example: 'keys that are born with dual authorization',
    status: 204,
  },
  { operationId: 'putInstancePolicy', example: 'rotation of later root keys', status: 204 },
  { operationId: 'getInstancePolicy', status: 200 },
  { operationId: 'createKey', example: 'a root key', prefer: 'return=representation', status: 201 },
  { operationId: 'createKey', example: 'a standard key', status: 201 },
  {
    operationId: 'createKey',
    example: 'a standard key',
    prefer: 'return=representation',
    status: 201,
  },
  { operationId: 'createKey', example: 'an imported root key', status: 201 },
  {
    operationId: 'createKeyWithPoliciesOverrides',
    example: 'a root key that is rotated',
    status: 201,
  },
  { operationId: 'putInstancePolicy', example: 'who may create what', status: 204 },
  { operationId: 'getInstancePolicy', query: '?policy=keyCreateImportAccess', status: 200 },
  { operationId: 'getKeyCollectionMetadata', status: 200 },
  { operationId: 'getKeys', query: '?limit=3&sort=-creationDate&totalCount=true', status: 200 },
  { operationId: 'getKeyMetadata', status: 200 },
  { operationId: 'getKey', status: 200 },
  { operationId: 'wrapKey', example: 'a data key of our own', status: 200 },
  { operationId: 'wrapKey', example: 'a data key of the service', status: 200 },
  { operationId: 'unwrapKey', example: 'a wrapped data key', status: 200 },
  { operationId: 'rotateKey', example: 'a generated key', status: 204 },
  { operationId: 'rotateKey', status: 409, code: 'KEY_ROTATION_NOT_PERMITTED' },
  { operationId: 'unwrapKey', example: 'a wrapped data key', status: 200 },
  { operationId: 'rewrapKey', example: 'a wrapped data key', status: 200 },
  { operationId: 'getKeyVersions', query: '?totalCount=true', status: 200 },
  { operationId: 'actionOnKey', example: 'a data key', query: '?action=wrap', status: 200 },
  { operationId: 'createRegistration', example: 'a database', isByService: true, status: 201 },
  {
    operationId: 'createRegistration',
    example: 'a database',
    status: 403,
    code: 'SERVICE_ONLY_ERR',
  },
  { operationId: 'getRegistrations', query: '?totalCount=true', status: 200 },
  { operationId: 'getRegistrationsAllKeys', status: 200 },
  { operationId: 'updateRegistration', example: 'a description', isByService: true, status: 200 },
  {
    operationId: 'replaceRegistration',
    example: 'all of it',
    isByService: true,
    status: 422,
    code: 'KEY_VERSION_INVALID',
  },
  { operationId: 'syncAssociatedResources', status: 409, code: 'REQ_TOO_EARLY_ERR' },
  {
    operationId: 'eventAcknowledge',
    example: 'a key that was enabled',
    isByService: true,
    status: 204,
  },
  { operationId: 'deleteKey', status: 409, code: 'PREV_KEY_DEL_ERR' },
  { operationId: 'deleteRegistration', isByService: true, status: 204 },
  { operationId: 'actionOnKey', query: '?action=disable', status: 204 },
  { operationId: 'enableKey', status: 409, code: 'REQ_TOO_EARLY_ERR' },
  { operationId: 'disableKey', status: 409, code: 'KEY_ACTION_INVALID_STATE_ERR' },
  { operationId: 'putPolicy', example: 'rotation in every third month', status: 200 },
  { operationId: 'getPolicy', status: 200 },
  { operationId: 'setKeyForDeletion', status: 409, code: 'KEY_ACTION_INVALID_STATE_ERR' },
  { operationId: 'unsetKeyForDeletion', status: 409, code: 'KEY_ACTION_INVALID_STATE_ERR' },
  { operationId: 'getAllowedIpPort', status: 200 },
  { operationId: 'getImportToken', status: 404, code: 'IMPORT_TOKEN_NOT_FOUND_ERR' },
  { operationId: 'postImportToken', example: 'a token for two imports', status: 200 },
  { operationId: 'getImportToken', status: 200 },
  {
    operationId: 'createRegistration',
    example: 'a database',
    isByService: true,
    status: 422,
    code: 'KEY_INVALID_STATE_ERR',
  },
  { operationId: 'createKeyAlias', status: 201 },
  { operationId: 'deleteKeyAlias', status: 204 },
  { operationId: 'patchKey', example: 'another ring', status: 200 },
  { operationId: 'deleteKeyRing', status: 404, code: 'KEY_RING_NOT_FOUND_ERR' },
  { operationId: 'deleteKey', prefer: 'return=representation', status: 200 },
  { operationId: 'restoreKey', status: 409, code: 'REQ_TOO_EARLY_ERR' },
  {
    operationId: 'restoreKey',
    example: 'with the material of an imported key, which is not needed',
    status: 409,
    code: 'REQ_TOO_EARLY_ERR',
  },
  { operationId: 'purgeKey', status: 409, code: 'REQ_TOO_EARLY_ERR' },
  { operationId: 'wrapKey', status: 410, code: 'KEY_DELETED_ERR' },
];

/** The last ciphertext that the story has made. */
let ciphertext = '';

async function tell(step: Step): Promise<SeenAnswer> {
  const call = document.call(step.operationId);
  const body = step.example === undefined ? undefined : call.bodyExamples[step.example];
  const examples = call.parameters.map(({ name, example }) => [name, String(example)]);
  const values: Readonly<Record<string, string>> = {
    ...(Object.fromEntries(examples) as Record<string, string>),
    ...step.path,
  };
  const url = call.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => values[name] ?? '');
  const hasCiphertext = typeof body === 'object' && body !== null && 'ciphertext' in body;
  const sent = hasCiphertext ? { ...body, ciphertext } : body;
  const answer = await client.send({
    method: call.method,
    url: url + (step.query ?? ''),
    headers: {
      authorization: `Bearer ${step.isByService === true ? serviceToken : token}`,
      'bluemix-instance': owner.instanceId,
      ...(step.prefer === undefined ? {} : { prefer: step.prefer }),
    },
    ...(sent === undefined ? {} : { body: Buffer.from(JSON.stringify(sent)) }),
  });
  expect(document.faults(call.method, url, answer)).toEqual([]);
  return answer;
}

describe('the document', () => {
  it('tells a story that every operation which is served has a part in, with all of its examples', () => {
    const told = story.map(({ operationId, example }) => `${operationId}: ${example ?? ''}`);
    const served = document.calls.filter(({ isImplemented }) => isImplemented);
    const missing = served.flatMap(({ operationId, bodyExamples }) => {
      const examples = Object.keys(bodyExamples).map((name) => `${operationId}: ${name}`);
      return (examples.length === 0 ? [`${operationId}: `] : examples).filter(
        (part) => !told.includes(part),
      );
    });
    expect(missing).toEqual([]);
  });

  it('tells it as it happens', async () => {
    for (const step of story) {
      const answer = await tell(step);
      const { status, text } = answer;
      const seen = { operationId: step.operationId, status, code: codeOf(text) };
      const { operationId, status: wanted, code } = step;
      expect(seen, text).toEqual({ operationId, status: wanted, code });
      if (operationId === 'wrapKey' && status === 200) {
        ciphertext = (JSON.parse(text) as { ciphertext: string }).ciphertext;
      }
    }
  });

  it('says 501 of every operation that is not served, with its examples', async () => {
    const unserved = document.calls.filter(
      ({ isImplemented, operationId }) =>
        !isImplemented && !/^get(?:Oidc)?Token$/.test(operationId),
    );
    for (const { operationId, bodyExamples } of unserved) {
      const [example] = Object.keys(bodyExamples);
      const { status, text } = await tell({
        operationId,
        status: 501,
        ...(example === undefined ? {} : { example }),
      });
      expect({ operationId, status, text }).toMatchObject({
        operationId,
        status: expect.toSatisfy((seen) => [401, 403, 501].includes(seen as number)) as number,
      });
    }
  });

  it('would not pass for another: an answer with a member or a status that it lacks is found', async () => {
    const served = JSON.parse(
      (await client.send({ method: 'GET', url: '/openapi.json', headers: {} })).text,
    ) as ServedDocument;
    const { components, paths } = served as unknown as {
      components: { schemas: { TokenError: { properties: Record<string, unknown> } } };
      paths: Record<string, { post: { responses: Record<string, unknown> } }>;
    };
    Reflect.deleteProperty(components.schemas.TokenError.properties, 'errorCode');
    Reflect.deleteProperty(paths['/oidc/token']?.post.responses ?? {}, '400');
    const other = new ContractDocument(served);
    const judged = async (url: string): Promise<string> => {
      const answer = await client.send({ method: 'POST', url, headers: {} });
      return other.faults('POST', url, answer).join();
    };
    expect(await judged('/identity/token')).toMatch(/not as documented/);
    expect(await judged('/oidc/token')).toMatch(/400 is not documented/);
  });

  it('describes the answers of the identity endpoint, good and bad', async () => {
    const form = (apiKey: string): Buffer =>
      Buffer.from(
        `grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=${encodeURIComponent(apiKey)}`,
      );
    for (const url of ['/identity/token', '/oidc/token']) {
      for (const [apiKey, status] of [
        [owner.apiKey, 200],
        ['nobody', 400],
      ] as const) {
        const answer = await client.send({ method: 'POST', url, headers: {}, body: form(apiKey) });
        expect(answer.status).toBe(status);
        expect(document.faults('POST', url, answer)).toEqual([]);
      }
    }
  });
});
