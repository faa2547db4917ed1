// What a rebuild does next: one sentence a line, from a whole region through a lost zone and back.
import { describe, expect, it } from 'vitest';
import type { Configuration, ConfiguredAcceptor } from '../acceptor-port.ts';
import { blankStamp } from '../configuration.ts';
import type { AcceptorStanding } from '../register-store.ts';
import type { DiskLook } from './disk.ts';
import { nextStep, type RebuildView } from './next-step.ts';
import type { OpenRebuild } from './record.ts';

const [a, b, c] = ['z1', 'z2', 'z3'] as const;
const acceptorOf = (zone: string, incarnation = 'i1'): ConfiguredAcceptor => ({
  zone,
  acceptorId: `acceptor-${zone}`,
  incarnation,
});
const selfOfZone = (zone: string, incarnation: string, cluster = 'c1'): string =>
  `${cluster}/r1/${zone}/acceptor-${zone}/${incarnation}`;
const held = (self: string, stamp = 'e4'): DiskLook => ({ kind: 'held', self, stamp });
const empty: DiskLook = { kind: 'empty' };
const whole: Configuration = {
  epoch: 4,
  voters: [a, b, c].map((z) => acceptorOf(z)),
  learner: null,
};
const evicted: Configuration = {
  epoch: 5,
  voters: [a, b].map((z) => acceptorOf(z)),
  learner: null,
};
const learning: Configuration = { ...evicted, epoch: 6, learner: acceptorOf(c, 'fresh') };
const open: OpenRebuild = { zone: c, cause: 'wiped', incarnation: 'i1', openedAtMs: 0 };
const seal = { stamp: 'e6', cursor: '', done: 9, total: 9, startedAtMs: 0, isComplete: true };

function view(
  members: Partial<Omit<RebuildView, 'standings' | 'looks'>> & {
    readonly standings?: Readonly<Record<string, AcceptorStanding>>;
    readonly looks?: Readonly<Record<string, DiskLook>>;
  },
): RebuildView {
  const { standings = {}, looks = {}, ...others } = members;
  return {
    clusterId: 'c1',
    region: 'r1',
    homes: [a, b, c].map((zone) => ({ zone, acceptorId: `acceptor-${zone}` })),
    configuration: whole,
    notInstalled: [],
    open: null,
    standings: new Map(Object.entries({ [a]: 'voter', [b]: 'voter', [c]: 'voter', ...standings })),
    looks: new Map(Object.entries(looks)),
    ...others,
  };
}

describe('while all zones vote', () => {
  it.each<[string, RebuildView, object]>([
    ['nothing is done when all is well', view({}), { kind: 'idle' }],
    [
      'an empty disk opens a rebuild',
      view({ standings: { [c]: 'wiped' }, looks: { [c]: empty } }),
      { kind: 'open', zone: c, cause: 'wiped', incarnation: 'i1' },
    ],
    [
      'an old disk opens a rebuild',
      view({ standings: { [c]: 'rolled-back' }, looks: { [c]: held(selfOfZone(c, 'i1')) } }),
      { kind: 'open', cause: 'rolled-back' },
    ],
    [
      'a disk of an earlier incarnation opens a rebuild',
      view({ standings: { [c]: 'other-incarnation' }, looks: { [c]: held(selfOfZone(c, 'i0')) } }),
      { kind: 'open', cause: 'old-incarnation' },
    ],
    [
      "another cluster's data open none",
      view({ standings: { [c]: 'foreign' }, looks: { [c]: held(selfOfZone(c, 'i1', 'c2')) } }),
      { kind: 'idle' },
    ],
    [
      "another zone's data open none",
      view({ standings: { [c]: 'foreign' }, looks: { [c]: held(selfOfZone(b, 'i1')) } }),
      { kind: 'idle' },
    ],
    [
      'a zone that is only away opens none',
      view({ standings: { [c]: 'unreachable' } }),
      { kind: 'idle' },
    ],
    [
      'two lost zones are for people',
      view({ standings: { [b]: 'wiped', [c]: 'wiped' }, looks: { [b]: empty, [c]: empty } }),
      { kind: 'wait' },
    ],
    [
      'an open rebuild evicts the zone',
      view({ open, standings: { [c]: 'wiped' }, looks: { [c]: empty } }),
      { kind: 'configure', what: 'evict', next: { ...evicted } },
    ],
    [
      'but not while another zone does not vote',
      view({ open, standings: { [b]: 'unreachable', [c]: 'wiped' }, looks: { [c]: empty } }),
      { kind: 'wait', zone: b },
    ],
    [
      'a replacement gives way to a zone that lost its memory',
      view({
        open: { ...open, cause: 'replaced' },
        standings: { [b]: 'wiped' },
        looks: { [b]: empty, [c]: held(selfOfZone(c, 'i1')) },
      }),
      { kind: 'close', zone: c },
    ],
    [
      'a disk that turns out to be whole ends the rebuild',
      view({ open, looks: { [c]: held(selfOfZone(c, 'i1')) } }),
      { kind: 'close' },
    ],
    [
      'an old disk stays due for a process that takes it for fit',
      view({ open: { ...open, cause: 'rolled-back' }, looks: { [c]: held(selfOfZone(c, 'i1')) } }),
      { kind: 'configure', what: 'evict' },
    ],
    [
      'a rebuild is over when another incarnation votes',
      view({ open: { ...open, cause: 'replaced', incarnation: 'i0' } }),
      { kind: 'close' },
    ],
  ])('%s', (_name, seen, step) => expect(nextStep(seen)).toMatchObject(step));
});

