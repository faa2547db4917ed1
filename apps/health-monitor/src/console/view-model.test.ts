// What is shown of a region: words, signs and lines, from every kind of trouble.
import { describe, expect, it } from 'vitest';
import { linesOf } from './page/map-geometry.ts';
import { lineOf } from './page/timeline-model.ts';
import { signs, type Tone } from './page/tones.ts';
import { viewOf, type ShownEdge } from './page/view-model.ts';
import { latencyText, leftText, percentText, rateText } from './page/wording.ts';
import { acceptorsWith, edgeTo, reportOf, stateWith, testZones } from './test-state.ts';

const edgeIn = (edges: readonly ShownEdge[], from: string, to: string): ShownEdge | undefined =>
  edges.find((edge) => edge.from === from && edge.to === to);

const gatewayWith = (zone: string, change: Parameters<typeof edgeTo>[1]) =>
  reportOf('south-1', {
    gateway: {
      service: 'key-manager',
      isPanic: false,
      edges: testZones.map((name) => edgeTo(name, name === zone ? change : {})),
    },
  });

describe('a quiet region', () => {
  const view = viewOf(stateWith({}));

  it('is healthy in one sentence, and nothing else is said', () => {
    expect(view.headline).toEqual({ tone: 'good', text: 'All 3 zones are healthy.' });
    expect(view.remarks).toEqual([]);
    expect(view.quorum).toMatchObject({ tone: 'good', voters: 3, epoch: 3, rebuild: null });
  });

  it('has each zone with its services, its acceptor and what it serves', () => {
    expect(view.zones.map(({ zone, tone }) => [zone, tone])).toEqual(
      testZones.map((zone) => [zone, 'good']),
    );
    expect(view.zones[0]).toMatchObject({
      ...{ servedPerSecond: 40, askedPerSecond: 40, p99Ms: 9, weight: 1 },
      acceptor: { tone: 'good', word: 'votes' },
    });
    expect(view.zones[0]?.services.map(({ name, tone }) => [name, tone])).toEqual([
      ['gateway', 'good'],
      ['key-manager', 'good'],
      ['crypto-worker', 'good'],
      ['redis', 'good'],
      ['health-monitor', 'good'],
    ]);
  });

  it('has an edge from each zone to each, and labels only those that carry something', () => {
    expect(view.edges).toHaveLength(9);
    const labels = linesOf(view.zones, view.edges).map(({ label }) => label);
    expect(labels.filter((label) => label !== '')).toEqual(Array(3).fill('40/s · 9.0 ms'));
    // Painted last: over the lines of the others.
    expect(labels.slice(-3).every((label) => label !== '')).toBe(true);
  });
});

describe('a zone that is down', () => {
  const reports = {
    'south-1': gatewayWith('south-2', { isLinkUp: false, circuit: 'open' }),
    'south-2': null,
  };
  const acceptors = acceptorsWith({ 'south-2': 'unreachable' });
  const view = viewOf(
    stateWith({
      zones: {
        'south-2': {
          ...{ state: 'down', reasons: ['gateway: No connection can be made.'], services: {} },
        },
      },
      reports: {
        'south-1': { ...reports['south-1'], acceptors },
        ...{ 'south-2': null, 'south-3': reportOf('south-3', { acceptors }) },
      },
    }),
  );

  it('is in the headline, and turns its place red with a word and a sign', () => {
    expect(view.headline).toEqual({ tone: 'bad', text: 'south-2 is down.' });
    expect(view.zones[1]).toMatchObject({ state: 'down', tone: 'bad' });
    expect(view.zones[1]?.services.map(({ tone }) => tone)).toEqual(Array(5).fill('idle'));
    expect(view.zones[1]?.acceptor).toMatchObject({ tone: 'bad', word: 'unreachable' });
  });

  it('leaves too little redundancy, which is said', () => {
    expect(view.remarks).toEqual([
      {
        tone: 'warn',
        text: "2 of 3 acceptors vote, without south-2 (unreachable): the loss of another zone's disk may lose data now.",
      },
    ]);
  });

  it('has edges that say why nothing passes, and edges of which nobody reports', () => {
    expect(edgeIn(view.edges, 'south-1', 'south-2')).toMatchObject({
      ...{ tone: 'bad', marks: ['no link', 'circuit open'] },
    });
    expect(edgeIn(view.edges, 'south-2', 'south-3')).toMatchObject({
      isKnown: false,
      tone: 'idle',
    });
  });
});

