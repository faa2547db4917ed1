// Calls that nobody waits for any more: what the caller does, what the peer is told, and what it makes of it. Real TLS on loopback.
import { createServer, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Cancellation, Deadline, systemClock as clock } from '@zonehold/primitives';
import { encodeFrames, FrameDecoder } from './frame-codec.ts';
import type { FrameContext, FrameMethod } from './ports.ts';
import { allUp, endpointsAt, TestRegion, until, zones } from './test-region.ts';

let region: TestRegion;
beforeEach(async () => {
  region = await TestRegion.create();
});
afterEach(() => region.close());

const callers = ['gateway'] as const;
const always = { retry: 'always' } as const;

/** A method that answers only when its call is cancelled, and the contexts of its calls. */
function patient(): { readonly method: FrameMethod; readonly contexts: FrameContext[] } {
  const contexts: FrameContext[] = [];
  const handle: FrameMethod['handle'] = (_body, context) => {
    contexts.push(context);
    return new Promise((resolve) => context.deadline.onCancel(() => resolve('too late')));
  };
  return { method: { callers, handle }, contexts };
}

describe('a call that is cancelled', () => {
  it('ends at once, is not tried again, and its handler is told', async () => {
    const { method, contexts } = patient();
    const servers = await Promise.all(zones.map((zone) => region.serve(zone, { work: method })));
    const client = await region.client(servers.map(({ port }) => port));
    await allUp(client);
    const cancellation = new Cancellation();
    const deadline = Deadline.after(clock, 60_000, cancellation);
    const call = client.call('key-manager', 'work', 1, { deadline, ...always });
    await until(() => contexts.length === 1, 'the call arrives');
    cancellation.cancel();
    await expect(call).rejects.toMatchObject({
      code: 'CANCELLED',
      outcome: 'unknown',
      failed: [{ zone: zones[0], code: 'CANCELLED' }],
    });
    await until(() => contexts[0]?.deadline.isCancelled === true, 'the handler is told');
    expect(contexts).toHaveLength(1);
  });

  it('before it was sent is not sent', async () => {
    const { method, contexts } = patient();
    const server = await region.serve(zones[0], { work: method });
    const client = await region.client([server.port]);
    await allUp(client);
    const cancellation = new Cancellation();
    cancellation.cancel();
    const deadline = Deadline.after(clock, 1_000, cancellation);
    await expect(
      client.call('key-manager', 'work', 1, { deadline, ...always }),
    ).rejects.toMatchObject({ code: 'CANCELLED', outcome: 'not-applied', failed: [] });
    expect(contexts).toHaveLength(0);
  });

  it('does not reach a handler that has bound its work', async () => {
    const answers: boolean[] = [];
    const go = Promise.withResolvers<undefined>();
    let hasBegun = false;
    const handle: FrameMethod['handle'] = async (_body, { deadline }) => {
      deadline.bind();
      hasBegun = true;
      await go.promise;
      answers.push(deadline.isCancelled);
    };
    const server = await region.serve(zones[0], {
      work: { callers, handle },
      next: { callers, handle: async () => 'next' },
    });
    const client = await region.client([server.port]);
    await allUp(client);
    const cancellation = new Cancellation();
    const deadline = Deadline.after(clock, 60_000, cancellation);
    const call = client.call('key-manager', 'work', 1, { deadline, ...always });
    await until(() => hasBegun, 'the call arrives');
    cancellation.cancel();
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    // Frames arrive in order: the cancel was read before this one.
    const after = Deadline.after(clock, 2_000);
    await client.call('key-manager', 'next', 1, { deadline: after, ...always });
    go.resolve(undefined);
    await until(() => answers.length > 0, 'the handler ends');
    expect(answers).toEqual([false]);
  });

  it('soon says nothing about the zone; after a fair time without an answer it does', async () => {
    const { method, contexts } = patient();
    const servers = await Promise.all(zones.map((zone) => region.serve(zone, { work: method })));
    const ejected: string[] = [];
    const client = await region.client(
      servers.map(({ port }) => port),
      { observer: { ejected: (_service, zone) => ejected.push(zone) } },
    );
    await allUp(client);
    const giveUpAfter = async (waitMs: number): Promise<void> => {
      const cancellation = new Cancellation();
      const deadline = Deadline.after(clock, 60_000, cancellation);
      const call = client.call('key-manager', 'work', 1, { deadline, ...always });
      const failure = expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
      const givesUpMs = clock.monotonicMs() + waitMs;
      await until(() => clock.monotonicMs() >= givesUpMs, 'the time has come');
      cancellation.cancel();
      await failure;
    };
    await Promise.all(Array.from({ length: 10 }, () => giveUpAfter(20)));
    expect(ejected).toEqual([]);
    await Promise.all(Array.from({ length: 5 }, () => giveUpAfter(260)));
    expect(ejected).toEqual([zones[0]]);
    expect(contexts).toHaveLength(15);
  });

  it('says nothing about a zone that answers others meanwhile, however many leave', async () => {
    const { method } = patient();
    const quick: FrameMethod = { callers, handle: async () => 'quick' };
    const methods = { work: method, quick };
    const servers = await Promise.all(zones.map((zone) => region.serve(zone, methods)));
    const told: string[] = [];
    const client = await region.client(
      servers.map(({ port }) => port),
      {
        observer: {
          ejected: (_service, zone) => told.push(`${zone} ejected`),
          circuitChanged: (_service, zone, state) => told.push(`${zone} ${state}`),
        },
      },
    );
    await allUp(client);
    for (let round = 0; round < 3; round += 1) {
      const cancellation = new Cancellation();
      const deadline = Deadline.after(clock, 60_000, cancellation);
      const failures = Array.from({ length: 5 }, () =>
        expect(
          client.call('key-manager', 'work', 1, { deadline, ...always }),
        ).rejects.toMatchObject({ code: 'CANCELLED' }),
      );
      const givesUpMs = clock.monotonicMs() + 260;
      const other = { deadline: Deadline.after(clock, 2_000), ...always };
      await client.call('key-manager', 'quick', 1, other);
      await until(() => clock.monotonicMs() >= givesUpMs, 'the time has come');
      cancellation.cancel();
      await Promise.all(failures);
    }
    expect(told).toEqual([]);
  });
});