describe('while a zone is without a vote', () => {
  const out = (look: DiskLook | undefined, others: Partial<RebuildView> = {}): RebuildView => ({
    ...view({ configuration: evicted, open, looks: look === undefined ? {} : { [c]: look } }),
    ...others,
  });

  it.each<[string, RebuildView, object]>([
    ['an empty disk is formatted', out(empty), { kind: 'format', zone: c }],
    [
      'a disk of ours gets a new incarnation in place',
      out(held(selfOfZone(c, 'i1'))),
      { kind: 'reincarnate', seen: { self: selfOfZone(c, 'i1'), stamp: 'e4' } },
    ],
    [
      'a blank one is admitted as what it is',
      out(held(selfOfZone(c, 'fresh'), blankStamp)),
      { kind: 'configure', what: 'admit', next: { epoch: 6, learner: { incarnation: 'fresh' } } },
    ],
    [
      'at the address of a replacement it is admitted with it',
      out(held(selfOfZone(c, 'fresh'), blankStamp), {
        open: { ...open, cause: 'replaced', address: { host: 'h', port: 1 } },
      }),
      { next: { learner: { address: { host: 'h', port: 1 } } } },
    ],
    ["a stranger's data are waited for", out(held(selfOfZone(c, 'i1', 'c2'))), { kind: 'wait' }],
    ['unsafe settings are waited for', out({ kind: 'unsafe', reason: 'x' }), { kind: 'wait' }],
    ['a silent disk is waited for', out({ kind: 'unreachable', reason: 'x' }), { kind: 'wait' }],
    [
      'nothing is touched before both others are fenced',
      out(empty, { notInstalled: [b] }),
      { kind: 'wait', zone: b },
    ],
    ['a rebuild nobody opened is opened', out(empty, { open: null }), { kind: 'open', zone: c }],
  ])('%s', (_name, seen, step) => expect(nextStep(seen)).toMatchObject(step));
});

describe('while a zone learns', () => {
  const learn = (look: DiskLook, others: Partial<RebuildView> = {}): RebuildView => ({
    ...view({ configuration: learning, open, looks: { [c]: look } }),
    ...others,
  });
  const learner = held(selfOfZone(c, 'fresh'), 'e6');

  it.each<[string, RebuildView, object]>([
    ['its registers are sealed', learn(learner), { kind: 'seal' }],
    [
      'a seal of another configuration counts for nothing',
      learn(learner, { open: { ...open, seal: { ...seal, stamp: 'e3' } } }),
      { kind: 'seal' },
    ],
    [
      'a seal that is not complete goes on',
      learn(learner, { open: { ...open, seal: { ...seal, isComplete: false } } }),
      { kind: 'seal' },
    ],
    [
      'it is promoted when the seal is complete',
      learn(learner, { open: { ...open, seal } }),
      { kind: 'configure', what: 'promote', next: { epoch: 7, learner: null } },
    ],
    ['wiped again it loses its place', learn(empty), { what: 'drop-learner' }],
    [
      'with another incarnation it loses its place, sealed or not',
      learn(held(selfOfZone(c, 'later'), blankStamp), { open: { ...open, seal } }),
      { what: 'drop-learner' },
    ],
    [
      'it is not sealed before it has installed the configuration',
      learn(held(selfOfZone(c, 'fresh'), blankStamp), { notInstalled: [c] }),
      { kind: 'wait' },
    ],
  ])('%s', (_name, seen, step) => expect(nextStep(seen)).toMatchObject(step));

  it('never has fewer than all but one vote, and never skips an epoch', () => {
    for (const seen of [learn(learner, { open: { ...open, seal } }), learn(empty)]) {
      const step = nextStep(seen);
      if (step.kind !== 'configure') throw new Error(step.kind);
      expect(step.next.epoch).toBe(learning.epoch + 1);
      expect(step.next.voters.length).toBeGreaterThanOrEqual(2);
    }
  });
});
