// What is made of the observations of a run: each finding, and each promise, on made-up runs in which one thing is wrong.
import { describe, expect, it } from 'vitest';
import { findingsOf, type Findings } from './findings.ts';
import type { Look, Observations, Sample } from './observations.ts';
import { brokenOf, judge, promiseText } from './promises.ts';
import { secondsOf } from './seconds.ts';
import { decision, observations, steadySamples, testPlan, zones } from './testing.ts';

const plan = testPlan();

function findings(more: Partial<Observations> = {}): Findings {
  const seen = observations(more);
  return findingsOf(seen, plan, secondsOf(seen, zones, plan.endsMs));
}

/** The looks of a quiet run, with counters that grow by `each` in every second from `fromS` on. */
function growing(name: 'retries' | 'panics', fromS: number, each: number): Look[] {
  return observations().looks.map((look, second) => ({
    ...look,
    counters: { ...look.counters, [name]: Math.max(0, second - fromS) * each },
  }));
}

function slowInTrouble({ beganMs }: Sample): Partial<Sample> {
  return beganMs >= 5_000 && beganMs < 10_000 ? { latencyMs: 900 } : {};
}

describe('a quiet run', () => {
  it('has nothing to tell', () => {
    expect(findings()).toMatchObject({
      ...{ requests: 150, failed: 0, failedRatioInTrouble: 0, attemptsPerRequest: 1 },
      ...{ attemptsPerRequestWorst: 1, detection: null, ejection: null, verdictDown: null },
      ...{ recoveredAfterS: 0, p99TimesQuiet: 1, ejections: 0, panics: 0, servedAgain: 1 },
      ...{ keys: 20, keysLost: 0, trouble: [5, 10] },
    });
  });

  it('does not count what began in the warm-up', () => {
    const warmUp = { operation: 'wrap', beganMs: -10, latencyMs: 900, failure: '503' } as const;
    expect(findings({ samples: [warmUp, ...steadySamples(15)] })).toMatchObject({ failed: 0 });
  });
});

describe('failures', () => {
  it('are counted by their reason, and as a part of what met the trouble', () => {
    const samples = steadySamples(15, ({ beganMs }) =>
      beganMs === 6_000 ? { failure: '503' } : {},
    );
    expect(findings({ samples })).toMatchObject({
      ...{ failed: 1, failures: { 'wrap: 503': 1 }, failedRatioInTrouble: 0.02 },
    });
  });

  it('until the very end are no recovery', () => {
    const samples = steadySamples(15, ({ beganMs }) =>
      beganMs >= 6_000 && beganMs % 200 === 0 ? { failure: '503' } : {},
    );
    expect(findings({ samples })).toMatchObject({ recoveredAfterS: null, servedAgain: 0.5 });
  });
});

describe('recovery', () => {
  it('comes with the answer to the last failed request', () => {
    const samples = steadySamples(15, ({ beganMs }) =>
      beganMs === 11_500 ? { failure: '503', latencyMs: 250 } : {},
    );
    expect(findings({ samples }).recoveredAfterS).toBe(1.75);
  });

  it('waits for a request that began in the trouble and fails after it', () => {
    const samples = steadySamples(15, ({ beganMs }) =>
      beganMs === 9_900 ? { failure: 'ECONNRESET', latencyMs: 2_000 } : {},
    );
    expect(findings({ samples }).recoveredAfterS).toBe(1.9);
  });

  it('or with the first second that is no slower than twice the quiet', () => {
    const samples = steadySamples(15, ({ beganMs }) =>
      beganMs >= 6_000 && beganMs < 12_000 ? { latencyMs: 50 } : {},
    );
    expect(findings({ samples }).recoveredAfterS).toBe(2);
  });
});