describe('a call that is given up for another zone', () => {
  it('is cancelled where its attempt ran out of time', async () => {
    const { method, contexts } = patient();
    const first = await region.serve(zones[0], { work: method });
    const second = await region.serve(zones[1], { work: { callers, handle: async () => 'done' } });
    const client = await region.client([first.port, second.port], {
      policy: { attemptTimeoutMs: 100 },
    });
    await allUp(client);
    const deadline = Deadline.after(clock, 5_000);
    await expect(
      client.call('key-manager', 'work', 1, { deadline, ...always }),
    ).resolves.toMatchObject({ zone: zones[1], attempts: 2 });
    await until(() => contexts[0]?.deadline.isCancelled === true, 'the first handler is told');
  });
});

describe('a server whose peer is gone', () => {
  it('cancels all that was under way for it', async () => {
    const { method, contexts } = patient();
    const server = await region.serve(zones[0], { work: method });
    const client = await region.client([server.port]);
    await allUp(client);
    const deadline = Deadline.after(clock, 60_000);
    const calls = [1, 2, 3].map((body) =>
      client.call('key-manager', 'work', body, { deadline, retry: 'none' }).catch(() => 'lost'),
    );
    await until(() => contexts.length === 3, 'the calls arrive');
    await client.close();
    await until(
      () => contexts.every(({ deadline }) => deadline.isCancelled),
      'all handlers are told',
    );
    expect(await Promise.all(calls)).toEqual(['lost', 'lost', 'lost']);
  });
});

describe('a peer of before cancels', () => {
  it('is never sent one: it would cut the link', async () => {
    const received: Record<string, unknown>[] = [];
    const port = await olderServer(received);
    const client = await region.client([], { endpoints: endpointsAt([port]) });
    await allUp(client);
    const cancellation = new Cancellation();
    const deadline = Deadline.after(clock, 60_000, cancellation);
    const call = client.call('key-manager', 'work', 1, { deadline, retry: 'none' });
    await until(() => received.some((frame) => 'm' in frame), 'the call arrives');
    cancellation.cancel();
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    const next = client.call('key-manager', 'work', 2, {
      deadline: Deadline.after(clock, 100),
      retry: 'none',
    });
    await expect(next).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(received.filter((frame) => 'x' in frame)).toEqual([]);
    expect(client.standing()[0]?.isLinkUp).toBe(true);
  });
});

/** A key-manager that answers pings as before cancels, and nothing else. Its port. */
async function olderServer(received: Record<string, unknown>[]): Promise<number> {
  const tls = await region.tls(region.self('key-manager'));
  const sockets = new Set<TLSSocket>();
  const server = createServer(
    { ...tls, minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false },
    (socket) => {
      sockets.add(socket);
      const decoder = new FrameDecoder((frame) => {
        received.push(frame as Record<string, unknown>);
        const { p } = frame as { p?: number };
        if (p !== undefined) socket.write(encodeFrames([`{"q":${p}}`]));
      });
      socket.on('data', (chunk: Buffer) => decoder.push(chunk));
      socket.on('error', () => socket.destroy());
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  region.onClose(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
