// Import tokens at the edge: how the two calls are passed on.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { edgeLimits } from '@zonehold/service-host';
import { startStandIn, type StandIn } from './stand-in.ts';

let region: StandIn;
let timesLeftMs: number[];

beforeAll(async () => {
  region = await startStandIn();
});
afterAll(() => region.close());
beforeEach(() => {
  timesLeftMs = [];
  region.asked.length = 0;
  region.script.operation = async (_request, deadline) => {
    timesLeftMs.push(deadline.remainingMs());
    return { ok: true, status: 200, body: { remainingRetrievals: 1 } };
  };
});

const path = '/api/v2/import_token';

it('a making has the time to wait for a key pair, a retrieval that of any change', async () => {
  await region.send({ path, body: '{"expiration":600.0}' });
  await region.send({ method: 'GET', path });
  expect(region.asked.map(({ operation }) => operation)).toEqual([
    'postImportToken',
    'getImportToken',
  ]);
  const [making = 0, retrieval = 0] = timesLeftMs;
  expect(making).toBeGreaterThan(edgeLimits.changeDeadlineMs);
  expect(making).toBeLessThanOrEqual(edgeLimits.keyPairDeadlineMs);
  expect(retrieval).toBeLessThanOrEqual(edgeLimits.changeDeadlineMs);
});

it('the replies have no envelope and are not to be kept by anybody on the way', async () => {
  const answer = await region.send({ method: 'GET', path });
  expect([answer.status, answer.json()]).toEqual([200, { remainingRetrievals: 1 }]);
  expect(answer.headers['cache-control']).toContain('no-store');
});

it('numbers that no token can have are passed on as a refusal, after the rights', async () => {
  await region.send({ path, body: '{"maxAllowedRetrievals":501}' });
  expect(region.asked[0]?.refusal).toMatchObject({
    code: 'INVALID_FIELD_ERR',
    target: { type: 'field', name: 'maxAllowedRetrievals' },
  });
});
