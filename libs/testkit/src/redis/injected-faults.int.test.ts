// Faults on purpose on the way to real Redis: what never arrives, what is done and not answered, what is late or cut. All of it is
// made on our side of the connection.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createAcceptorProber,
  faultsOnTheWay,
  registerKey,
  type AcceptorProber,
} from '@zonehold/caspaxos-redis';
import { FaultEngine, type FaultAction, type FaultRule } from '@zonehold/faults';
import { systemClock as clock, systemRandom as random } from '@zonehold/primitives';
import { idOf, Load, valueOf, write } from './load.ts';
import { RedisZones } from './redis-zones.ts';
import { until } from './until.ts';
import { openWatchedStore, type WatchedStore } from './watched-store.ts';

let zones: RedisZones;
let watched: WatchedStore;
let engine: FaultEngine;
let injected: string[];
let names = 0;

beforeAll(async () => {
  zones = await RedisZones.start();
});
afterAll(() => zones.stop());
beforeEach(async () => {
  injected = [];
  engine = new FaultEngine({
    self: { zone: 'us-south-1', service: 'key-manager' },
    ...{ clock, random },
    injected: (kind, leg) => injected.push(`${kind} ${leg}`),
  });
  watched = await openWatchedStore(zones, { faults: engine });
  for (const { zone } of zones.zones) await watched.reached(zone, 'voter');
});
afterEach(() => watched.store.close());

let rules = 0;
function ruleOf(action: FaultAction, more: Partial<FaultRule>): FaultRule {
  const nowMs = clock.wallMs();
  return {
    id: `f-${String((rules += 1)).padStart(8, '0')}`,
    ...{ from: {}, to: {}, legs: 'both', action, percent: 100, end: 'sender', reason: 'a test' },
    startedAt: new Date(nowMs).toISOString(),
    expiresAt: new Date(nowMs + 60_000).toISOString(),
    ...more,
  };
}

const requests = { to: { service: 'redis' }, legs: 'request' } as const;
const replies = { from: { service: 'redis' }, legs: 'reply' } as const;
const accepts = { routes: ['accept'] };
const newId = () => idOf(10_000 + (names += 1));

/** What is on the disks of how many zones. */
async function copiesOf(id: ReturnType<typeof idOf>): Promise<number> {
  const found = await Promise.all(
    zones.servers.map(({ admin }) => admin.hexists(registerKey(id), 'v')),
  );
  return found.reduce((sum, one) => sum + one, 0);
}

describe('an accept to all zones', () => {
  it('that vanishes on its way leaves the outcome unknown, and nothing is there', async () => {
    const id = newId();
    engine.adopt([ruleOf({ kind: 'black-hole' }, { ...requests, ...accepts })]);
    await expect(write(watched.store, id, 'lost')).rejects.toMatchObject({ outcome: 'unknown' });
    expect(await copiesOf(id)).toBe(0);
    expect(new Set(injected)).toEqual(new Set(['black-hole request']));
  });

  it('whose answers vanish leaves the outcome unknown, and everything is there', async () => {
    const id = newId();
    engine.adopt([ruleOf({ kind: 'black-hole' }, { ...replies, ...accepts })]);
    await expect(write(watched.store, id, 'kept')).rejects.toMatchObject({ outcome: 'unknown' });
    expect(await copiesOf(id)).toBe(3);
    engine.adopt([]);
    for (const { zone } of zones.zones) await watched.reached(zone, 'voter');
    expect(await valueOf(watched.store, id)).toBe('kept');
  });

  it('that is refused in the place of Redis never arrives', async () => {
    const id = newId();
    engine.adopt([ruleOf({ kind: 'abort', code: 'INTERNAL' }, { ...requests, ...accepts })]);
    await expect(write(watched.store, id, 'refused')).rejects.toMatchObject({ name: 'KmsError' });
    expect(await copiesOf(id)).toBe(0);
  });

  it.each([
    ['requests', requests],
    ['replies', replies],
  ])('is late by what its %s are held back', async (_what, where) => {
    engine.adopt([ruleOf({ kind: 'delay', delayMs: 150 }, { ...where, ...accepts })]);
    const startedMs = clock.monotonicMs();
    await write(watched.store, newId(), 'late');
    expect(clock.monotonicMs() - startedMs).toBeGreaterThanOrEqual(149);
  });

  it('is as slow as its bytes', async () => {
    engine.adopt([
      ruleOf({ kind: 'bandwidth', bytesPerSecond: 50_000 }, { ...requests, ...accepts }),
    ]);
    const startedMs = clock.monotonicMs();
    await write(watched.store, newId(), 'x'.repeat(15_000));
    // 300 ms, of which a tenth of a second is free.
    expect(clock.monotonicMs() - startedMs).toBeGreaterThan(195);
  });
});

