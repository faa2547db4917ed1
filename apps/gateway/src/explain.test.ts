// Answers that say which way they came, and requests whose clients have left.
import { request as httpsRequest } from 'node:https';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deadline } from '@zonehold/primitives';
import { KmsError } from '@zonehold/primitives';
import { instanceId, startStandIn, until, type StandIn } from './stand-in.ts';

const wrapPath = '/api/v2/keys/key1/actions/wrap';
const zone = 'us-south-1';
const explain = { 'zonehold-explain': '1' };

let region: StandIn;
beforeEach(async () => {
  region = await startStandIn();
});
afterEach(() => region.close());

describe('a client that asks for the way of its answer', () => {
  it('is told the zones and the attempts, also when it is refused', async () => {
    const served = { 'zonehold-zone': zone, 'zonehold-served-by': zone, 'zonehold-attempts': '1' };
    const answer = await region.send({ path: wrapPath, headers: explain });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject(served);
    expect(answer.headers).not.toHaveProperty('zonehold-tried');
    region.script.operation = async () => ({ ok: false, refusal: { code: 'KEY_NOT_FOUND_ERR' } });
    const refused = await region.send({ path: wrapPath, headers: explain });
    expect(refused.status).toBe(404);
    expect(refused.headers).toMatchObject(served);
  });

  it('is told where it was tried when nobody answered', async () => {
    region.script.operation = async () => {
      throw new KmsError('SEALED', 'no root');
    };
    const { status, headers } = await region.send({ path: wrapPath, headers: explain });
    expect(status).toBe(503);
    expect(headers['zonehold-zone']).toBe(zone);
    expect(headers).not.toHaveProperty('zonehold-served-by');
    const tried = String(headers['zonehold-tried']).split(', ');
    expect(tried).toHaveLength(Number(headers['zonehold-attempts']));
    expect(new Set(tried)).toEqual(new Set([`${zone}=SEALED`]));
  });

  it('is told nothing without a token', async () => {
    const { status, headers } = await region.send({
      path: wrapPath,
      headers: { ...explain, authorization: '' },
    });
    expect(status).toBe(401);
    expect(namesOf(headers)).toEqual([]);
  });
});

describe('a client that does not ask', () => {
  it.each([[{}], [{ 'zonehold-explain': '0' }]])('with %o is told nothing', async (headers) => {
    expect(namesOf((await region.send({ path: wrapPath, headers })).headers)).toEqual([]);
  });
});

describe('a client that leaves before its answer', () => {
  it('takes its request with it: the key-manager is told, and nothing is tried again', async () => {
    let deadline: Deadline | undefined;
    region.script.operation = (_request, given) => {
      deadline = given;
      return new Promise(() => undefined);
    };
    const token = await region.sign();
    const request = httpsRequest({
      host: '127.0.0.1',
      port: region.regionalPort,
      ca: region.ca,
      method: 'POST',
      path: wrapPath,
      headers: { authorization: `Bearer ${token}`, 'bluemix-instance': instanceId },
    });
    request.on('error', () => undefined);
    request.end();
    await until(() => deadline !== undefined);
    expect(deadline?.isCancelled).toBe(false);
    request.destroy();
    await until(() => deadline?.isCancelled === true);
    await until(() => region.logLines.some((line) => line.includes('request.served')));
    const line = region.logLines.find((text) => text.includes('request.served')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ status: 499, attempts: 1 });
    expect(region.asked).toHaveLength(1);
  });
});

function namesOf(headers: NodeJS.Dict<string | string[]>): string[] {
  const ours = ['zonehold-zone', 'zonehold-served-by', 'zonehold-attempts', 'zonehold-tried'];
  return Object.keys(headers).filter((name) => ours.includes(name));
}
