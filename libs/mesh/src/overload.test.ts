// Too much at once: what a client keeps back, what a server sheds, and that both serve on. Real TLS on loopback.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isKmsError } from '@zonehold/primitives';
import type { FrameMethod } from './ports.ts';
import { allUp, TestRegion, until, within, zones } from './test-region.ts';

let region: TestRegion;
beforeEach(async () => {
  region = await TestRegion.create();
});
afterEach(() => region.close());

const callers = ['gateway'] as const;

/** A method whose calls wait until they are let go, and how many do. */
class Gate {
  readonly method: FrameMethod = {
    callers,
    handle: () => {
      this.waiting += 1;
      return this.#opened.promise;
    },
  };
  waiting = 0;
  readonly #opened = Promise.withResolvers<string>();

  open(): void {
    this.#opened.resolve('done');
  }
}

describe('a bulkhead', () => {
  it('sends what is too much for one zone to the others, unpaid, and holds it against nobody', async () => {
    const gates = zones.map(() => new Gate());
    const servers = await Promise.all(
      gates.map(({ method }, at) => region.serve(zones[at]!, { work: method })),
    );
    const events: string[] = [];
    const client = await region.client(
      servers.map(({ port }) => port),
      {
        policy: { inFlightMax: 10, retryBudget: { ratio: 0, minPerSecond: 0, windowSeconds: 10 } },
        observer: {
          bulkheadFull: (_service, zone) => events.push(zone),
          ejected: () => events.push('ejected'),
          circuitChanged: () => events.push('circuit'),
          retryBudgetExhausted: () => events.push('exhausted'),
        },
      },
    );
    await allUp(client);
    const calls = Array.from({ length: 30 }, () =>
      client.call('key-manager', 'work', 1, { deadline: within(5_000), retry: 'always' }),
    );
    await until(() => gates.every(({ waiting }) => waiting === 10), 'all places taken');
    // One more finds no place, and is told at once.
    await expect(
      client.call('key-manager', 'work', 1, { deadline: within(5_000), retry: 'always' }),
    ).rejects.toMatchObject({
      code: 'OVERLOADED',
      outcome: 'not-applied',
      failed: expect.arrayContaining(zones.map((zone) => ({ zone, code: 'OVERLOADED' }))),
    });
    for (const gate of gates) gate.open();
    expect((await Promise.all(calls)).map(({ reply }) => reply)).toEqual(calls.map(() => 'done'));
    expect(new Set(events)).toEqual(new Set(zones));
    const after = { deadline: within(2_000), retry: 'none' } as const;
    await expect(client.call('key-manager', 'work', 1, after)).resolves.toMatchObject({
      zone: zones[0],
    });
  });

  it('has no queue: with one zone the call that is too much fails at once', async () => {
    const gate = new Gate();
    const server = await region.serve(zones[0], { work: gate.method });
    const client = await region.client([server.port], { policy: { inFlightMax: 1 } });
    await allUp(client);
    const first = client.call('key-manager', 'work', 1, { deadline: within(5_000), retry: 'none' });
    await expect(
      client.call('key-manager', 'work', 1, { deadline: within(5_000), retry: 'always' }),
    ).rejects.toMatchObject({ failed: [{ zone: zones[0], code: 'OVERLOADED' }] });
    gate.open();
    await expect(first).resolves.toMatchObject({ reply: 'done' });
  });
});

describe('a server with more calls than it may have', () => {
  it('sheds the rest at once, is held for no worse, and answers all that it admitted', async () => {
    const gate = new Gate();
    const shed: string[] = [];
    const server = await region.serve(
      zones[0],
      { work: gate.method },
      { inFlightMax: 20, observer: { shed: (reason) => shed.push(reason) } },
    );
    const events: string[] = [];
    const client = await region.client([server.port], {
      observer: {
        ejected: () => events.push('ejected'),
        circuitChanged: () => events.push('circuit'),
      },
    });
    await allUp(client);
    const codes: string[] = [];
    const calls = Array.from({ length: 60 }, async () => {
      const options = { deadline: within(5_000), retry: 'none' } as const;
      await client.call('key-manager', 'work', 1, options).then(
        () => codes.push('OK'),
        (error: unknown) => codes.push(isKmsError(error) ? error.code : 'no KmsError'),
      );
    });
    // Nothing was answered yet: those that are refused do not wait for those that are served.
    await until(() => codes.length === 40, 'the sheds');
    expect(new Set(codes)).toEqual(new Set(['OVERLOADED']));
    gate.open();
    await Promise.all(calls);
    expect(codes.filter((code) => code === 'OK')).toHaveLength(20);
    expect(shed).toEqual(Array.from({ length: 40 }, () => 'in-flight'));
    expect(events).toEqual([]);
  });
});
