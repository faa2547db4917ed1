// Who is let in, who may call what, and what leaves over the wire: real TLS on loopback.
import { connect, type ConnectionOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuthority } from '@zonehold/pki';
import { KmsError, systemClock as clock, systemRandom as random } from '@zonehold/primitives';
import { encodeFrames, FrameDecoder } from './frame-codec.ts';
import type { FrameMethod } from './ports.ts';
import { allUp, TestRegion, until, within, zones } from './test-region.ts';

let region: TestRegion;
const methods: Record<string, FrameMethod> = {
  echo: { callers: ['gateway'], handle: async (body) => body },
  operatorsOnly: { callers: ['operator'], handle: async () => 'secret' },
  fail: {
    callers: ['gateway'],
    handle: async () => {
      throw new KmsError('CONFLICT', 'not now', { cause: new Error('inner secret') });
    },
  },
  break: {
    callers: ['gateway'],
    handle: async () => {
      throw new TypeError('inner secret');
    },
  },
  left: { callers: ['gateway'], handle: async (_body, { deadline }) => deadline.remainingMs() },
};

beforeEach(async () => {
  region = await TestRegion.create();
});
afterEach(() => region.close());

const always = { retry: 'always' } as const;

describe('a frame server', () => {
  it('answers a service of its region, and tells the handler who calls and how', async () => {
    const seen: unknown[] = [];
    const server = await region.serve(zones[0], {
      who: { callers: ['gateway'], handle: async (_body, context) => seen.push(context) },
    });
    const client = await region.client([server.port]);
    await client.call('key-manager', 'who', null, {
      deadline: within(2_000),
      correlationId: 'c-1',
      ...always,
    });
    expect(seen).toEqual([
      expect.objectContaining({ correlationId: 'c-1', peer: region.self('gateway') }),
    ]);
  });

  it.each(['other', 'south'])(
    'refuses a certificate of another authority, even for region %s',
    async (name) => {
      const refused: string[] = [];
      const server = await region.serve(zones[0], methods, {
        observer: { peerRefused: (reason) => refused.push(reason) },
      });
      const other = await TestRegion.create(name);
      const tls = { ...(await other.tls(other.self('gateway'))), ca: region.authority.certPem };
      const client = await region.client([server.port], { tls });
      await until(() => refused.length > 0, 'the refusal');
      expect(refused[0]).toBe('certificate');
      await expect(
        client.call('key-manager', 'echo', 1, { deadline: within(500), ...always }),
      ).rejects.toMatchObject({
        code: 'LINK_LOST',
        outcome: 'not-applied',
      });
    },
  );

  it.each([
    ['region', 'north', 'cluster-1'],
    ['cluster', 'south', 'cluster-2'],
  ])(
    'refuses another %s although the authority is the same',
    async (reason, regionName, clusterId) => {
      const refused: string[] = [];
      const server = await region.serve(zones[0], methods, {
        observer: { peerRefused: (why) => refused.push(why) },
      });
      const stranger = new TestRegion(regionName, clusterId, region.authority);
      // As its own region's client it would refuse the server first: this one pretends to be at home.
      const tls = await stranger.tls(stranger.self('gateway'));
      await region.client([server.port], { tls });
      await until(() => refused.length > 0, 'the refusal');
      expect(refused[0]).toBe(reason);
    },
  );

  it('refuses a peer without a certificate, and one that speaks TLS 1.2', async () => {
    const refused: string[] = [];
    const server = await region.serve(zones[0], methods, {
      observer: { peerRefused: (reason) => refused.push(reason) },
    });
    const attempts: ConnectionOptions[] = [
      {},
      { maxVersion: 'TLSv1.2', ...(await region.tls(region.self('gateway'))) },
    ];
    for (const attempt of attempts) {
      const before = refused.length;
      const socket = connect({
        host: '127.0.0.1',
        port: server.port,
        rejectUnauthorized: false,
        ...attempt,
      });
      socket.on('error', () => undefined);
      await until(() => refused.length > before && socket.destroyed, 'the refusal');
    }
    expect(refused).toEqual(['certificate', 'certificate']);
  });

  it('is itself refused by a client of another region', async () => {
    const reasons: string[] = [];
    const server = await region.serve(zones[0], methods);
    const other = new TestRegion('north', 'cluster-1', region.authority);
    const client = await other.client([server.port], {
      observer: { linkChanged: (_service, _zone, _state, reason) => reasons.push(reason) },
    });
    await until(() => reasons.length > 0, 'the refusal');
    expect(reasons[0]).toContain('another region');
    await client.close();
  });

  it('is refused by a client when it is of another zone or authority than expected', async () => {
    const reasons: string[] = [];
    const observer = {
      linkChanged: (_service: string, _zone: string, _state: string, reason: string) =>
        reasons.push(reason),
    };
    const elsewhere = await region.serve(zones[1], methods);
    await region.client([elsewhere.port], { observer });
    await until(() => reasons.length === 1, 'the refusal of the zone');
    expect(reasons[0]).toContain(`key-manager of ${zones[1]}`);
    const foreign = new TestRegion(
      'south',
      'cluster-1',
      await createAuthority('south', { clock, random }),
    );
    const forged = await foreign.serve(zones[0], methods);
    await region.client([forged.port], { observer });
    await until(() => reasons.length === 2, 'the refusal of the authority');
    await foreign.close();
  });

  it('checks the callers of each method, and counts the refusal', async () => {
    const refused: string[] = [];
    const server = await region.serve(zones[0], methods, {
      observer: { peerRefused: (reason) => refused.push(reason) },
    });
    const client = await region.client([server.port]);
    const options = { deadline: within(2_000), ...always };
    await expect(client.call('key-manager', 'operatorsOnly', 1, options)).rejects.toMatchObject({
      code: 'IDENTITY_REFUSED',
      outcome: 'not-applied',
    });
    await expect(client.call('key-manager', 'nothing', 1, options)).rejects.toMatchObject({
      code: 'PROTOCOL',
    });
    expect(refused).toEqual(['caller']);
  });

  it('sends code, message and outcome of a failure, never a cause', async () => {
    const failures: unknown[] = [];
    const server = await region.serve(zones[0], methods, {
      observer: { handlerFailed: (_method, _id, error) => failures.push(error) },
    });
    const client = await region.client([server.port]);
    const options = { deadline: within(2_000), ...always };
    const expected = await client
      .call('key-manager', 'fail', 1, options)
      .catch((error: unknown) => error);
    expect(expected).toMatchObject({
      code: 'CONFLICT',
      message: 'not now',
      outcome: 'not-applied',
    });
    expect(JSON.stringify(expected)).not.toContain('inner secret');
    const bug = await client
      .call('key-manager', 'break', 1, options)
      .catch((error: unknown) => error);
    expect(bug).toMatchObject({ code: 'INTERNAL', outcome: 'unknown' });
    expect((bug as Error).message).not.toContain('inner secret');
    expect(failures).toHaveLength(1);
  });

  it('is told less time than the caller has, and refuses work with hardly any left', async () => {
    const shed: string[] = [];
    const server = await region.serve(zones[0], methods, {
      observer: { shed: (reason) => shed.push(reason) },
    });
    const client = await region.client([server.port]);
    await allUp(client);
    const { reply } = await client.call<number>('key-manager', 'left', 1, {
      deadline: within(600),
      retry: 'none',
    });
    expect(reply).toBeGreaterThan(400);
    expect(reply).toBeLessThanOrEqual(595);
    await expect(
      rawCall(server.port, { i: 1, m: 'left', t: 9, c: '', b: 1 }),
    ).resolves.toMatchObject({
      e: { code: 'DEADLINE_EXCEEDED', outcome: 'not-applied' },
    });
    expect(shed).toEqual(['deadline']);
  });

  it('sheds what is above its limit of calls under way, as not applied', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const slow: FrameMethod = { callers: ['gateway'], handle: () => gate };
    const server = await region.serve(zones[0], { slow }, { inFlightMax: 2 });
    const client = await region.client([server.port]);
    await allUp(client);
    const call = () =>
      client.call('key-manager', 'slow', 1, { deadline: within(2_000), retry: 'none' });
    const running = [call(), call()];
    await expect(call()).rejects.toMatchObject({ code: 'OVERLOADED', outcome: 'not-applied' });
    release();
    await Promise.all(running);
  });

  it('finishes calls under way when it drains, and refuses new ones as not applied', async () => {
    let release = (): void => undefined;
    const gate = new Promise<string>((resolve) => (release = () => resolve('finished')));
    const slow: FrameMethod = { callers: ['gateway'], handle: () => gate };
    const server = await region.serve(zones[0], { slow });
    const client = await region.client([server.port]);
    await allUp(client);
    const options = { deadline: within(2_000), retry: 'none' } as const;
    const running = client.call('key-manager', 'slow', 1, options);
    await client.call('key-manager', 'nothing', 1, options).catch(() => undefined);
    const drained = server.drain(2_000);
    await expect(client.call('key-manager', 'slow', 1, options)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      outcome: 'not-applied',
    });
    release();
    await expect(running).resolves.toMatchObject({ reply: 'finished' });
    await drained;
  });

  it('cuts a peer that breaks the protocol', async () => {
    const refused: string[] = [];
    const server = await region.serve(zones[0], methods, {
      observer: { peerRefused: (reason) => refused.push(reason) },
    });
    await expect(rawCall(server.port, { i: 1, m: 'echo' })).rejects.toThrow('closed');
    expect(refused).toEqual(['protocol']);
  });
});

/** One frame out and one back, without a client's care. */
async function rawCall(port: number, message: unknown): Promise<unknown> {
  const tls = await region.tls(region.self('gateway'));
  const socket = connect({ host: '127.0.0.1', port, ...tls, checkServerIdentity: () => undefined });
  return new Promise((resolve, reject) => {
    const decoder = new FrameDecoder((frame) => {
      socket.destroy();
      resolve(frame);
    });
    socket.on('secureConnect', () => socket.write(encodeFrames([JSON.stringify(message)])));
    socket.on('data', (chunk: Buffer) => decoder.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed')));
  });
}
