// Hazards of single acceptors (reference A1.3, A1.4, A1.7, A1.11), each as a directed schedule. The Lua side of the same is
// tested against these rules in caspaxos-redis.
import {
  formatBallot,
  parseBallot,
  rowKey,
  type AcceptRequest,
  type Decision,
} from '@zonehold/caspaxos';
import { Deadline } from '@zonehold/primitives';
import { beforeEach, describe, expect, it } from 'vitest';
import { selfIn } from './memory-store.ts';
import { Scene, sceneRegister, type SceneProcess } from './scene.ts';

const [a, b, c] = ['us-south-1', 'us-south-2', 'us-south-3'] as const;
const key = rowKey(sceneRegister);
const proposer = 'a'.repeat(16);
const to = (zone: string) => ({ self: selfIn(zone), peers: {} });

let scene: Scene;

const hostOf = (zone: string) => scene.region.host(zone);
const stamp = (): string => hostOf(a).state.header!.stamp;

function prepareAt(zone: string, ballot: string): string {
  const host = hostOf(zone);
  const request = { id: sceneRegister, stamp: stamp(), ballot };
  return host.decide(host.rules.prepare(host.state, to(zone), request)).kind;
}

function acceptAt(zone: string, ballot: string, payload: string): string {
  const host = hostOf(zone);
  const mac = scene.region.authenticator.sign(sceneRegister, ballot, payload);
  const request: AcceptRequest = {
    ...{ id: sceneRegister, stamp: stamp(), ballot, payload, mac, summary: null },
  };
  return host.decide(host.rules.accept(host.state, to(zone), request)).kind;
}

function without(zone: string): SceneProcess {
  const process = scene.process();
  process.network.script = (_kind, other) => (other === zone ? 'lose-request' : 'deliver');
  return process;
}

beforeEach(() => {
  scene = new Scene();
});

/** Where a double, and the 14 digits that Lua prints, stop telling neighbours apart. */
const largeCounters = [
  10n ** 14n,
  123_456_789_012_345n,
  1_763_921_000_123_456n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 63n + 1n,
];

describe('hazard A1.3 and A1.4: counters that no double can hold', () => {
  it.each(largeCounters)('%d and its neighbour are two ballots to an acceptor', (counter) => {
    const [lower, higher] = [counter, counter + 1n].map((own) => formatBallot(own, proposer));
    expect(prepareAt(a, higher!)).toBe('promised');
    expect(prepareAt(a, lower!)).toBe('conflict');
    expect(acceptAt(a, lower!, '-low')).toBe('conflict');
    expect(acceptAt(a, higher!, '-high')).toBe('accepted');
    expect(hostOf(a).state.registers.get(key)!.accepted.ballot).toBe(higher);
    expect(prepareAt(a, formatBallot(counter + 2n, proposer))).toBe('promised');
  });

  it.each(largeCounters)(
    '%d is followed by exactly the next one, all digits kept',
    async (counter) => {
      for (const zone of [a, b, c]) acceptAt(zone, formatBallot(counter, proposer), '-before');
      await scene.ended(scene.append(scene.process(), 'after'));
      const { ballot } = hostOf(b).state.registers.get(key)!.accepted;
      expect(parseBallot(ballot).counter).toBe(counter + 1n);
      expect(await scene.read(scene.process())).toEqual(['before', 'after']);
    },
  );
});

describe('hazard A1.7: an accept that nothing prepared', () => {
  const [one, two] = [formatBallot(1n, '1'.repeat(16)), formatBallot(1n, '2'.repeat(16))];

  it('would be acknowledged to two clients at one version: acceptors only compare ballots', () => {
    expect([a, b].map((zone) => acceptAt(zone, one, '-one'))).toEqual(['accepted', 'accepted']);
    expect([b, c].map((zone) => acceptAt(zone, two, '-two'))).toEqual(['accepted', 'accepted']);
  });

  it('is refused to the first once the second has prepared', () => {
    expect([a, b].map((zone) => prepareAt(zone, one))).toEqual(['promised', 'promised']);
    expect([b, c].map((zone) => prepareAt(zone, two))).toEqual(['promised', 'promised']);
    expect([a, b].map((zone) => acceptAt(zone, one, '-one'))).toEqual(['accepted', 'conflict']);
  });

  it.each([
    ['prepare', 1],
    ['prepare', 3],
    ['accept', 1],
    ['accept', 2],
    ['accept', 3],
  ])(
    'two clients create one record: one is told so (%s %i of the first is late)',
    async (phase, nth) => {
      const create =
        (name: string) =>
        (value: string | null): Decision<string> =>
          value === null
            ? { kind: 'write', value: name, summary: null, result: name }
            : { kind: 'keep', result: value };
      const createdBy = ({ store }: SceneProcess, name: string): Promise<string> =>
        store
          .change(sceneRegister, create(name), Deadline.after(scene.time, 20_000))
          .then(({ result }) => result);
      const slow = scene.process();
      let met = 0;
      slow.network.script = (kind) =>
        kind === phase && (met += 1) >= nth && met <= 3 ? 'delay' : 'deliver';
      const slowly = createdBy(slow, 'slow');
      await scene.ended(scene.time.sleep(10));
      const quickly = await scene.ended(createdBy(scene.process(), 'quick'));
      await slow.network.release();
      expect(await scene.ended(slowly)).toBe(quickly);
      for (const zone of [a, b, c]) expect(await scene.read(without(zone))).toEqual([quickly]);
    },
  );
});

describe('hazard A1.11: a log whose tail was cut off', () => {
  it('is found by its sequence, and the acceptor never counts, even for one lost write', async () => {
    await scene.ended(scene.append(scene.process(), 'first'));
    const before = hostOf(c).diskImage();
    await scene.ended(scene.append(without(b), 'second'));
    await scene.ended(scene.append(without(c), 'third'));
    hostOf(c).rollBackTo(before);
    const reader = without(a);
    await expect(scene.read(reader)).rejects.toMatchObject({ outcome: 'not-applied' });
    expect(reader.store.zones()[2]).toMatchObject({ zone: c, standing: 'rolled-back' });
    await expect(scene.ended(scene.append(without(a), 'fourth'))).rejects.toMatchObject({
      outcome: 'not-applied',
    });
    expect(await scene.read(without(c))).toEqual(['first', 'second', 'third']);
  });

  it('counts when only what nobody was told of is missing, and after an ordinary restart', async () => {
    await scene.ended(scene.append(scene.process(), 'first'));
    hostOf(c).restart();
    expect(await scene.read(without(a))).toEqual(['first']);
  });
});
