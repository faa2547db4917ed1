// Who takes the next call, in regions small enough to reckon by hand.
import { beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '@zonehold/primitives';
import { Balancer } from './balancer.ts';
import type { BalancedEndpoint, Member } from './member.ts';

class Endpoint implements BalancedEndpoint {
  readonly zone: string;
  readonly name: string;
  isUp = true;
  isPassable = true;

  constructor(name: string) {
    this.name = name;
    this.zone = name.charAt(0);
  }
}

let events: string[] = [];
let nowMs = 0;
beforeEach(() => {
  events = [];
  nowMs = 0;
});

/** Zone `a` is the own one; an endpoint's zone is its first letter. */
function balance(...names: string[]): Balancer<Endpoint> {
  return new Balancer({
    ownZone: 'a',
    endpoints: names.map((name) => new Endpoint(name)),
    random: new SeededRandom(7),
    observer: {
      ejected: ({ name }, reason) => events.push(`${name} ejected: ${reason}`),
      ejectionCapped: ({ name }) => events.push(`${name} kept`),
      returned: ({ name }, reason) => events.push(`${name} returned: ${reason}`),
      panicChanged: (isPanic) => events.push(isPanic ? 'panic' : 'calm'),
      drained: ({ zone }) => events.push(`${zone} drained`),
      drainSetAside: ({ zone }) => events.push(`${zone} not drained`),
    },
  });
}

function memberOf(balancer: Balancer<Endpoint>, name: string): Member<Endpoint> {
  return balancer.members.find(({ endpoint }) => endpoint.name === name)!;
}

/** `calls` calls, 10 ms apart; those to `failing` names fail. Counts who took how many. */
function call(
  balancer: Balancer<Endpoint>,
  calls: number,
  failing: readonly string[] = [],
  latencyMs = (_name: string): number => 10,
): Record<string, number> {
  const taken: Record<string, number> = {};
  for (let made = 0; made < calls; made += 1) {
    nowMs += 10;
    const { candidate } = balancer.choose([], nowMs);
    const { name } = candidate.endpoint;
    taken[name] = (taken[name] ?? 0) + 1;
    balancer.began(candidate);
    balancer.ended(
      candidate,
      failing.includes(name) ? 'failure' : 'success',
      latencyMs(name),
      nowMs,
    );
  }
  return taken;
}

describe('a balancer', () => {
  it('keeps to its own zone while that is well', () => {
    expect(call(balance('c', 'b', 'a'), 100)).toEqual({ a: 100 });
  });

  it('leaves an ejected own zone to the others, evenly, and comes back slowly', () => {
    const balancer = balance('a', 'b', 'c');
    const taken = call(balancer, 205, ['a']);
    expect(taken['a']).toBe(5);
    expect(taken['b']).toBeGreaterThan(70);
    expect(taken['c']).toBeGreaterThan(70);
    expect(events).toEqual(['a ejected: consecutive']);
    nowMs += 6_300;
    const back = call(balancer, 100);
    expect(events.at(-1)).toBe('a returned: ejection-over');
    expect(back['a']).toBeGreaterThan(3);
    expect(back['a']).toBeLessThan(30);
    nowMs += 30_000;
    expect(call(balancer, 100)).toEqual({ a: 100 });
  });

  it('ejects one of three zones at most, and in panic uses all', () => {
    const balancer = balance('a', 'b', 'c');
    call(balancer, 100, ['a', 'b', 'c']);
    expect(events.filter((event) => event.includes('ejected'))).toHaveLength(1);
    expect(events).toContain('b kept');
    for (const name of ['b', 'c']) memberOf(balancer, name).endpoint.isPassable = false;
    nowMs += 60;
    const taken = call(balancer, 300, ['a', 'b', 'c']);
    expect(events).toContain('panic');
    for (const name of ['a', 'b', 'c']) expect(taken[name]).toBeGreaterThan(60);
  });

  it('leaves no panic behind', () => {
    const balancer = balance('a', 'b', 'c');
    for (const name of ['a', 'b', 'c']) memberOf(balancer, name).endpoint.isPassable = false;
    call(balancer, 10);
    expect(balancer.isPanic).toBe(true);
    for (const name of ['a', 'b', 'c']) memberOf(balancer, name).endpoint.isPassable = true;
    nowMs += 60;
    expect(call(balancer, 10)).toEqual({ a: 10 });
    expect(events).toEqual(['panic', 'calm']);
  });

  it('never ejects the last zone', () => {
    expect(call(balance('a'), 100, ['a'])).toEqual({ a: 100 });
    expect(events.every((event) => event === 'a kept')).toBe(true);
  });

  it('ejects single endpoints of a zone, half of them at most, without its zone', () => {
    const balancer = balance('a1', 'a2', 'a3', 'a4', 'b1', 'b2');
    const taken = call(balancer, 400, ['a1']);
    expect(events).toEqual(['a1 ejected: consecutive']);
    expect(taken['b1'] ?? 0).toBeLessThan(5);
  });

  it('ejects a zone whose endpoints each see too few calls to be judged', () => {
    const names = Array.from({ length: 120 }, (_, at) => `${'abc'.charAt(at % 3)}${at}`);
    const balancer = balance(...names);
    const random = new SeededRandom(3);
    for (let made = 0; made < 60; made += 1) {
      nowMs += 10;
      const { candidate } = balancer.choose([], nowMs);
      balancer.began(candidate);
      const isFailure = candidate.zone === 'a' && random.unit() < 0.4;
      balancer.ended(candidate, isFailure ? 'failure' : 'success', 5, nowMs);
    }
    expect(events).toEqual([expect.stringMatching(/ejected: ratio/)]);
    expect(Object.keys(call(balancer, 100)).every((name) => !name.startsWith('a'))).toBe(true);
  });

  it('prefers the quicker and the emptier of two', () => {
    const balancer = balance('a1', 'a2');
    const taken = call(balancer, 1_000, [], (name) => (name === 'a1' ? 50 : 5));
    expect(taken['a2']).toBeGreaterThan(4 * taken['a1']!);
    const busy = balance('a1', 'a2');
    for (let made = 0; made < 10; made += 1) busy.began(memberOf(busy, 'a1'));
    expect(call(busy, 100)).toEqual({ a2: 100 });
  });

  it('asks another zone after a failure, and one in panic when none is fit', () => {
    const balancer = balance('a1', 'a2', 'b1', 'c1');
    const [first] = [memberOf(balancer, 'a1')];
    for (let time = 0; time < 10; time += 1)
      expect(balancer.choose([first], nowMs).candidate.zone).not.toBe('a');
    memberOf(balancer, 'b1').endpoint.isUp = false;
    memberOf(balancer, 'c1').endpoint.isPassable = false;
    expect(balancer.choose([first], nowMs)).toMatchObject({ isPanic: true });
    expect(balancer.choose([first], nowMs).candidate.endpoint.name).toBe('c1');
  });

  it('spreads calls that fail together over the other zones, however many endpoints those have', () => {
    const balancer = balance('a1', 'b1', 'b2', 'b3', 'b4', 'c1', 'c2', 'c3', 'c4');
    const first = memberOf(balancer, 'a1');
    const zones = Array.from({ length: 4 }, () => balancer.choose([first], nowMs).candidate.zone);
    expect(zones.toSorted()).toEqual(['b', 'b', 'c', 'c']);
  });

  it('notices a lost link at once, and treats a return after seconds as one', () => {
    const balancer = balance('a', 'b', 'c');
    call(balancer, 10);
    memberOf(balancer, 'a').endpoint.isUp = false;
    expect(call(balancer, 100)['a']).toBeUndefined();
    nowMs += 3_000;
    memberOf(balancer, 'a').endpoint.isUp = true;
    expect(call(balancer, 100)['a']).toBeLessThan(30);
    expect(events).toEqual(['a returned: link-up']);
  });

  it('keeps calls away from a drained zone until its time, and then comes back slowly', () => {
    const balancer = balance('a', 'b', 'c');
    call(balancer, 10);
    balancer.drain([{ zone: 'a', untilMs: nowMs + 5_000 }], nowMs);
    const taken = call(balancer, 490);
    expect(taken['a']).toBeUndefined();
    expect(taken['b']).toBeGreaterThan(150);
    expect(taken['c']).toBeGreaterThan(150);
    nowMs += 200;
    expect(call(balancer, 100)['a']).toBeLessThan(40);
    nowMs += 30_000;
    expect(call(balancer, 100)).toEqual({ a: 100 });
    expect(events).toEqual(['a drained', 'a returned: drain-over']);
  });

  it('uses a zone again at once when its drain is lifted', () => {
    const balancer = balance('a', 'b', 'c');
    balancer.drain([{ zone: 'a', untilMs: Number.POSITIVE_INFINITY }], nowMs);
    call(balancer, 10);
    balancer.drain([], nowMs);
    expect(call(balancer, 10)).toEqual({ a: 10 });
  });

  it('asks a drained zone last after a failure, but before one that is unfit', () => {
    const balancer = balance('a', 'b', 'c');
    balancer.drain([{ zone: 'a', untilMs: Number.POSITIVE_INFINITY }], nowMs);
    call(balancer, 1);
    const [b, c] = [memberOf(balancer, 'b'), memberOf(balancer, 'c')];
    expect(balancer.choose([b], nowMs).candidate.zone).toBe('c');
    expect(balancer.choose([c], nowMs).candidate.zone).toBe('b');
    expect(balancer.choose([b, c], nowMs)).toMatchObject({
      isPanic: false,
      candidate: { zone: 'a' },
    });
    c.endpoint.isPassable = false;
    expect(balancer.choose([b], nowMs)).toMatchObject({ isPanic: false, candidate: { zone: 'a' } });
  });

  it('sets a drain aside while only one other zone is fit', () => {
    const balancer = balance('a', 'b', 'c');
    balancer.drain([{ zone: 'a', untilMs: Number.POSITIVE_INFINITY }], nowMs);
    expect(call(balancer, 10)['a']).toBeUndefined();
    memberOf(balancer, 'b').endpoint.isUp = false;
    nowMs += 60;
    expect(call(balancer, 10)).toEqual({ a: 10 });
    memberOf(balancer, 'b').endpoint.isUp = true;
    nowMs += 60;
    expect(call(balancer, 10)['a']).toBeUndefined();
    expect(events).toEqual(['a drained', 'a not drained', 'a drained']);
  });

  it('is not kept by drains from calling anybody', () => {
    const balancer = balance('a', 'b', 'c');
    const untilMs = Number.POSITIVE_INFINITY;
    balancer.drain(
      ['a', 'b'].map((zone) => ({ zone, untilMs })),
      nowMs,
    );
    expect(call(balancer, 10)).toEqual({ a: 10 });
    expect(events).toEqual([]);
  });
});

describe('a balancer whose endpoints change', () => {
  const endpointsOf = (balancer: Balancer<Endpoint>): Endpoint[] =>
    balancer.members.map(({ endpoint }) => endpoint);

  it('keeps what it knows of those that stay', () => {
    const balancer = balance('a', 'b', 'c');
    call(balancer, 100, ['a']);
    expect(events).toEqual(['a ejected: consecutive']);
    balancer.adopt([...endpointsOf(balancer), new Endpoint('b2')], nowMs);
    expect(memberOf(balancer, 'a').isEjected).toBe(true);
    expect(call(balancer, 100)['a']).toBeUndefined();
  });

  it('begins slowly with those that are new', () => {
    const balancer = balance('a1', 'a2', 'b');
    const [first] = endpointsOf(balancer);
    balancer.adopt([first!, new Endpoint('a3'), new Endpoint('b')], nowMs);
    const taken = call(balancer, 200);
    expect(taken['a3']).toBeLessThan(taken['a1']! / 2);
    nowMs += 40_000;
    const later = call(balancer, 400);
    expect(later['a3']).toBeGreaterThan(later['a1']! / 2);
  });

  it('lets calls to those that are gone end, and learns nothing from them', () => {
    const balancer = balance('a', 'b', 'c');
    const gone = memberOf(balancer, 'b');
    balancer.began(gone);
    const [own] = endpointsOf(balancer);
    balancer.adopt([own!], nowMs);
    for (let call = 0; call < 10; call += 1) balancer.ended(gone, 'failure', 1, nowMs);
    expect(events).toEqual([]);
    expect(call(balancer, 10)).toEqual({ a: 10 });
  });

  it('says that an ejection is over when its endpoint goes', () => {
    const balancer = balance('a', 'b', 'c');
    call(balancer, 20, ['a']);
    balancer.adopt(
      endpointsOf(balancer).filter(({ name }) => name !== 'a'),
      nowMs,
    );
    expect(events).toEqual(['a ejected: consecutive', 'a returned: ejection-over']);
  });
});

describe('the own zone after an ejection', () => {
  it('has its whole share back after 20 s: at a weight of 1 / 1.4 it needs nobody any more', () => {
    const balancer = balance('a', 'b', 'c');
    call(balancer, 20, ['a']);
    // The longest that a first ejection lasts, then its three probes.
    nowMs += 6_300;
    while (call(balancer, 10)['a'] === undefined) expect(nowMs).toBeLessThan(60_000);
    call(balancer, 60);
    const rampSinceMs = nowMs;
    const shareAfter = (afterMs: number): number => {
      nowMs = rampSinceMs + afterMs;
      const taken = call(balancer, 100)['a'] ?? 0;
      return taken / 100;
    };
    expect(shareAfter(1_000)).toBeLessThan(0.4);
    expect(shareAfter(10_000)).toBeGreaterThan(0.4);
    expect(shareAfter(10_000)).toBeLessThan(0.8);
    expect(shareAfter(21_000)).toBe(1);
  });
});
