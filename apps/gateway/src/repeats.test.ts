// The tokens by which a key-manager recognises a change that comes again, from a client's headers.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startStandIn, type StandIn } from './stand-in.ts';

let region: StandIn;

beforeAll(async () => {
  region = await startStandIn();
});
afterAll(() => region.close());
beforeEach(() => {
  region.asked.length = 0;
  region.script.operation = async () => ({ ok: true, status: 200, body: {} });
});

function lastAsked() {
  const last = region.asked.at(-1);
  if (last === undefined) throw new Error('the key-manager was not asked');
  return last;
}

describe('repeats of a change', () => {
  const rotate = (headers: Record<string, string>, body = '{}') =>
    region.send({ path: '/api/v2/keys/key1/actions/rotate', headers, body });

  it('with the same Correlation-Id and body get the same token, others do not', async () => {
    await rotate({ 'correlation-id': 'c1' });
    await rotate({ 'correlation-id': 'c1' });
    await rotate({ 'correlation-id': 'c2' });
    await rotate({ 'correlation-id': 'c1' }, '{ }');
    const tokens = region.asked.map(({ token }) => token);
    expect(tokens[0]?.kind).toBe('correlation');
    expect(tokens[1]).toEqual(tokens[0]);
    expect(tokens[2]?.value).not.toBe(tokens[0]?.value);
    expect(tokens[3]?.value).not.toBe(tokens[0]?.value);
  });

  it('are recognised too where a GET is one: the retrieval of an import token', async () => {
    const get = (correlationId: string) =>
      region.send({
        method: 'GET',
        path: '/api/v2/import_token',
        headers: { 'correlation-id': correlationId },
      });
    await get('c1');
    await get('c1');
    await get('c2');
    const tokens = region.asked.map(({ token }) => token);
    expect([lastAsked().operation, tokens[0]?.kind]).toEqual(['getImportToken', 'correlation']);
    expect(tokens[1]).toEqual(tokens[0]);
    expect(tokens[2]?.value).not.toBe(tokens[0]?.value);
  });

  it('with the same Idempotency-Key keep the token, and show other parameters', async () => {
    await rotate({ 'idempotency-key': 'once', 'correlation-id': 'c1' });
    await rotate(
      { 'idempotency-key': 'once', 'correlation-id': 'c2' },
      '{"payload":"AAAAAAAAAAAAAAAAAAAAAA=="}',
    );
    const [first, second] = region.asked.map(({ token }) => token);
    expect(first?.kind).toBe('idempotency-key');
    expect(second?.value).toBe(first?.value);
    expect(second?.parametersHash).not.toBe(first?.parametersHash);
    expect(JSON.stringify(region.asked[0]?.token)).not.toContain('once');
  });

  it('without either header have no token', async () => {
    await rotate({});
    expect(lastAsked().token).toMatchObject({ kind: 'none', value: '' });
  });

  it('an Idempotency-Key that is too long is refused', async () => {
    await rotate({ 'idempotency-key': 'x'.repeat(65) });
    expect(lastAsked().refusal?.code).toBe('INVALID_HEADER_ERR');
  });

  it('of what changes nothing need no token', async () => {
    await region.send({
      path: '/api/v2/keys/key1/actions/wrap',
      headers: { 'correlation-id': 'c1', 'idempotency-key': 'k' },
    });
    expect(lastAsked().token.kind).toBe('none');
  });
});
