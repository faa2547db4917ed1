// What monitors know of drains, and how they tell each other. Time is a number.
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../observers/verdicts.ts';
import { readDrainRequest } from './drain-request.ts';
import { drainPolicy, Drains, refusalOfDrain, type ToldDrain } from './drains.ts';

const drain = (zone: string, more: Partial<ToldDrain> = {}): ToldDrain => ({
  ...{ id: `drain-${zone}`, zone, reason: 'new kernel', startedWallMs: 1_000 },
  ...{ remainingMs: 60_000, isLifted: false },
  ...more,
});
const zonesOf = (drains: Drains, nowMs: number) => drains.active(nowMs).map(({ zone }) => zone);

function knowing(...told: readonly ToldDrain[]): Drains {
  const drains = new Drains(['a', 'b', 'c']);
  drains.learn(told, 0, 0);
  return drains;
}

describe('a drain', () => {
  it('is in force until its end, and not a moment longer', () => {
    const drains = knowing(drain('a'));
    expect(drains.active(0)).toEqual([
      { id: 'drain-a', zone: 'a', reason: 'new kernel', remainingMs: 60_000 },
    ]);
    expect(zonesOf(drains, 59_999)).toEqual(['a']);
    expect(zonesOf(drains, 60_000)).toEqual([]);
  });

  it('is told to others with the time that is left; neither telling nor slow words move its end', () => {
    const [here, there] = [knowing(drain('a')), new Drains(['a', 'b', 'c'])];
    for (let nowMs = 0; nowMs < 59_000; nowMs += 250) {
      there.learn(here.told(nowMs), nowMs, nowMs + 200);
      here.learn(there.told(nowMs + 200), nowMs + 200, nowMs + 240);
    }
    expect([zonesOf(here, 59_999), zonesOf(there, 59_999)]).toEqual([['a'], ['a']]);
    expect([zonesOf(here, 60_000), zonesOf(there, 60_000)]).toEqual([[], []]);
  });

  it('is not brought back by a word that was long under way, or by a monitor whose clock is slow', () => {
    const late = new Drains(['a', 'b', 'c']);
    const word = knowing(drain('a')).told(59_900);
    late.learn(word, 59_800, 60_100);
    expect(zonesOf(late, 60_100)).toEqual([]);
    const ended = knowing(drain('a'));
    ended.learn([drain('a', { remainingMs: 5_000 })], 60_500, 60_500);
    expect(zonesOf(ended, 60_500)).toEqual([]);
    expect(ended.told(60_500)).toEqual([]);
  });

  it('that was lifted is not brought back by a monitor that has not heard of it', () => {
    const [here, there] = [knowing(drain('a')), knowing(drain('a'))];
    expect(here.lift('a', 1_000)).toBe(true);
    here.learn(there.told(1_000), 1_000, 1_000);
    expect(zonesOf(here, 1_000)).toEqual([]);
    there.learn(here.told(1_000), 1_000, 1_000);
    expect(zonesOf(there, 1_000)).toEqual([]);
    expect(here.lift('a', 1_000)).toBe(false);
    expect(here.knows('drain-a')).toBe(true);
    // One that has just started must hear of it too: somebody may still tell of the drain.
    const fresh = new Drains(['a', 'b', 'c']);
    fresh.learn(here.told(2_000), 2_000, 2_000);
    fresh.learn([drain('a')], 2_000, 2_000);
    expect(zonesOf(fresh, 2_000)).toEqual([]);
  });

  it('tells of its begin and of what ended it, once', () => {
    const drains = knowing(drain('a'));
    const steps = (nowMs: number) =>
      drains.changes(nowMs).map(({ step, zone }) => `${zone} ${step}`);
    expect(steps(0)).toEqual(['a begun']);
    expect(steps(1)).toEqual([]);
    drains.learn([drain('b', { startedWallMs: 1, remainingMs: 5_000 })], 1, 1);
    expect(steps(2)).toEqual(['a outranked', 'b begun']);
    expect(steps(5_001)).toEqual(['b ended', 'a begun']);
    drains.lift('a', 6_000);
    expect(steps(6_000)).toEqual(['a lifted']);
    expect(steps(200_000)).toEqual([]);
  });

  it('never leaves fewer than two zones: of two at once the older counts, for everybody', () => {
    const [one, two] = [drain('a', { startedWallMs: 2 }), drain('b', { startedWallMs: 1 })];
    expect(zonesOf(knowing(one, two), 0)).toEqual(['b']);
    expect(zonesOf(knowing(two, one), 0)).toEqual(['b']);
    const same = [drain('b', { id: '2' }), drain('a', { id: '1' })];
    expect(zonesOf(knowing(...same), 0)).toEqual(['a']);
    const pair = new Drains(['a', 'b']);
    pair.learn([one], 0, 0);
    expect(zonesOf(pair, 0)).toEqual([]);
  });

  it('of a zone that is not in the region is not taken', () => {
    const drains = knowing(drain('nowhere', { startedWallMs: 0 }), drain('a'));
    expect(zonesOf(drains, 0)).toEqual(['a']);
    expect(drains.told(0).map(({ zone }) => zone)).toEqual(['a']);
  });

  it('lasts no longer than the longest, and there are not endlessly many', () => {
    const drains = knowing(drain('a', { remainingMs: Number.MAX_SAFE_INTEGER }));
    expect(zonesOf(drains, drainPolicy.lengthMaxMs - 1)).toEqual(['a']);
    expect(zonesOf(drains, drainPolicy.lengthMaxMs)).toEqual([]);
    const many = Array.from({ length: 100 }, (_, at) => drain('a', { id: String(at) }));
    expect(knowing(...many).told(0)).toHaveLength(drainPolicy.keptMax);
    expect(knowing(...many).isFull).toBe(true);
    expect(knowing(drain('a', { remainingMs: 0 })).told(0)).toEqual([]);
  });

  it('can be begun however many were lifted before: the oldest of those is forgotten', () => {
    const monitors = [knowing(), knowing()];
    const tell = () => {
      for (const here of monitors) for (const there of monitors) here.learn(there.told(0), 0, 0);
    };
    const { keptMax } = drainPolicy;
    for (let at = 0; at < 2 * keptMax; at += 1) {
      expect(monitors[0]?.isFull).toBe(false);
      monitors[at % 2]?.learn([drain('a', { id: `d-${at}`, startedWallMs: at })], 0, 0);
      tell();
      expect(monitors.map((monitor) => zonesOf(monitor, 0))).toEqual([['a'], ['a']]);
      monitors[0]?.lift('a', 0);
      tell();
      expect(monitors.map((monitor) => zonesOf(monitor, 0))).toEqual([[], []]);
    }
    const oldest = (kept: string) => monitors.map((monitor) => monitor.knows(kept));
    expect(oldest(`d-${keptMax - 1}`)).toEqual([false, false]);
    expect(oldest(`d-${keptMax}`)).toEqual([true, true]);
    for (const monitor of monitors) expect(monitor.told(0)).toHaveLength(keptMax);
  });

  it('is forgotten some time after its end, and makes room', () => {
    const drains = knowing(drain('a'));
    drains.told(119_999);
    expect(drains.knows('drain-a')).toBe(true);
    drains.told(120_000);
    expect(drains.knows('drain-a')).toBe(false);
  });
});

