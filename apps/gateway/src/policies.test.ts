// Policies on their way through the gateway: routes, query and body as the key-manager gets them.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startStandIn, type StandIn } from './stand-in.ts';

let region: StandIn;

beforeAll(async () => {
  region = await startStandIn();
});
afterAll(() => region.close());
beforeEach(() => {
  region.asked.length = 0;
  region.script.operation = async () => ({ ok: true, status: 204 });
});

const envelope = (resource: unknown): string =>
  JSON.stringify({ metadata: { collectionTotal: 1 }, resources: [resource] });

it('policies of a key are put with a query and a body, and got with a query', async () => {
  const path = '/api/v2/keys/key1/policies?policy=rotation';
  const body = envelope({ rotation: { interval_month: 3 } });
  await region.send({ method: 'PUT', path, body });
  expect(region.asked.at(-1)).toMatchObject({
    operation: 'putPolicy',
    keyRef: 'key1',
    query: { policy: 'rotation' },
    body: { rotation: { isEnabled: true, intervalMonths: 3 } },
  });
  expect(region.asked.at(-1)?.token.kind).toBe('none');
  await region.send({ method: 'GET', path });
  expect(region.asked.at(-1)).toMatchObject({
    operation: 'getPolicy',
    keyRef: 'key1',
    query: { policy: 'rotation' },
  });
});

it.each(['/actions/setKeyForDeletion', '?action=setKeyForDeletion'])(
  'a key is set for deletion by %s, with the body null as Go sends it',
  async (end) => {
    const answer = await region.send({ path: `/api/v2/keys/key1${end}`, body: 'null' });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(region.asked.at(-1)).toMatchObject({ operation: 'setKeyForDeletion', keyRef: 'key1' });
    expect(region.asked.at(-1)?.refusal).toBeUndefined();
    await region.send({ path: `/api/v2/keys/key1${end.replace('set', 'unset')}` });
    expect(region.asked.at(-1)?.operation).toBe('unsetKeyForDeletion');
  },
);

it('policies of an instance are put with their attributes, and answered without a body', async () => {
  const path = '/api/v2/instance/policies';
  const attributes = { allowed_ip: ['192.0.2.0/24'] };
  const policy = { policy_type: 'allowedIP', policy_data: { enabled: true, attributes } };
  const answer = await region.send({ method: 'PUT', path, body: envelope(policy) });
  expect([answer.status, answer.text]).toEqual([204, '']);
  expect(region.asked.at(-1)).toMatchObject({
    operation: 'putInstancePolicy',
    body: { allowedIP: { isEnabled: true, cidrs: ['192.0.2.0/24'] } },
  });
  await region.send({ method: 'GET', path: `${path}?policy=allowedIP` });
  expect(region.asked.at(-1)).toMatchObject({
    operation: 'getInstancePolicy',
    query: { policy: 'allowedIP' },
  });
});

it('a key is made with policies of its own', async () => {
  const resource = { name: 'key', extractable: false, rotation: { interval_month: 3 } };
  await region.send({ path: '/api/v2/keys_with_policy_overrides', body: envelope(resource) });
  expect(region.asked.at(-1)).toMatchObject({
    operation: 'createKeyWithPoliciesOverrides',
    body: { name: 'key', policyOverrides: { rotation: { isEnabled: true, intervalMonths: 3 } } },
  });
});

it('what is malformed travels as the refusal to give once the right is sure', async () => {
  const path = '/api/v2/keys/key1/policies?policy=dualAuthDelete';
  await region.send({ method: 'PUT', path, body: envelope({ rotation: { interval_month: 3 } }) });
  expect(region.asked.at(-1)?.refusal).toEqual({ code: 'BODY_QUERY_PARAM_MISMATCH_ERR' });
});
