// Traces across frames: what a carrier says goes out with the call, and the peer's carrier is given it. Real TLS on loopback.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KmsError } from '@zonehold/primitives';
import { readMessage, requestText } from './messages.ts';
import type { FrameMethod, TraceCarrier } from './ports.ts';
import { allUp, TestRegion, within, zones } from './test-region.ts';

let region: TestRegion;
beforeEach(async () => {
  region = await TestRegion.create();
});
afterEach(() => region.close());

const header = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const callers = ['gateway'] as const;
const echo: FrameMethod = { callers, handle: async (body) => body };

/** Says `carried`, and remembers what it was asked to join. */
class RecordingCarrier implements TraceCarrier {
  readonly joined: (string | undefined)[] = [];
  carried: string | undefined;

  outgoing(): string | undefined {
    return this.carried;
  }

  join<Result>(traceparent: string | undefined, work: () => Result): Result {
    this.joined.push(traceparent);
    return work();
  }
}

const options = (retry: 'none' | 'always' = 'none') =>
  ({ deadline: within(2_000), correlationId: 'c', retry }) as const;

describe('the frame of a request', () => {
  const headers = { method: 'work', remainingMs: 50, correlationId: 'c' };

  it('has no member for a trace where there is none, and the text as it is where there is one', () => {
    const plain = requestText(1, headers, '{"a":1}');
    expect(plain).toBe('{"i":1,"m":"work","t":50,"c":"c","b":{"a":1}}');
    expect(readMessage(JSON.parse(plain))).not.toHaveProperty('traceparent');
    const traced = requestText(1, { ...headers, traceparent: header }, '{"a":1}');
    expect(readMessage(JSON.parse(traced))).toMatchObject({ traceparent: header, body: { a: 1 } });
  });

  it.each([[7], [null], [{}], [['x']]])('is a request still when its trace is %j', (w) => {
    const message = readMessage({ i: 1, m: 'work', t: 50, c: 'c', w, b: 1 });
    expect(message).toMatchObject({ kind: 'request', body: 1 });
    expect(message).not.toHaveProperty('traceparent');
  });

  it('is cut to what one trace may need', () => {
    const message = readMessage({ i: 1, m: 'work', t: 50, c: 'c', w: 'x'.repeat(10_000), b: 1 });
    expect((message as { traceparent: string }).traceparent.length).toBeLessThan(1_000);
  });
});

describe('a call', () => {
  it('is served in the trace that its caller is in', async () => {
    const [here, there] = [new RecordingCarrier(), new RecordingCarrier()];
    const server = await region.serve(zones[0], { work: echo }, { traces: there });
    const client = await region.client([server.port], { traces: here });
    await allUp(client);
    here.carried = header;
    await client.call('key-manager', 'work', 1, options());
    here.carried = undefined;
    await client.call('key-manager', 'work', 2, options());
    expect(there.joined).toEqual([header, undefined]);
  });

  it('keeps its trace when it is tried again in another zone', async () => {
    const there = new RecordingCarrier();
    const failing: FrameMethod = {
      callers,
      handle: async () => {
        throw new KmsError('UNAVAILABLE', 'not here');
      },
    };
    const first = await region.serve(zones[0], { work: failing }, { traces: there });
    const second = await region.serve(zones[1], { work: echo }, { traces: there });
    const here = new RecordingCarrier();
    here.carried = header;
    const client = await region.client([first.port, second.port], { traces: here });
    await allUp(client);
    const { attempts } = await client.call('key-manager', 'work', 1, options('always'));
    expect([attempts, there.joined]).toEqual([2, [header, header]]);
  });

  it('opens a link that it needs first outside of its own trace', async () => {
    const here = new RecordingCarrier();
    here.carried = header;
    const server = await region.serve(zones[0], { work: echo });
    const client = await region.client([server.port], { traces: here });
    await allUp(client);
    const before = here.joined.length;
    // Big requests have a connection of their own, made for the first of them.
    await client.call('key-manager', 'work', 'x'.repeat(100_000), options());
    expect(here.joined.slice(before)).toEqual([undefined]);
  });

  it('goes between a side that knows traces and one that does not', async () => {
    const here = new RecordingCarrier();
    here.carried = header;
    const old = await region.serve(zones[0], { work: echo });
    const client = await region.client([old.port], { traces: here });
    await allUp(client);
    await expect(client.call('key-manager', 'work', 1, options())).resolves.toMatchObject({
      reply: 1,
    });
    const there = new RecordingCarrier();
    const server = await region.serve(zones[0], { work: echo }, { traces: there });
    const oldClient = await region.client([server.port]);
    await allUp(oldClient);
    await oldClient.call('key-manager', 'work', 1, options());
    expect(there.joined).toEqual([undefined]);
  });
});
