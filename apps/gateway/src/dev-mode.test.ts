// What clients see of a development region's gateway, and that they see nothing of it elsewhere.
import { connect } from 'node:tls';
import { systemClock } from '@zonehold/primitives';
import { initialDevControls, type DevControls, type Injection } from '@zonehold/service-host';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startStandIn, type StandIn } from './stand-in.ts';

const wrapPath = '/api/v2/keys/key1/actions/wrap';
const controls: DevControls = { ...initialDevControls };
let region: StandIn;
let plain: StandIn;

beforeAll(async () => {
  region = await startStandIn({ dev: { controls } });
  plain = await startStandIn();
});
afterAll(() => Promise.all([region.close(), plain.close()]));
afterEach(() => {
  controls.injections = [];
  region.asked.length = 0;
});

function inject(change: Partial<Injection>): void {
  const untilMs = systemClock.wallMs() + 60_000;
  controls.injections = [{ id: 7, route: '*', percent: 100, untilMs, ...change }];
}

/** What a gateway says to bytes that are no HTTP. */
function babble({ zonePort, ca }: StandIn): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ port: zonePort, host: '127.0.0.1', ca, servername: 'localhost' });
    socket.on('secureConnect', () => socket.write('this is no request\r\n\r\n'));
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

describe('the mode', () => {
  const requests = [
    ['an operation', { path: wrapPath }],
    ['a refused token', { path: wrapPath, headers: { authorization: 'Bearer x' } }],
    ['an unknown path', { path: '/nowhere' }],
    ['a token request', { path: '/identity/token' }],
    ['liveness', { path: '/livez', method: 'GET' }],
  ] as const;

  it.each(requests)(
    'is in the answer to %s of a development region only',
    async (_name, request) => {
      const [here, elsewhere] = await Promise.all([region.send(request), plain.send(request)]);
      expect(here.headers['zonehold-mode']).toBe('dev');
      expect(elsewhere.headers['zonehold-mode']).toBeUndefined();
      expect(here.status).toBe(elsewhere.status);
      const others = Object.keys(here.headers).filter((name) => name !== 'zonehold-mode');
      expect(others.toSorted()).toEqual(Object.keys(elsewhere.headers).toSorted());
    },
  );

  it('is also in the answer to what is no HTTP', async () => {
    expect(await babble(region)).toContain('Zonehold-Mode: dev');
    expect(await babble(plain)).not.toContain('Zonehold-Mode');
  });
});

describe('an injected refusal', () => {
  it.each([
    [429, 'TOO_MANY_REQUESTS_ERR', '1'],
    [503, 'SERVICE_UNAVAILABLE_ERR', '1'],
    [500, 'INTERNAL_ERR', undefined],
  ] as const)(
    '%i has the shape of a real one, is marked, and no key-manager hears of the request',
    async (status, code, retryAfter) => {
      inject({ route: 'wrapKey', status });
      const answer = await region.send({ path: wrapPath, body: '{}' });
      expect(answer.status).toBe(status);
      expect(answer.json()).toMatchObject({ resources: [{ reasons: [{ code, status }] }] });
      expect(answer.headers['retry-after']).toBe(retryAfter);
      expect(answer.headers['zonehold-injected']).toBe('7');
      expect(answer.headers['correlation-id']).toBeDefined();
      expect(region.asked).toEqual([]);
    },
  );

  it('strikes the operation, whichever of its paths names it, and spares the others', async () => {
    inject({ route: 'wrapKey', status: 503 });
    expect((await region.send({ path: '/api/v2/keys/key1?action=wrap' })).status).toBe(503);
    expect((await region.send({ path: '/api/v2/keys/key1/actions/disable' })).status).toBe(200);
  });

  it('says nothing to those without a token', async () => {
    inject({ status: 503 });
    const answer = await region.send({ path: wrapPath, headers: { authorization: 'Bearer x' } });
    expect(answer.status).toBe(400);
    expect(answer.headers['zonehold-injected']).toBeUndefined();
  });
});

describe('an injected delay', () => {
  it('comes before the key-manager is asked, and the answer is the real one', async () => {
    inject({ latencyMs: 120 });
    const startedMs = systemClock.monotonicMs();
    const asked = new Promise<number>((resolve) => {
      region.script.operation = async () => {
        resolve(systemClock.monotonicMs() - startedMs);
        return { ok: true, status: 200, body: { ciphertext: 'Y2lwaGVy' } };
      };
    });
    const answer = await region.send({ path: wrapPath });
    expect(await asked).toBeGreaterThanOrEqual(115);
    expect(answer.json()).toEqual({ ciphertext: 'Y2lwaGVy' });
    expect(answer.headers['zonehold-injected']).toBe('7');
  });
});