describe('reads', () => {
  it('are trains of their own kind: late when a rule says so, and writes are not', async () => {
    const id = newId();
    await write(watched.store, id, 'read');
    engine.adopt([ruleOf({ kind: 'delay', delayMs: 150 }, { ...replies, routes: ['read'] })]);
    const startedMs = clock.monotonicMs();
    expect(await valueOf(watched.store, id)).toBe('read');
    expect(clock.monotonicMs() - startedMs).toBeGreaterThanOrEqual(149);
    expect(new Set(injected)).toEqual(new Set(['delay reply']));
  });
});

describe('one zone whose Redis', () => {
  const other = { service: 'redis', zone: 'us-south-2' } as const;

  it.each<[string, FaultAction, Partial<FaultRule>]>([
    ['hears nothing', { kind: 'black-hole' }, { to: other }],
    ['is not heard', { kind: 'black-hole' }, { from: other }],
    ['has its connections cut', { kind: 'reset' }, { to: other }],
  ])(
    '%s is missed by nobody, is out until the end, and votes again',
    async (_what, action, where) => {
      const load = new Load(watched.store, 8);
      await until('work goes on', load.progress(50));
      engine.adopt([ruleOf(action, where)]);
      await watched.reached('us-south-2', 'unreachable');
      await until('work goes on without it', load.progress(100));
      // Connecting is part of it: Redis is there all the time.
      expect(watched.standingOf('us-south-2')).not.toBe('voter');
      engine.adopt([]);
      await watched.reached('us-south-2', 'voter');
      await load.stop();
      expect(load.failures).toEqual([]);
    },
  );
});

describe('a look at an acceptor from outside', () => {
  let prober: AcceptorProber;
  const to = { service: 'redis', zone: 'us-south-1' } as const;
  beforeEach(() => {
    prober = createAcceptorProber({
      address: { ...zones.address(0, 'health-monitor'), ...faultsOnTheWay(engine, to.zone) },
      identity: zones.identity(0),
      ...{ clock, random },
    });
  });
  afterEach(() => prober.close());

  it('is late by what it is held back', async () => {
    await expect(prober.look(2_000)).resolves.toMatchObject({ standing: 'voter' });
    engine.adopt([ruleOf({ kind: 'delay', delayMs: 150 }, { from: to })]);
    const found = await prober.look(2_000);
    expect(found).toMatchObject({ standing: 'voter' });
    expect(found.latencyMs).toBeGreaterThanOrEqual(149);
  });

  it.each<[string, FaultAction, Partial<FaultRule>, RegExp]>([
    ['vanishes on its way', { kind: 'black-hole' }, { to }, /did not answer/],
    ['is not answered', { kind: 'black-hole' }, { from: to }, /did not answer/],
    ['meets a cut', { kind: 'reset' }, { to }, /cut by fault/],
    ['is refused', { kind: 'abort', code: 'SEALED' }, { to }, /SEALED/],
  ])(
    'that %s finds nobody, and finds it again afterwards',
    async (_what, action, where, reason) => {
      await prober.look(2_000);
      engine.adopt([ruleOf(action, where)]);
      const found = await prober.look(400);
      expect(found.standing).toBe('unreachable');
      expect(found.reason).toMatch(reason);
      engine.adopt([]);
      await expect(prober.look(2_000)).resolves.toMatchObject({ standing: 'voter' });
    },
  );
});