describe('a request to drain', () => {
  const verdicts = (...weights: readonly number[]): Verdict[] =>
    weights.map((weight, at) => ({
      ...{ zone: 'abcde'[at] ?? '', state: 'healthy', since: '', votes: {}, weight },
    }));

  it.each([
    { zone: 'a', weights: [1, 1, 1], drained: [], refusal: undefined },
    { zone: 'a', weights: [0, 1, 1], drained: [], refusal: undefined },
    { zone: 'a', weights: [1, 1, 0.1], drained: [], refusal: undefined },
    { zone: 'x', weights: [1, 1, 1], drained: [], refusal: 'There is no zone x.' },
    { zone: 'a', weights: [1, 1, 0], drained: [], refusal: 'only 1 of 3 zones would serve (b)' },
    { zone: 'a', weights: [1, 1, 1], drained: ['b'], refusal: 'only 1 of 3 zones would serve (c)' },
    { zone: 'a', weights: [1, 1, 1], drained: ['a'], refusal: 'a is drained already' },
    { zone: 'a', weights: [1, 1, 1, 1], drained: ['b'], refusal: undefined },
    { zone: 'a', weights: [1, 1], drained: [], refusal: 'only 1 of 2 zones would serve (b)' },
  ])('for $zone of weights $weights with $drained drained: $refusal', (table) => {
    const refusal = refusalOfDrain(table.zone, verdicts(...table.weights), table.drained);
    if (table.refusal === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toContain(table.refusal);
  });
});

describe('what is asked of drains', () => {
  const sound = { id: 'd-1', zone: 'a', reason: 'new kernel', lengthMs: 3_600_000 };

  it.each([
    [{}, undefined],
    [{ lengthMs: drainPolicy.lengthMaxMs }, undefined],
    [{ reason: 'Größere Platte, 2 TB' }, undefined],
    [{ id: '' }, 'id: must be 1 to 64 letters, digits, _ or -.'],
    [{ id: 'a b' }, 'id: must be 1 to 64 letters, digits, _ or -.'],
    [{ reason: ' ' }, 'reason: must be a line of text.'],
    [{ reason: 'red \u001b[31m' }, 'reason: must be a line of text.'],
    [{ reason: 'two\nlines' }, 'reason: must be a line of text.'],
    [{ reason: 'x'.repeat(201) }, 'reason: must have at most 200 characters.'],
    [{ reason: `${'x'.repeat(201)}\n` }, 'reason: must have at most 200 characters.'],
    [{ zone: 'x'.repeat(64) }, 'zone: must be the name of a zone.'],
    [{ lengthMs: 999 }, 'lengthMs: must be at least 1000 ms.'],
    [{ lengthMs: drainPolicy.lengthMaxMs + 1 }, 'lengthMs: must be at most 72 hours.'],
    [{ lengthMs: 1_000.5 }, 'lengthMs: must be whole milliseconds.'],
  ])('%j: %s', (change, problem) => {
    const request = { ...sound, ...change };
    expect(readDrainRequest(request)).toEqual(problem ?? request);
  });

  it.each([undefined, null, 'a', { zone: 'a' }])('%j is no request', (body) => {
    expect(readDrainRequest(body)).toEqual(expect.any(String));
  });
});
