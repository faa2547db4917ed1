// Endpoints that come, go and move while calls are made. Real TLS on loopback.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock as clock } from '@zonehold/primitives';
import type { DiscoverySnapshot } from './discovery.ts';
import type { Endpoint, FrameMethod } from './ports.ts';
import { allUp, endpointsAt, TestRegion, until, within, zones } from './test-region.ts';

let region: TestRegion;
beforeEach(async () => {
  region = await TestRegion.create();
});
afterEach(() => region.close());

const callers = ['gateway'] as const;
const always = { retry: 'always' } as const;
const saying = (text: string): FrameMethod => ({ callers, handle: async () => text });

/** A discovery that a test tells what to say. */
class Told {
  snapshot: DiscoverySnapshot;
  readonly #listeners = new Set<(snapshot: DiscoverySnapshot) => void>();

  constructor(endpoints: readonly Endpoint[]) {
    this.snapshot = { version: 1, endpoints };
  }

  watch(listener: (snapshot: DiscoverySnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  say(version: number, ports: readonly number[]): void {
    this.snapshot = { version, endpoints: endpointsAt(ports) };
    for (const listener of this.#listeners) listener(this.snapshot);
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }
}

describe('a client that follows a discovery', () => {
  it('goes on without a failed call while its own zone moves to another port', async () => {
    const old = await region.serve(zones[0], { work: saying('old') });
    const moved = await region.serve(zones[0], { work: saying('new') });
    const other = await region.serve(zones[1], { work: saying('other') });
    const told = new Told(endpointsAt([old.port, other.port]));
    const client = await region.client([], { endpoints: told });
    await allUp(client);
    const replies: string[] = [];
    let isEnough = false;
    const callOn = async (): Promise<void> => {
      while (!isEnough) {
        const options = { deadline: within(2_000), retry: 'none' } as const;
        replies.push((await client.call<string>('key-manager', 'work', 1, options)).reply);
      }
    };
    const callers = Promise.all(Array.from({ length: 8 }, callOn));
    await until(() => replies.length > 20, 'calls to the old port');
    told.say(2, [moved.port, other.port]);
    await until(() => replies.includes('new'), 'a call to the new port');
    await old.drain(2_000);
    const since = replies.length;
    await until(() => replies.includes('new', since), 'one more');
    isEnough = true;
    await callers;
    expect(new Set(replies.slice(since))).toEqual(new Set(['new', 'other']));
  });

  it('lets calls to an endpoint that went end, and then closes its link', async () => {
    const go = Promise.withResolvers<string>();
    let hasBegun = false;
    const slow: FrameMethod = {
      callers,
      handle: () => {
        hasBegun = true;
        return go.promise;
      },
    };
    const first = await region.serve(zones[0], { work: slow });
    const told = new Told(endpointsAt([first.port]));
    const client = await region.client([], { endpoints: told });
    await allUp(client);
    const call = client.call('key-manager', 'work', 1, { deadline: within(5_000), ...always });
    await until(() => hasBegun, 'the call arrives');
    told.say(2, []);
    expect(client.standing()).toEqual([]);
    go.resolve('done');
    await expect(call).resolves.toMatchObject({ reply: 'done', zone: zones[0] });
    // Ends at once: nobody is connected any more.
    const startedMs = clock.monotonicMs();
    await first.drain(2_000);
    expect(clock.monotonicMs() - startedMs).toBeLessThan(400);
  });

  it('keeps the links of what stays, and ignores what is older', async () => {
    const first = await region.serve(zones[0], { work: saying('first') });
    const second = await region.serve(zones[1], { work: saying('second') });
    const told = new Told(endpointsAt([first.port]));
    const events: string[] = [];
    const client = await region.client([], {
      endpoints: told,
      observer: {
        linkChanged: (_service, zone, state) => events.push(`${zone} ${state}`),
        endpointsChanged: (_service, added, removed) => events.push(`+${added} -${removed}`),
      },
    });
    await allUp(client);
    told.say(3, [first.port, second.port]);
    await allUp(client);
    told.say(2, [second.port]);
    told.say(3, []);
    told.say(4, [first.port, second.port]);
    expect(events).toEqual(['south-1 up', '+1 -0', 'south-2 up']);
    expect(client.standing().map(({ zone }) => zone)).toEqual([zones[0], zones[1]]);
  });

  it('calls what is nowhere any more unavailable, and stops to watch when it closes', async () => {
    const first = await region.serve(zones[0], { work: saying('first') });
    const told = new Told(endpointsAt([first.port]));
    const client = await region.client([], { endpoints: told });
    await allUp(client);
    told.say(2, []);
    await expect(
      client.call('key-manager', 'work', 1, { deadline: within(1_000), ...always }),
    ).rejects.toMatchObject({ code: 'UNAVAILABLE', outcome: 'not-applied' });
    await client.close();
    expect(told.isWatched).toBe(false);
  });
});
