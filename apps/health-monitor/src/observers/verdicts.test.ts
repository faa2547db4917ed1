// How votes become verdicts, with time as an argument. Three monitors; each vote is a letter: h, s, d, r, or - for not heard.
import { describe, expect, it } from 'vitest';
import type { ZoneState } from '../zone-view.ts';
import { adviceOf } from './advice.ts';
import { verdictPolicy, Verdicts } from './verdicts.ts';

const zones = ['south-1', 'south-2', 'south-3'];
const states: Record<string, ZoneState> = {
  ...{ h: 'healthy', s: 'suspect', d: 'down', r: 'recovering' },
};

/** Votes on south-3; the others are always healthy. */
class Count {
  #nowMs = 0;
  readonly verdicts = new Verdicts(zones, this.#now());

  votes(letters: string, afterMs = 250): string {
    this.#nowMs += afterMs;
    const words = zones.flatMap((observer, at) => {
      const state = states[letters[at] ?? '-'];
      if (state === undefined) return [];
      const seen = { 'south-1': 'healthy', 'south-2': 'healthy', 'south-3': state } as const;
      return [{ observer, isIsolated: false, hears: [], zones: seen, traffic: {}, drains: [] }];
    });
    const isIsolated = words.length < 2;
    this.verdicts.count({ isIsolated, words }, this.#now());
    return this.of().state;
  }

  of() {
    return this.verdicts.all(this.#nowMs)[2]!;
  }

  #now() {
    return { monotonicMs: this.#nowMs, wallMs: Date.UTC(2026, 0, 1) + this.#nowMs };
  }
}

/** What south-3 is after each of the votes. */
function after(...votes: readonly string[]): string[] {
  const count = new Count();
  return votes.map((letters) => count.votes(letters));
}

describe('a verdict', () => {
  it.each([
    { votes: ['hhh', 'hhd'], verdict: 'healthy', why: 'one eye is not a majority' },
    { votes: ['hhh', 'h-d'], verdict: 'healthy', why: 'one of two is not a majority of three' },
    { votes: ['hhh', 'dd-'], verdict: 'down', why: 'two of three are' },
    { votes: ['hhh', 'ddh'], verdict: 'down', why: 'the zone itself has no veto' },
    { votes: ['hhh', 'sd-'], verdict: 'suspect', why: 'they agree that something is wrong' },
    { votes: ['hhh', 'sh-'], verdict: 'healthy', why: 'they do not agree' },
    { votes: ['hhh', 'ddd', '--d'], verdict: 'unknown', why: 'who is isolated cannot tell' },
    { votes: ['hhh', 'ddd', '--d', 'dd-'], verdict: 'down', why: 'touch is found again' },
    { votes: ['hhh', 'ddd', 'hd-'], verdict: 'down', why: 'one of two does not end it' },
    { votes: ['hhh', 'ddd', 'rr-'], verdict: 'recovering', why: 'most say it answers again' },
    { votes: ['hhh', 'ddd', 'rrr', 'hhr'], verdict: 'healthy', why: 'most say it is well' },
    { votes: ['hhh', 'ddd', 'rrr', 'ssr'], verdict: 'suspect', why: 'it fails again' },
    { votes: ['r--'], verdict: 'unknown', why: 'nobody else was heard yet' },
    { votes: ['rrr'], verdict: 'recovering', why: 'nobody has looked long enough' },
  ])('is $verdict after $votes: $why', ({ votes, verdict }) => {
    expect(after(...votes).at(-1)).toBe(verdict);
  });

  it('needs a majority of all monitors, not of those that count', () => {
    const five = ['a', 'b', 'c', 'd', 'e'];
    const verdicts = new Verdicts(five, { monotonicMs: 0, wallMs: 0 });
    const well = Object.fromEntries(five.map((zone) => [zone, 'healthy' as const]));
    const said = (observer: string, e: ZoneState) => ({
      ...{ observer, isIsolated: false, hears: [], zones: { ...well, e }, traffic: {}, drains: [] },
    });
    const count = (...states: readonly ZoneState[]) => {
      const words = states.map((state, at) => said(five[at] ?? '', state));
      verdicts.count({ isIsolated: false, words }, { monotonicMs: 1, wallMs: 1 });
      return verdicts.all(1)[4]?.state;
    };
    expect(count('healthy', 'healthy', 'healthy')).toBe('healthy');
    // In touch with others that call themselves isolated: one vote, or two of three.
    expect(count('down')).toBe('healthy');
    expect(count('down', 'down', 'healthy')).toBe('healthy');
    expect(count('down', 'down', 'down')).toBe('down');
  });

  it('is told when it changes, once', () => {
    const verdicts = new Verdicts(['a'], { monotonicMs: 0, wallMs: 0 });
    const vote = (state: ZoneState) =>
      verdicts.count(
        {
          isIsolated: false,
          words: [
            {
              observer: 'a',
              isIsolated: false,
              hears: [],
              zones: { a: state },
              traffic: {},
              drains: [],
            },
          ],
        },
        { monotonicMs: 0, wallMs: 0 },
      );
    expect(vote('healthy')).toEqual([{ zone: 'a', from: 'unknown', to: 'healthy' }]);
    expect(vote('healthy')).toEqual([]);
    expect(vote('down')).toEqual([{ zone: 'a', from: 'healthy', to: 'down' }]);
  });

  it('says since when, and who says so', () => {
    const count = new Count();
    count.votes('hhh');
    count.votes('dds', 5_000);
    count.votes('dds', 5_000);
    expect(count.of()).toMatchObject({
      since: new Date(Date.UTC(2026, 0, 1) + 5_250).toISOString(),
      votes: { 'south-1': 'down', 'south-2': 'down', 'south-3': 'suspect' },
    });
  });

  it('waits longer each time before a zone that flaps is healthy again, and forgets in the end', () => {
    const count = new Count();
    const heldMs = (): number => {
      count.votes('ddd');
      let waitedMs = 0;
      while (count.votes('hhh', 1_000) !== 'healthy') waitedMs += 1_000;
      return waitedMs;
    };
    count.votes('hhh');
    const { holdDownMaxMs, forgetDownMs } = verdictPolicy;
    // The first counted round already makes it recovering; it is healthy in the next, unless held.
    expect(heldMs()).toBeLessThanOrEqual(1_000);
    expect([heldMs(), heldMs(), heldMs()]).toEqual([9_000, 19_000, 39_000]);
    for (let times = 0; times < 4; times += 1) heldMs();
    expect(heldMs()).toBe(holdDownMaxMs - 1_000);
    count.votes('hhh', forgetDownMs);
    expect(heldMs()).toBeLessThanOrEqual(1_000);
  });
});

describe('advice', () => {
  it('keeps requests away from a zone that is down, and gives them back little by little', () => {
    const count = new Count();
    count.votes('hhh');
    expect(count.of().weight).toBe(1);
    count.votes('sss');
    expect(count.of().weight).toBe(1);
    count.votes('ddd');
    expect(count.of().weight).toBe(0);
    count.votes('rrr');
    expect(count.of().weight).toBe(0);
    count.votes('hhh');
    expect(count.of().weight).toBe(verdictPolicy.rampFrom);
    count.votes('hhh', verdictPolicy.rampMs / 2);
    expect(count.of().weight).toBeCloseTo(0.55);
    count.votes('hhh', verdictPolicy.rampMs / 2);
    expect(count.of().weight).toBe(1);
  });

  it('gives nothing to a zone that was down until it is healthy again, and never more to one that gets worse', () => {
    const count = new Count();
    const weights = (...votes: readonly string[]) =>
      votes.map((letters) => {
        count.votes(letters);
        return count.of().weight;
      });
    const { rampFrom } = verdictPolicy;
    expect(weights('hhh', 'ddd', 'rrr', 'sss', 'rrr')).toEqual([1, 0, 0, 0, 0]);
    expect(weights('hhh', 'sss', 'rrr', 'sss', 'ddd')).toEqual([
      ...[rampFrom, rampFrom, rampFrom, rampFrom],
      0,
    ]);
    expect(weights('sss', 'rrr')).toEqual([0, 0]);
  });

  it('says nothing while the monitor is isolated', () => {
    const count = new Count();
    count.votes('hhh');
    count.votes('ddd');
    count.votes('--d');
    expect(count.of()).toMatchObject({ state: 'unknown', weight: 1, votes: {} });
  });

  it('ends by itself, and is not followed when it would leave fewer than two zones', () => {
    const verdict = (zone: string, weight: number) => ({
      ...{ zone, weight, state: 'down' as const, since: '', votes: {} },
    });
    const wallMs = Date.UTC(2026, 0, 1);
    expect(adviceOf([verdict('a', 1), verdict('b', 0.4), verdict('c', 0)], [], wallMs)).toEqual({
      weights: { a: 1, b: 0.4, c: 0 },
      isPanic: false,
      expiresAt: '2026-01-01T00:00:30.000Z',
    });
    expect(adviceOf([verdict('a', 1), verdict('b', 0), verdict('c', 0)], [], wallMs)).toMatchObject(
      {
        weights: { a: 1, b: 1, c: 1 },
        isPanic: true,
      },
    );
    const well = [verdict('a', 1), verdict('b', 1), verdict('c', 1)];
    expect(adviceOf(well, ['b'], wallMs)).toMatchObject({ weights: { a: 1, b: 0, c: 1 } });
    expect(adviceOf([verdict('a', 0)], [], wallMs)).toMatchObject({
      weights: { a: 1 },
      isPanic: true,
    });
  });
});