describe('trouble', () => {
  it.each([
    ['is suspect', { state: 'suspect' }, 'warn', 'south-2 is suspect.'],
    ['is recovering', { state: 'recovering' }, 'busy', 'south-2 is recovering.'],
  ] as const)('of a zone that %s is the headline', (_what, change, tone, text) => {
    expect(viewOf(stateWith({ zones: { 'south-2': change } })).headline).toEqual({ tone, text });
  });

  it('of several zones is told in one sentence, with the worst first', () => {
    const zones = {
      'south-1': { state: 'suspect' },
      'south-2': { state: 'down' },
      'south-3': { state: 'down' },
    } as const;
    expect(viewOf(stateWith({ zones })).headline).toEqual({
      ...{ tone: 'bad', text: 'south-2 and south-3 are down, south-1 is suspect.' },
    });
  });

  it('of the monitor itself comes before what it cannot know', () => {
    const zones = Object.fromEntries(
      testZones.map((zone) => [zone, { state: 'unknown' as const }]),
    );
    const view = viewOf(stateWith({ zones, health: { isIsolated: true } }));
    expect(view.headline.tone).toBe('idle');
    expect(view.headline.text).toContain('cannot tell');
    expect(view.zones.map(({ tone }) => tone)).toEqual(['idle', 'idle', 'idle']);
  });

  it.each([
    ['an ejection', { ejected: 1 }, 'bad', ['ejected']],
    ['a circuit that tries', { circuit: 'half-open' }, 'warn', ['half-open']],
    ['failures', { callsPerSecond: 10, failedPerSecond: 3 }, 'warn', ['30 % fail']],
    ['one failure in a thousand', { callsPerSecond: 1_000, failedPerSecond: 1 }, 'good', []],
    ['a spill', { spillShare: 0.4 }, 'warn', ['40 % sent elsewhere: slow']],
    ['two at once', { isLinkUp: false, ejected: 1 }, 'bad', ['no link', 'ejected']],
  ] as const)('of an edge with %s is marked', (_what, change, tone, marks) => {
    const view = viewOf(stateWith({ reports: { 'south-1': gatewayWith('south-3', change) } }));
    expect(edgeIn(view.edges, 'south-1', 'south-3')).toMatchObject({ tone, marks });
  });

  it('made or ordered by hand is remarked', () => {
    const drain = { reason: 'new disks', endsAt: '2026-01-01T01:00:00Z' };
    const fault = { id: 'f-1', text: 'x', reason: 'y', endsAt: drain.endsAt };
    const state = stateWith({
      zones: { 'south-3': { drain } },
      faults: { isEnabled: true, active: [fault, fault], presets: [] },
    });
    expect(viewOf(state).remarks.map(({ text }) => text)).toEqual([
      'south-3 is drained by hand.',
      '2 faults are active.',
    ]);
  });
});

