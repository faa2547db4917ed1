// The contract of Key Protect v2, row by row, over plain HTTP: each operation of its index, each reason code it documents. The region
// is a development one, so that waits of hours and windows of days can be lived through.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DevRegion } from '../dev-region.ts';
import { Api, codeOf, keyOf } from './api.ts';
import { instanceRows, kmipRows, serviceRows } from './instance-rows.ts';
import { actionRows, attachedRows, keyRows } from './operation-rows.ts';
import {
  formRows,
  importRows,
  registrationRows,
  rightRows,
  stateRows,
  type ReasonRow,
} from './reason-rows.ts';
import type { Row, World } from './world.ts';

const operationRows = [
  ...keyRows,
  ...actionRows,
  ...attachedRows,
  ...instanceRows,
  ...kmipRows,
  ...serviceRows,
];
const reasonRows: readonly ReasonRow[] = [
  ...formRows,
  ...stateRows,
  ...rightRows,
  ...importRows,
  ...registrationRows,
];

/** Documented by the vendor, and proven where the means are: no request of a client earns them here. */
const provenElsewhere = {
  UNAUTHORIZED_ERR: 'has no reasons, so that it has no code on the wire: below',
  KEY_SEARCH_TOO_BROAD: 'needs more than 5,000 keys: list-keys tests of the key-manager',
  INCOMPLETE_METADATA_ERR: 'needs a damaged register: gateway tests',
  CONFIG_RULE_CONFLICT_ERR: 'there are no configuration rules that a request could break',
  INVALID_SIG_EXP_ERR: 'a ciphertext is authenticated as a whole: UNPROCESSABLE_CIPHERTEXT_ERR',
};

const serviceName = 'cloud-object-storage';
let dev: DevRegion;
let world: World;

beforeAll(async () => {
  dev = await DevRegion.start();
  const { region } = dev;
  const api = (apiKey: string, instanceId = region.instanceId): Api =>
    new Api(region, apiKey, { instanceId });
  const neighbourId = await dev.newInstance('neighbour');
  world = {
    manager: api(region.apiKey('MANAGER')),
    second: api(region.apiKey('MANAGER2')),
    reader: api(region.apiKey('READER')),
    purger: api(region.apiKey('KEYPURGE')),
    service: api(await dev.newApiKey(region.instanceId, ['Reader'], serviceName)),
    otherService: api(await dev.newApiKey(region.instanceId, ['Reader'], 'databases-for-redis')),
    neighbour: api(await dev.newApiKey(neighbourId, ['Manager']), neighbourId),
    crn: () =>
      `crn:v1:bluemix:public:${serviceName}:global:a/0123456789abcdef0123456789abcdef:${randomUUID()}:bucket:b`,
    advance: (by) => dev.advance(by),
    nowMs: () => dev.nowMs(),
  };
}, 120_000);

afterAll(() => dev.stop());

describe.each(operationRows)('$name', ({ says, run, status, body }: Row) => {
  it(says, async () => {
    const reply = await run(world);
    if (body === undefined) expect(reply).toMatchObject({ status, body: undefined });
    else expect(reply).toMatchObject({ status, body });
  });
});

describe.each(reasonRows)('$code', ({ code, says, run, status, target }: ReasonRow) => {
  it(says, async () => {
    const reply = await run(world);
    const reason = { code, status, ...(target === undefined ? {} : { target }) };
    expect(reply).toMatchObject({
      status,
      body: {
        metadata: { collectionType: 'application/vnd.ibm.kms.error+json', collectionTotal: 1 },
        resources: [{ errorMsg: expect.any(String) as string, reasons: [reason] }],
      },
    });
  });
});

describe('UNAUTHORIZED_ERR', () => {
  it('is 401 without reasons, and wins over a body that cannot be read', async () => {
    const reply = await world.reader.say('POST', '/keys', { body: '{' });
    expect(reply).toMatchObject({
      status: 401,
      body: { resources: [{ errorMsg: expect.stringContaining('Unauthorized') as string }] },
    });
    expect(codeOf(reply)).toBeUndefined();
    expect(JSON.stringify(reply.body)).not.toContain('reasons');
  });
});

describe('the index and the table of codes', () => {
  it('has a test for every operation of the OpenAPI document, and no other', async () => {
    const document = await dev.openApi();
    const documented = Object.entries(document.paths)
      .filter(([path]) => /^[/](?:api[/]v2|governance)[/]/.test(path))
      .flatMap(([, methods]) => Object.values(methods).map(({ operationId }) => operationId));
    const tested = operationRows.map(({ name }) => name);
    expect(tested.toSorted()).toEqual(documented.toSorted());
    expect(tested).toHaveLength(new Set(tested).size);
  });

  it('has a test for every reason code that the vendor documents', async () => {
    const { 'x-reason-codes': codes } = await dev.openApi();
    const tested = [...reasonRows.map(({ code }) => code), ...Object.keys(provenElsewhere)];
    expect(tested.toSorted()).toEqual(codes.toSorted());
  });

  it('is served with the key it made, wherever it is asked', async () => {
    const made = await world.manager.key();
    const read = keyOf(await world.reader.say('GET', `/keys/${made.id}/metadata`));
    expect(read).toMatchObject({ id: made.id, name: made['name'] });
  });
});
