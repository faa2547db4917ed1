// What a client is told when something fails inside: never 5xx for what may have been applied, and nothing of the inside.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KmsError } from '@zonehold/primitives';
import { edgeLimits } from '@zonehold/service-host';
import { startStandIn, type StandIn } from './stand-in.ts';

let region: StandIn;
const wrapPath = '/api/v2/keys/key1/actions/wrap';

beforeAll(async () => {
  region = await startStandIn();
});
afterAll(() => region.close());

interface ContractError {
  resources: { reasons?: { code: string }[] }[];
}
const codeOf = (body: unknown) => (body as ContractError).resources[0]?.reasons?.[0]?.code;

describe('failures inside', () => {
  const fail = (error: KmsError) => {
    region.script.operation = async () => {
      throw error;
    };
  };
  const disable = () => region.send({ path: '/api/v2/keys/key1/actions/disable' });

  it('a change that may have been applied is 409, never 5xx', async () => {
    fail(new KmsError('OUTCOME_UNKNOWN', 'nobody knows'));
    const answer = await disable();
    expect(answer.status).toBe(409);
    expect(answer.headers['zonehold-outcome']).toBe('unknown');
    expect(codeOf(answer.json())).toBe('OUTCOME_UNKNOWN_ERR');
  });

  it('a change that ran out of time with its outcome unknown is 409 too', async () => {
    fail(new KmsError('DEADLINE_EXCEEDED', 'late', { outcome: 'unknown' }));
    expect((await disable()).status).toBe(409);
  });

  it('a change that was not applied is 503 with Retry-After', async () => {
    fail(new KmsError('UNAVAILABLE', 'no quorum'));
    const answer = await disable();
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.headers['zonehold-outcome']).toBeUndefined();
    expect(codeOf(answer.json())).toBe('SERVICE_UNAVAILABLE_ERR');
  });

  it('what found no place anywhere is 429 and may be sent again', async () => {
    fail(new KmsError('OVERLOADED', 'no key pair was ready in time'));
    const answer = await disable();
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '1']);
    expect(codeOf(answer.json())).toBe('TOO_MANY_REQUESTS_ERR');
  });

  it('a list may take as long as three attempts at a wrap, and is answered', async () => {
    region.script.operation = async (_request, deadline) => {
      const hasTimeForAll = deadline.remainingMs() > edgeLimits.requestDeadlineMs;
      return { ok: true, status: 200, body: { hasTimeForAll } };
    };
    const answer = await region.send({ method: 'GET', path: '/api/v2/keys' });
    expect([answer.status, answer.json()]).toEqual([200, { hasTimeForAll: true }]);
  });

  it('a wrap or a read is simply 503, whatever its outcome', async () => {
    fail(new KmsError('DEADLINE_EXCEEDED', 'late', { outcome: 'unknown' }));
    expect((await region.send({ path: wrapPath })).status).toBe(503);
    expect((await region.send({ method: 'GET', path: '/api/v2/keys/key1' })).status).toBe(503);
  });

  it('tell the client nothing of the inside', async () => {
    fail(new KmsError('INTEGRITY', 'register s017 is forged'));
    const answer = await region.send({ path: wrapPath });
    expect(answer.status).toBe(500);
    expect(codeOf(answer.json())).toBe('INCOMPLETE_METADATA_ERR');
    expect(answer.text).not.toContain('s017');
  });
});