describe('the quorum', () => {
  const quorumWith = (...acceptors: ReturnType<typeof acceptorsWith>[]) =>
    viewOf(
      stateWith({
        reports: Object.fromEntries(
          testZones.map((zone, at) => [zone, reportOf(zone, { acceptors: acceptors[at] ?? null })]),
        ),
      }),
    ).quorum;

  it('is lost with two zones, in words', () => {
    const gone = { 'south-1': 'wiped', 'south-2': 'unreachable' };
    expect(quorumWith(acceptorsWith(gone))).toMatchObject({ tone: 'bad', voters: 1 });
    expect(quorumWith(acceptorsWith(gone)).sentence).toContain('too few to change or to read');
  });

  it('is what the key-manager with the newest configuration says, not one that was away', () => {
    const old = acceptorsWith({}, { epoch: 2 });
    const fresh = acceptorsWith({ 'south-2': 'learner' }, { epoch: 4 });
    expect(quorumWith(old, fresh, old)).toMatchObject({ epoch: 4, voters: 2 });
  });

  it('is unknown when nobody says anything', () => {
    expect(quorumWith()).toMatchObject({ tone: 'idle', voters: null });
    expect(quorumWith({ problem: 'keys' } as never)).toMatchObject({ tone: 'idle' });
  });

  it('shows how far a rebuild is', () => {
    const rebuild = {
      ...{ zone: 'south-2', cause: 'wiped', done: 4_120, total: 10_000, recordsPerSecond: 830 },
      ...{ leftS: 7, openedAt: '', waitsFor: '' },
    };
    const shown = quorumWith(acceptorsWith({ 'south-2': 'learner' }, { rebuild }));
    expect(shown.rebuild).toMatchObject({
      ...{ done: 4_120, total: 10_000, text: '4,120 of 10,000 records, 830/s, 7 s left' },
    });
    const view = viewOf(
      stateWith({
        reports: Object.fromEntries(
          testZones.map((zone) => [
            zone,
            reportOf(zone, { acceptors: acceptorsWith({ 'south-2': 'learner' }, { rebuild }) }),
          ]),
        ),
      }),
    );
    expect(view.zones[1]?.acceptor).toMatchObject({ tone: 'busy', word: 'rebuilt: 41 %' });
    expect(view.remarks[0]?.text).toContain('The acceptor of south-2 is rebuilt: 4,120 of 10,000');
    const waiting = { ...rebuild, total: 0, waitsFor: 'a second zone' };
    expect(quorumWith(acceptorsWith({}, { rebuild: waiting })).rebuild?.text).toBe(
      'waits: a second zone',
    );
  });
});

describe('the timeline', () => {
  const event = {
    id: 'l-1',
    at: '2026-01-01T00:00:00Z',
    zone: 'south-2',
    from: '',
    reasons: ['Why.'],
  };

  it.each([
    ['zone', 'down', 'bad', 'south-2 is down'],
    ['zone', 'healthy', 'good', 'south-2 is healthy'],
    ['isolation', 'isolated', 'idle', 'The monitor of south-2 lost touch with the others'],
    ['drain', 'begun', 'warn', 'south-2 is drained by hand'],
    ['drain', 'ended', 'good', 'south-2 is not drained any more: its time is over'],
  ] as const)('tells of %s %s', (kind, to, tone, text) => {
    expect(lineOf({ ...event, kind, to })).toMatchObject({ tone, text, details: ['Why.'] });
  });
});

describe('words', () => {
  it('say numbers as people read them', () => {
    expect([0, 0.25, 4.5, 12.4, 12_345].map(rateText)).toEqual(['0', '0.3', '4.5', '12', '12,345']);
    expect([null, 0.83, 12.4, 1_430].map(latencyText)).toEqual(['–', '0.8 ms', '12 ms', '1.4 s']);
    expect([0, 0.001, 0.304, 1].map(percentText)).toEqual(['0 %', '<1 %', '30 %', '100 %']);
    const now = '2026-01-01T00:00:00Z';
    const ends = ['00:00:00', '00:00:12', '00:04:00', '02:05:00'].map(
      (time) => `2026-01-01T${time}Z`,
    );
    expect(ends.map((end) => leftText(end, now))).toEqual(['now', '12 s', '4 min', '2 h 5 min']);
  });

  it('never leave it to colour: each tone has a sign of its own', () => {
    const all: readonly Tone[] = ['good', 'warn', 'bad', 'busy', 'idle'];
    expect(new Set(all.map((tone) => signs[tone])).size).toBe(all.length);
  });
});
