// What each fault does to calls over real sockets, applied at either end. Which messages a rule hits is told in @zonehold/faults.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultEngine, type FaultAction, type FaultRule } from '@zonehold/faults';
import { systemClock as clock, systemRandom as random } from '@zonehold/primitives';
import type { WatchableMeshClient } from './call.ts';
import { allUp, TestRegion, until, within, zones } from './test-region.ts';

let region: TestRegion;
let client: WatchableMeshClient;
/** Of the client's and of the server's process. */
let engines: Record<'client' | 'server', FaultEngine>;
let injected: string[];
let served: number;
let linkDowns: string[];

beforeEach(async () => {
  region = await TestRegion.create();
  [injected, served, linkDowns] = [[], 0, []];
  const engine = (service: 'gateway' | 'key-manager'): FaultEngine =>
    new FaultEngine({
      self: { zone: zones[0], service },
      ...{ clock, random },
      injected: (kind, leg) => injected.push(`${service} ${kind} ${leg}`),
    });
  engines = { client: engine('gateway'), server: engine('key-manager') };
  const echo = async (body: unknown): Promise<unknown> => {
    served += 1;
    return body;
  };
  const methods = {
    echo: { callers: ['gateway' as const], handle: echo },
    other: { callers: ['gateway' as const], handle: echo },
  };
  const server = await region.serve(zones[0], methods, { faults: engines.server });
  client = await region.client([server.port], {
    faults: engines.client,
    observer: {
      linkChanged: (_service, _zone, state, reason) => {
        if (state === 'down') linkDowns.push(reason);
      },
    },
  });
  await allUp(client);
});
afterEach(() => region.close());

type Leg = 'request' | 'reply';
type End = FaultRule['end'];

/** Hits requests of the gateway, or replies of the key-manager. */
function ruleOf(action: FaultAction, leg: Leg, end: End, more: Partial<FaultRule> = {}): FaultRule {
  const nowMs = clock.wallMs();
  return {
    id: 'f-00000001',
    from: { service: leg === 'request' ? 'gateway' : 'key-manager' },
    to: { service: leg === 'request' ? 'key-manager' : 'gateway' },
    ...{ legs: 'both', action, percent: 100, end, reason: 'a test' },
    startedAt: new Date(nowMs).toISOString(),
    expiresAt: new Date(nowMs + 60_000).toISOString(),
    ...more,
  };
}

/** Both processes know the rule, as in a region. */
function fault(...facts: Parameters<typeof ruleOf>): void {
  for (const engine of Object.values(engines)) engine.adopt([ruleOf(...facts)]);
}

function mend(): void {
  for (const engine of Object.values(engines)) engine.adopt([]);
}

const call = (method = 'echo', body: unknown = 1, timeoutMs = 2_000) =>
  client.call('key-manager', method, body, { deadline: within(timeoutMs), retry: 'none' });

/** The process in which a fault is applied. */
const place = (leg: Leg, end: End): string =>
  (leg === 'request') === (end === 'sender') ? 'gateway' : 'key-manager';

const everyPlace: [Leg, End][] = [
  ['request', 'sender'],
  ['request', 'receiver'],
  ['reply', 'sender'],
  ['reply', 'receiver'],
];

