// Registrations on their way through the gateway: the resource in the path, the ETag both ways, and who is a service.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startStandIn, type StandIn } from './stand-in.ts';

let region: StandIn;

beforeAll(async () => {
  region = await startStandIn();
});
afterAll(() => region.close());
beforeEach(() => {
  region.asked.length = 0;
  region.script.operation = async () => ({
    ...{ ok: true, status: 200, body: {} },
    headers: { ETag: 'W/"2"' },
  });
});

const crn = 'crn:v1:bluemix:public:databases:us-south:a/1:2:db:3';
const path = `/api/v2/keys/key1/registrations/${encodeURIComponent(crn)}`;
const body = JSON.stringify({
  metadata: { collectionTotal: 1 },
  resources: [{ preventKeyDeletion: true }],
});

describe('a registration', () => {
  it('is changed with the resource of the path and the tags of If-Match, and answered with its ETag', async () => {
    const headers = { 'if-match': 'W/"1"' };
    const answer = await region.send({ method: 'PATCH', path, headers, body });
    expect(answer.headers['etag']).toBe('W/"2"');
    expect(region.asked.at(-1)).toMatchObject({
      operation: 'updateRegistration',
      keyRef: 'key1',
      subRef: crn,
      ifMatch: 'W/"1"',
      body: { preventsKeyDeletion: true },
    });
    expect(region.asked.at(-1)?.refusal).toBeUndefined();
  });

  it.each(['1', '"', `"${'x'.repeat(1_000)}"`])('is refused with If-Match %s', async (tag) => {
    await region.send({ method: 'PATCH', path, headers: { 'if-match': tag }, body });
    expect(region.asked.at(-1)?.refusal?.code).toBe('INVALID_HEADER_ERR');
  });

  it.each([
    ['POST', path, 'createRegistration'],
    ['PUT', path, 'replaceRegistration'],
    ['DELETE', path, 'deleteRegistration'],
    ['GET', '/api/v2/keys/key1/registrations?limit=3', 'getRegistrations'],
    ['GET', '/api/v2/keys/registrations?limit=3', 'getRegistrationsAllKeys'],
    ['POST', '/api/v2/keys/key1/registrations?action=deactivate', 'actionOnRegistration'],
    ['POST', '/api/v2/event_ack', 'eventAcknowledge'],
    ['POST', '/api/v2/keys/key1/actions/sync', 'syncAssociatedResources'],
  ])('%s %s means %s', async (method, at, operation) => {
    await region.send({ method, path: at });
    expect(region.asked.at(-1)?.operation).toBe(operation);
  });

  it('of all keys are no key: other methods are refused there', async () => {
    const answer = await region.send({ method: 'DELETE', path: '/api/v2/keys/registrations' });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET']);
    expect(region.asked).toEqual([]);
  });
});

describe('a caller', () => {
  const callerWith = async (claims: Record<string, unknown>) => {
    const authorization = `Bearer ${await region.sign({ claims })}`;
    const answer = await region.send({ path, headers: { authorization } });
    return answer.status === 200 ? region.asked.at(-1)?.caller : answer.status;
  };

  it('is a service when the token says so, and a user when it says nothing', async () => {
    const service = { sub_type: 'Service', service_name: 'databases' };
    expect(await callerWith(service)).toMatchObject({ service: 'databases' });
    expect(await callerWith({})).not.toHaveProperty('service');
  });

  it.each([
    { sub_type: 'Service' },
    { sub_type: 'Service', service_name: '' },
    { sub_type: 'CRN', service_name: 'databases' },
  ])('of another kind is nobody: %j', async (claims) => {
    expect(await callerWith(claims)).toBe(400);
  });
});
