// A client among three zones: what it does when one is killed, hangs, refuses or drains. Real TLS on loopback.
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KmsError, systemClock } from '@zonehold/primitives';
import { meshPolicyDefaults } from './call.ts';
import { encodeFrames, FrameDecoder } from './frame-codec.ts';
import type { FrameMethod } from './ports.ts';
import { callers, echo, failing, hang, portsOf, threeZones } from './test-methods.ts';
import { allUp, TestRegion, until, within, zones } from './test-region.ts';

let region: TestRegion;
beforeEach(async () => {
  region = await TestRegion.create();
});
afterEach(() => region.close());

describe('a call', () => {
  it('goes to the own zone', async () => {
    const client = await region.client(portsOf(await threeZones(region, echo)));
    await allUp(client);
    for (let call = 0; call < 5; call += 1) {
      const result = await client.call(
        'key-manager',
        'work',
        { call },
        { deadline: within(2_000), retry: 'none' },
      );
      expect(result).toEqual({ reply: { call }, zone: zones[0], attempts: 1 });
    }
  });

  it('goes just to the zone it names', async () => {
    const client = await region.client(portsOf(await threeZones(region, echo)));
    const options = { deadline: within(2_000), retry: 'always', zone: zones[2] } as const;
    await expect(client.call('key-manager', 'work', 1, options)).resolves.toMatchObject({
      zone: zones[2],
    });
  });

  it('under way in a zone that is killed is made again in another', async () => {
    const servers = await threeZones(region, echo, hang);
    const client = await region.client(portsOf(servers));
    await allUp(client);
    const calls = Array.from({ length: 50 }, (_, at) =>
      client.call('key-manager', 'work', at, { deadline: within(2_000), retry: 'always' }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    await servers[0]?.close();
    const results = await Promise.all(calls);
    expect(results.map(({ reply }) => reply)).toEqual(calls.map((_, at) => at));
    expect(results.every(({ zone, attempts }) => zone !== zones[0] && attempts === 2)).toBe(true);
  });

  it('under way in a zone that is killed is not made again when it may not be, and its outcome is unknown', async () => {
    for (const retry of ['none', 'unsent'] as const) {
      const servers = await threeZones(region, echo, hang);
      const client = await region.client(portsOf(servers));
      await allUp(client);
      const call = client.call('key-manager', 'work', 1, { deadline: within(2_000), retry });
      const failure = expect(call).rejects.toMatchObject({ code: 'LINK_LOST', outcome: 'unknown' });
      await new Promise((resolve) => setImmediate(resolve));
      await servers[0]?.close();
      await failure;
    }
  });

  it('to a dead zone goes elsewhere at once, unsent, also when it changes things', async () => {
    const servers = await threeZones(region, echo);
    const client = await region.client(portsOf(servers));
    await allUp(client);
    await servers[0]?.close();
    await until(() => client.standing()[0]?.isLinkUp === false, 'the link down');
    const startedMs = systemClock.monotonicMs();
    const result = await client.call('key-manager', 'work', 1, {
      deadline: within(2_000),
      retry: 'unsent',
    });
    expect(result.zone).not.toBe(zones[0]);
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(200);
  });

  it('goes elsewhere while its own zone is drained, and there when it names it', async () => {
    const servers = await threeZones(region, echo);
    const events: string[] = [];
    const client = await region.client(portsOf(servers), {
      observer: { drained: (service, zone) => events.push(`${service} ${zone}`) },
    });
    await allUp(client);
    const zoneOf = async (zone?: string) => {
      const options = { deadline: within(2_000), retry: 'none', ...(zone && { zone }) } as const;
      return (await client.call('key-manager', 'work', 1, options)).zone;
    };
    expect(await zoneOf()).toBe(zones[0]);
    client.drain([{ zone: zones[0], untilMs: systemClock.monotonicMs() + 60_000 }]);
    const served = await Promise.all(Array.from({ length: 20 }, () => zoneOf()));
    expect(new Set(served)).toEqual(new Set([zones[1], zones[2]]));
    expect(await zoneOf(zones[0])).toBe(zones[0]);
    expect(events).toEqual(['key-manager south-1']);
    client.drain([]);
    expect(await zoneOf()).toBe(zones[0]);
  });

  it('to a zone that hangs costs less than a second, and the silent link is cut', async () => {
    const hung = await hungServer();
    const [, second, third] = await threeZones(region, echo);
    const downReasons: string[] = [];
    const client = await region.client([hung, second!.port, third!.port], {
      observer: {
        linkChanged: (_service, zone, state, reason) => {
          if (zone === zones[0] && state === 'down') downReasons.push(reason);
        },
      },
    });
    await allUp(client);
    const startedMs = systemClock.monotonicMs();
    const result = await client.call('key-manager', 'work', 1, {
      deadline: within(2_000),
      retry: 'always',
    });
    const tookMs = systemClock.monotonicMs() - startedMs;
    expect(result.attempts).toBe(2);
    expect(tookMs).toBeLessThan(1_000);
    expect(tookMs).toBeGreaterThan(meshPolicyDefaults.link.linkSilenceMs * 0.8);
    expect(downReasons).toEqual(['silent for 500 ms']);
  });

  it('to a zone that accepts sockets and never shakes hands goes elsewhere', async () => {
    const sockets = new Set<Socket>();
    const mute = createTcpServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    region.onClose(async () => {
      for (const socket of sockets) socket.destroy();
      mute.close();
    });
    const [, second, third] = await threeZones(region, echo);
    const client = await region.client([
      (mute.address() as AddressInfo).port,
      second!.port,
      third!.port,
    ]);
    await until(
      () => client.standing().filter(({ isLinkUp }) => isLinkUp).length === 2,
      'two links up',
    );
    const result = await client.call('key-manager', 'work', 1, {
      deadline: within(2_000),
      retry: 'none',
    });
    expect(result.zone).not.toBe(zones[0]);
  });

  it('that is slow on a live link is waited for: pings keep the link', async () => {
    const slow: FrameMethod = {
      callers,
      handle: () => new Promise((resolve) => setTimeout(resolve, 1_200, 'late but right')),
    };
    const client = await region.client(portsOf(await threeZones(region, slow)));
    await allUp(client);
    const result = await client.call('key-manager', 'work', 1, {
      deadline: within(3_000),
      retry: 'unsent',
    });
    expect(result).toEqual({ reply: 'late but right', zone: zones[0], attempts: 1 });
  });

  it('finds another zone while the circuit to its own is open, and all of them open means none is', async () => {
    const broken = new KmsError('INTERNAL', 'no');
    const states: string[] = [];
    let panics = 0;
    const servers = await threeZones(region, echo, failing(broken));
    const client = await region.client(portsOf(servers), {
      observer: {
        circuitChanged: (_service, zone, state) => states.push(`${zone} ${state}`),
        panicked: () => (panics += 1),
      },
    });
    await allUp(client);
    const options = () => ({ deadline: within(2_000), retry: 'none' }) as const;
    for (let call = 0; call < 5; call += 1) {
      await expect(client.call('key-manager', 'work', 1, options())).rejects.toMatchObject({
        code: 'INTERNAL',
      });
    }
    await until(() => states.includes(`${zones[0]} open`), 'the open circuit');
    await expect(client.call('key-manager', 'work', 1, options())).resolves.toMatchObject({
      attempts: 1,
    });
    expect(panics).toBe(0);
    const only = await region.client([servers[0]!.port], {
      observer: { panicked: () => (panics += 1) },
    });
    await allUp(only);
    for (let call = 0; call < 7; call += 1) {
      await expect(only.call('key-manager', 'work', 1, options())).rejects.toMatchObject({
        code: 'INTERNAL',
      });
    }
    expect(panics).toBe(2);
  });

  it('leaves an own zone that fails three calls in ten, and nobody notices', async () => {
    let calls = 0;
    const gray: FrameMethod = {
      callers,
      handle: async (body) => {
        calls += 1;
        if (calls % 10 < 3) throw new KmsError('UNAVAILABLE', 'no');
        return body;
      },
    };
    const ejected: string[] = [];
    const client = await region.client(portsOf(await threeZones(region, echo, gray)), {
      observer: {
        ejected: (_service, zone, reason, lastsMs) => {
          ejected.push(`${zone} ${reason}`);
          expect(lastsMs).toBeGreaterThanOrEqual(5_000);
        },
      },
    });
    await allUp(client);
    const call = () =>
      client.call('key-manager', 'work', 1, { deadline: within(2_000), retry: 'always' });
    for (let made = 0; made < 40; made += 1) await call();
    expect(ejected).toEqual([`${zones[0]} ratio`]);
    expect(client.standing().map(({ isEjected }) => isEjected)).toEqual([true, false, false]);
    const results = await Promise.all(Array.from({ length: 20 }, call));
    expect(results.every(({ zone, attempts }) => zone !== zones[0] && attempts === 1)).toBe(true);
    // A caller who names the zone still gets there: probes and administration.
    const named = client.call('key-manager', 'work', 1, {
      deadline: within(2_000),
      retry: 'none',
      zone: zones[0],
    });
    await named.catch(() => undefined);
    expect(calls).toBeGreaterThan(20);
  });

  it('of a megabyte does not hold up the small ones, and too large a one is refused here', async () => {
    const client = await region.client(portsOf(await threeZones(region, echo)));
    await allUp(client);
    const big = 'b'.repeat(1_000_000);
    const options = { deadline: within(5_000), retry: 'none' } as const;
    const order: string[] = [];
    const call = (name: string, body: string) =>
      client.call<string>('key-manager', 'work', body, options).finally(() => order.push(name));
    const [bigResult, smallResult] = await Promise.all([call('big', big), call('small', 'small')]);
    expect(order).toEqual(['small', 'big']);
    expect(bigResult.reply).toHaveLength(big.length);
    expect(smallResult.reply).toBe('small');
    await expect(
      client.call('key-manager', 'work', 'c'.repeat(8_400_000), options),
    ).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('with no time left is not sent', async () => {
    const client = await region.client(portsOf(await threeZones(region, echo)));
    await allUp(client);
    const call = client.call('key-manager', 'work', 1, { deadline: within(5), retry: 'always' });
    await expect(call).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', outcome: 'not-applied' });
  });

  it('finds a zone again after its service was restarted', async () => {
    const servers = await threeZones(region, echo);
    const client = await region.client(portsOf(servers));
    await allUp(client);
    const port = servers[0]!.port;
    await servers[0]!.close();
    await until(() => client.standing()[0]?.isLinkUp === false, 'the link down');
    await region.serve(zones[0], { work: echo }, { port });
    await allUp(client);
    await expect(
      client.call('key-manager', 'work', 1, { deadline: within(2_000), retry: 'none' }),
    ).resolves.toMatchObject({ zone: zones[0] });
  });
});

/** A server of the own zone that shakes hands, answers the first ping, and then never again: a stopped process. */
async function hungServer(): Promise<number> {
  const self = region.self('key-manager', zones[0]);
  const sockets = new Set<TLSSocket>();
  const server = createTlsServer(
    { ...(await region.tls(self)), requestCert: true, minVersion: 'TLSv1.3' },
    (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      // Only the first connection comes up at all: the process is stopped afterwards.
      if (sockets.size > 1) return;
      const decoder = new FrameDecoder(() => {
        socket.write(encodeFrames(['{"q":0}']));
        socket.removeAllListeners('data');
      });
      socket.on('data', (chunk: Buffer) => decoder.push(chunk));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  region.onClose(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