describe.each(everyPlace)('a fault that hits each %s at its %s', (leg, end) => {
  const where = place(leg, end);

  it('delays it', async () => {
    fault({ kind: 'delay', delayMs: 150 }, leg, end);
    const startedMs = clock.monotonicMs();
    await expect(call()).resolves.toMatchObject({ reply: 1 });
    expect(clock.monotonicMs() - startedMs).toBeGreaterThanOrEqual(149);
    expect(injected).toContain(`${where} delay ${leg}`);
  });

  it('makes it as slow as its bytes', async () => {
    fault({ kind: 'bandwidth', bytesPerSecond: 20_000 }, leg, end, { routes: ['echo'] });
    const startedMs = clock.monotonicMs();
    await call('echo', 'x'.repeat(8_000));
    // 400 ms, of which a tenth of a second is free.
    expect(clock.monotonicMs() - startedMs).toBeGreaterThan(290);
    expect(injected).toEqual([`${where} bandwidth ${leg}`]);
  });

  it('resets the connection under it, and the outcome is unknown', async () => {
    fault({ kind: 'reset' }, leg, end, { routes: ['echo'] });
    await expect(call()).rejects.toMatchObject({ code: 'LINK_LOST', outcome: 'unknown' });
    expect(served).toBe(leg === 'request' ? 0 : 1);
    expect(injected).toEqual([`${where} reset ${leg}`]);
    await allUp(client);
    await expect(call('other')).resolves.toMatchObject({ reply: 1 });
  });

  it('swallows it: the link falls silent, is cut, and stays away until the end', async () => {
    fault({ kind: 'black-hole' }, leg, end);
    await expect(call()).rejects.toMatchObject({ code: 'LINK_LOST', outcome: 'unknown' });
    expect(linkDowns).toEqual(['silent for 500 ms']);
    expect(served).toBe(leg === 'request' ? 0 : 1);
    await expect(call('echo', 1, 1_500)).rejects.toMatchObject({
      code: 'LINK_LOST',
      outcome: 'not-applied',
    });
    mend();
    await allUp(client);
    await expect(call()).resolves.toMatchObject({ reply: 1 });
  });

  it('does nothing to what it does not name', async () => {
    fault({ kind: 'black-hole' }, leg, end, { exceptRoutes: ['other', 'ping'] });
    await expect(call('other')).resolves.toMatchObject({ reply: 1 });
    expect(injected).toEqual([]);
  });
});

describe.each<End>(['sender', 'receiver'])('an abort at the %s', (end) => {
  it('answers as the peer would, not applied and not delivered', async () => {
    fault({ kind: 'abort', code: 'UNAVAILABLE' }, 'request', end);
    await expect(call()).rejects.toMatchObject({ code: 'UNAVAILABLE', outcome: 'not-applied' });
    expect(served).toBe(0);
    expect(linkDowns).toEqual([]);
    mend();
    await expect(call()).resolves.toMatchObject({ reply: 1 });
  });

  it('leaves the outcome open when that is what its code says', async () => {
    fault({ kind: 'abort', code: 'OUTCOME_UNKNOWN' }, 'request', end);
    await expect(call()).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', outcome: 'unknown' });
  });
});

describe('connecting', () => {
  it.each<End>(['sender', 'receiver'])(
    'is refused by a reset at the %s, until its end',
    async (end) => {
      fault({ kind: 'reset' }, 'request', end);
      await call().catch(() => undefined);
      await until(() => injected.length >= 3, 'two more attempts');
      expect(client.standing()[0]).toMatchObject({ isLinkUp: false });
      mend();
      await allUp(client);
    },
  );

  it('hangs in a black hole until it took too long', async () => {
    const cut = ruleOf({ kind: 'reset' }, 'request', 'sender', { routes: ['echo'] });
    const hang = { id: 'f-00000002', routes: ['connect'] };
    engines.client.adopt([cut, ruleOf({ kind: 'black-hole' }, 'request', 'sender', hang)]);
    await call().catch(() => undefined);
    const attempts = (): number => injected.filter((what) => what.includes('black-hole')).length;
    // The second begins when the first took too long.
    await until(() => attempts() === 2, 'the second attempt');
    expect(client.standing()[0]).toMatchObject({ isLinkUp: false });
    mend();
    await allUp(client);
  });
});

describe('a one-way partition', () => {
  it('lets requests arrive whose answers are lost: the outcome is unknown, the effect is there', async () => {
    fault({ kind: 'black-hole' }, 'reply', 'sender');
    await expect(call()).rejects.toMatchObject({ outcome: 'unknown' });
    expect(served).toBe(1);
  });
});

describe('a link whose answers are swallowed where they arrive', () => {
  it('is silent, although bytes come in all the time', async () => {
    fault({ kind: 'black-hole' }, 'reply', 'receiver');
    const timer = setInterval(() => void call().catch(() => undefined), 50);
    await until(() => linkDowns.length > 0, 'the cut', 2_500).finally(() => clearInterval(timer));
    expect(linkDowns[0]).toBe('silent for 500 ms');
    expect(served).toBeGreaterThan(3);
  });
});

describe('a percentage', () => {
  it('hits some of the calls and not the others', async () => {
    fault({ kind: 'abort', code: 'INTERNAL' }, 'request', 'sender', { percent: 50 });
    const ends = await Promise.allSettled(Array.from({ length: 60 }, () => call()));
    const failed = ends.filter(({ status }) => status === 'rejected').length;
    expect(failed).toBeGreaterThan(5);
    expect(failed).toBeLessThan(55);
  });
});