describe('detection', () => {
  it('is the first decision of a gateway against a key-manager of the zone after the trouble began', () => {
    const decisions = [
      decision(1_000),
      decision(5_100, { service: 'key-manager' }),
      decision(5_200, { kind: 'endpoint.returned' }),
      decision(5_210, { kind: 'link.down', peerService: 'health-monitor' }),
      decision(5_220, { kind: 'link.down', peerZone: 'south-3' }),
      decision(5_300, { kind: 'link.down' }),
      decision(5_400),
    ];
    const { detection, ejection } = findings({ decisions });
    expect(detection?.afterS).toBe(0.3);
    expect(detection?.what).toBe(
      'gateway of south-2: link.down, key-manager of south-2 (consecutive)',
    );
    expect(ejection?.afterS).toBe(0.4);
  });

  it('is not what was decided after the trouble', () => {
    const decisions = [decision(12_000)];
    expect(findings({ decisions })).toMatchObject({
      detection: null,
      ejection: null,
      ejections: 0,
    });
  });

  it.each([
    ['that of either end', 'south-2', 'south-1', 0.2],
    ['that of the other end', 'south-1', 'south-2', 0.2],
    ['not that of a zone with sound links', 'south-3', 'south-1', undefined],
  ])('of a cut between two zones is %s', (_what, zone, peerZone, afterS) => {
    const fault = '{ from: { zone: $zone }, to: { zone: $other }, action: { kind: black-hole } }';
    const cut = testPlan(`fault: ${fault}`);
    const seen = observations({ decisions: [decision(5_200, { zone, peerZone })] });
    const { detection } = findingsOf(seen, cut, secondsOf(seen, zones, cut.endsMs));
    expect(detection?.afterS).toBe(afterS);
  });

  it('divides the latencies: those before it do not count', () => {
    const samples = steadySamples(15, ({ beganMs }) =>
      beganMs >= 5_000 && beganMs < 5_500 ? { latencyMs: 700 } : {},
    );
    const decisions = [decision(5_500)];
    expect(findings({ samples, decisions }).p99TimesQuiet).toBe(1);
    expect(findings({ samples }).p99TimesQuiet).toBe(70);
  });

  it('after the trouble hides nothing of it', () => {
    const samples = steadySamples(15, slowInTrouble);
    expect(findings({ samples, decisions: [decision(12_000)] }).p99TimesQuiet).toBe(90);
  });

  it('hides nothing where none is promised', () => {
    const calm = testPlan(undefined, 'p99TimesQuietMax: 2');
    const seen = observations({
      samples: steadySamples(15, slowInTrouble),
      decisions: [decision(9_900)],
    });
    const { detection, p99TimesQuiet } = findingsOf(
      seen,
      calm,
      secondsOf(seen, zones, calm.endsMs),
    );
    expect([detection?.afterS, p99TimesQuiet]).toEqual([4.9, 90]);
  });

  it('without an answer after it leaves nothing to measure, and the promise is broken', () => {
    const strict = testPlan(undefined, 'detectionMaxS: 1, p99TimesQuietMax: 2');
    const seen = observations({
      samples: steadySamples(15, (sample) =>
        slowInTrouble(sample).latencyMs === undefined ? {} : { failure: '503' },
      ),
      decisions: [decision(5_000)],
    });
    const found = findingsOf(seen, strict, secondsOf(seen, zones, strict.endsMs));
    expect(found).toMatchObject({ afterDetection: null, p99TimesQuiet: null });
    expect(brokenOf(judge(strict.scenario, found, ['timing']))).toHaveLength(1);
  });

  it('and the end of the extra load bound what is measured, when the load outlasts the harm', () => {
    const samples = steadySamples(15, ({ beganMs }) =>
      beganMs >= 11_000 && beganMs < 12_000 ? { latencyMs: 500 } : {},
    );
    const load = { what: 'load', isHarm: false, startedMs: 10_000, endedMs: 13_000 };
    const decisions = [decision(5_500)];
    expect(findings({ samples, decisions }).p99TimesQuiet).toBe(1);
    const steps = [...observations().steps, load];
    expect(findings({ samples, decisions, steps }).p99TimesQuiet).toBe(50);
  });

  it('of the monitors is their first word that this zone is down', () => {
    const change = { observer: 'south-1', from: 'suspect', reasons: ['redis: gone.'] };
    const verdictChanges = [
      { ...change, atMs: 6_000, zone: 'south-1', to: 'down' },
      { ...change, atMs: 7_000, zone: 'south-2', to: 'suspect' },
      { ...change, atMs: 8_000, zone: 'south-2', to: 'down' },
    ];
    expect(findings({ verdictChanges }).verdictDown).toEqual({
      ...{ afterS: 3, what: 'the monitor of south-1: redis: gone.' },
    });
  });
});

describe('attempts per request', () => {
  it('are judged over any five seconds', () => {
    const looks = growing('retries', 10, 4);
    expect(findings({ looks })).toMatchObject({
      ...{ attemptsPerRequest: 1.133, attemptsPerRequestWorst: 1.4 },
    });
  });

  it('are told second by second, also when the looks come late', () => {
    const looks = growing('retries', 5, 2).map((look) => ({ ...look, atMs: look.atMs + 500 }));
    const seconds = secondsOf(observations({ looks }), zones, plan.endsMs);
    expect(seconds.slice(4, 7).map(({ attemptsPerRequest }) => attemptsPerRequest)).toEqual([
      ...[1, 1.1, 1.2],
    ]);
  });
});

describe('ejections within one hold-down', () => {
  it.each([
    ['one, when the next comes after it', [5_000, 10_100], 1],
    ['two, when the next comes within it', [5_000, 9_900], 2],
  ])('%s', (_what, times, count) => {
    const decisions = times.map((atMs) => decision(atMs));
    expect(findings({ decisions }).ejectionsPerHoldDown).toBe(count);
  });

  it('are counted for each client and each endpoint by itself', () => {
    const decisions = [
      decision(5_000),
      decision(5_100, { zone: 'south-1' }),
      decision(5_200, { peerZone: 'south-3' }),
    ];
    expect(findings({ decisions })).toMatchObject({ ejections: 2, ejectionsPerHoldDown: 1 });
  });
});

it('the shares of the zones are those of the attempts in the trouble', () => {
  const looks = observations().looks.map((look, second) => ({
    ...look,
    counters: {
      ...look.counters,
      attemptsByZone: { 'south-1': second, 'south-2': Math.min(second, 5), 'south-3': second },
    },
  }));
  expect(findings({ looks }).zoneShares).toEqual({ 'south-1': 0.5, 'south-2': 0, 'south-3': 0.5 });
});

describe('a promise', () => {
  const both = ['correctness', 'timing'] as const;

  it('is kept at its limit, and broken beyond it', () => {
    const { scenario } = plan;
    const failed = { ...findings(), detection: { afterS: 1, what: '' } };
    expect(brokenOf(judge(scenario, failed, both))).toEqual([]);
    const broken = brokenOf(judge(scenario, { ...failed, failed: 1 }, both));
    expect(broken.map(promiseText)).toEqual(['failed requests: 1 (at most 0)']);
  });

  it('about something that never happened is broken', () => {
    const broken = brokenOf(judge(plan.scenario, findings(), both));
    expect(broken.map(promiseText)).toEqual([
      'until a gateway routed around it: never (at most 1 s)',
    ]);
  });

  it('that is not binding is shown and decides nothing', () => {
    const judged = judge(plan.scenario, findings(), ['correctness']);
    expect(judged.find(({ class: kind }) => kind === 'timing')?.isKept).toBe(false);
    expect(brokenOf(judged)).toEqual([]);
  });
});
