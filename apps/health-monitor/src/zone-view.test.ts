// Hysteresis of the zone view, with time as an argument. One round of probes every 500 ms, as the monitor does.
import { ManualClock } from '@zonehold/primitives';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  probeTargets,
  RegionView,
  zoneStates,
  type ProbeResult,
  type ProbeTarget,
  type ProbeVerdict,
} from './zone-view.ts';

const zone = 'us-south-1';
const roundMs = 500;
type Round = Partial<Record<ProbeTarget, ProbeVerdict>>;
const allRefused: Round = Object.fromEntries(probeTargets.map((target) => [target, 'refused']));
const allSilent: Round = Object.fromEntries(probeTargets.map((target) => [target, 'silent']));

/** A view and its clock; `round` is ok for every target but those named. */
class Watch {
  readonly clock = new ManualClock();
  readonly view = new RegionView([zone, 'us-south-2'], this.now());

  now() {
    return { monotonicMs: this.clock.monotonicMs(), wallMs: this.clock.wallMs() };
  }

  round(bad: Round = {}, elapsedMs = roundMs): this {
    this.clock.advance(elapsedMs);
    const results = probeTargets.map((target): ProbeResult => {
      const verdict = bad[target] ?? 'ok';
      return {
        zone,
        target,
        verdict,
        latencyMs: 1,
        reason: verdict === 'ok' ? '' : `It is ${verdict}.`,
      };
    });
    this.view.observe(results, this.now());
    return this;
  }

  /** Rounds until the state is `state`; the milliseconds that took. */
  untilState(state: string, bad: Round = {}): number {
    const startMs = this.clock.monotonicMs();
    while (this.state !== state) {
      if (this.clock.monotonicMs() - startMs > 60_000)
        expect.fail(`never ${state}, still ${this.state}`);
      this.round(bad);
    }
    return this.clock.monotonicMs() - startMs;
  }

  get seen() {
    return this.view.zones()[0]!;
  }

  get state(): string {
    return this.seen.state;
  }
}

const healthy = (): Watch => new Watch().round();

describe('a zone', () => {
  it('is recovering before the first look and healthy after a clean one', () => {
    const watch = new Watch();
    expect(watch.seen).toMatchObject({
      state: 'recovering',
      reasons: ['Not looked at yet.'],
      services: {},
    });
    expect(watch.round().seen).toMatchObject({ state: 'healthy', reasons: [] });
    expect(watch.view.zones()[1]).toMatchObject({ zone: 'us-south-2', state: 'recovering' });
  });

  it('stays healthy through single failures', () => {
    const watch = healthy();
    for (let time = 0; time < 20; time += 1) {
      watch.round({ redis: 'silent' }).round().round();
      expect(watch.state).toBe('healthy');
    }
  });

  it('is suspect when two of the last three probes of one service failed, and says which', () => {
    const watch = healthy().round({ redis: 'silent' }).round();
    expect(watch.state).toBe('healthy');
    watch.round({ redis: 'unwell' });
    expect(watch.seen).toMatchObject({ state: 'suspect', reasons: ['redis: It is unwell.'] });
    expect(watch.seen.services.redis).toEqual({ ok: false, latencyMs: 1, reason: 'It is unwell.' });
    expect(watch.seen.services.gateway).toEqual({ ok: true, latencyMs: 1, reason: '' });
  });

  it('does not add up failures of different services', () => {
    const watch = healthy()
      .round({ redis: 'silent' })
      .round({ gateway: 'silent' })
      .round({ 'crypto-worker': 'silent' });
    expect(watch.state).toBe('healthy');
  });

  it('is down after two seconds of suspicion', () => {
    const watch = healthy();
    expect(watch.untilState('suspect', { 'crypto-worker': 'refused' })).toBe(2 * roundMs);
    expect(watch.untilState('down', { 'crypto-worker': 'refused' })).toBe(2_000);
  });

  it('is down a second and a half after the first round in which nothing answers at all', () => {
    for (const bad of [allRefused, allSilent, { ...allRefused, redis: 'silent' } as Round]) {
      const watch = healthy();
      expect(watch.untilState('down', bad)).toBe(roundMs + 1_500);
    }
  });

  it('is not down so soon when one service still answers, even badly', () => {
    const watch = healthy();
    expect(watch.untilState('down', { ...allRefused, gateway: 'unwell' })).toBe(
      2 * roundMs + 2_000,
    );
  });

  it('is suspect, but never down, for want of its health-monitor', () => {
    const watch = healthy();
    for (let time = 0; time < 100; time += 1) watch.round({ 'health-monitor': 'refused' });
    expect(watch.state).toBe('suspect');
  });

  it('recovers at the first clean round and is healthy after five clean seconds', () => {
    const watch = healthy();
    watch.untilState('down', allRefused);
    // Two rounds until two of the last three probes are good again.
    expect(watch.untilState('recovering')).toBe(2 * roundMs);
    expect(watch.seen.reasons).toEqual(['Everything answers again, but not for long enough yet.']);
    expect(watch.untilState('healthy')).toBe(5_000);
  });

  it('starts the five clean seconds again after a single failure while recovering', () => {
    const watch = healthy();
    watch.untilState('down', allRefused);
    watch.untilState('recovering');
    for (let time = 0; time < 8; time += 1) watch.round();
    watch.round({ redis: 'silent' });
    expect(watch.state).toBe('recovering');
    expect(watch.untilState('healthy')).toBe(roundMs + 5_000);
  });

  it('falls back at once to where it came from when it fails again while recovering', () => {
    for (const from of ['suspect', 'down'] as const) {
      const watch = healthy();
      watch.untilState(from, { redis: 'refused' });
      watch.untilState('recovering');
      for (let time = 0; time < 4; time += 1) watch.round();
      watch.round({ redis: 'refused' }).round({ redis: 'refused' });
      expect(watch.state, from).toBe(from);
    }
  });

  it('does not turn healthy while it keeps failing now and then', () => {
    const watch = healthy();
    watch.untilState('down', allRefused);
    for (let time = 0; time < 60; time += 1) {
      watch.round({ gateway: time % 4 === 0 ? 'silent' : 'ok' });
      expect(watch.state).not.toBe('healthy');
    }
  });

  it('is not blamed for the time in which the monitor itself was stopped', () => {
    const watch = healthy().round({ redis: 'silent' });
    watch.round({ redis: 'silent' }, 60_000);
    expect(watch.state).toBe('suspect');
    watch.round({ redis: 'silent' }, 60_000);
    expect(watch.state).toBe('suspect');
  });

  it('says since when it is in its state', () => {
    const watch = healthy();
    const healthySince = watch.seen.since;
    watch.round().round();
    expect(watch.seen.since).toBe(healthySince);
    watch.untilState('suspect', { redis: 'unwell' });
    expect(watch.seen.since).toBe(new Date(watch.clock.wallMs()).toISOString());
  });

  it('is reported as changed exactly when its state changes', () => {
    const watch = new Watch();
    let state = watch.state;
    for (const bad of [{}, {}, allRefused, allRefused, allRefused, {}, {}]) {
      watch.clock.advance(roundMs);
      const results = probeTargets.map((target): ProbeResult => {
        const verdict = bad[target] ?? 'ok';
        return { zone, target, verdict, latencyMs: 1, reason: '' };
      });
      const changed = watch.view.observe(results, watch.now()).map((view) => view.state);
      expect(changed).toEqual(watch.state === state ? [] : [watch.state]);
      state = watch.state;
    }
  });
});

describe('whatever the probes say', () => {
  const verdict = fc.constantFrom<ProbeVerdict>('ok', 'ok', 'unwell', 'refused', 'silent');
  const round = fc.record(
    Object.fromEntries(probeTargets.map((target) => [target, verdict])) as Record<
      ProbeTarget,
      typeof verdict
    >,
  );

  it('a zone goes only along the allowed transitions, and is explained unless healthy', () => {
    const allowed: Record<string, readonly string[]> = {
      healthy: ['suspect', 'down'],
      suspect: ['down', 'recovering'],
      down: ['recovering'],
      recovering: ['healthy', 'suspect', 'down'],
    };
    fc.assert(
      fc.property(fc.array(round, { maxLength: 60 }), (rounds) => {
        const watch = new Watch();
        for (const bad of rounds) {
          const before = watch.state;
          watch.round(bad);
          expect(zoneStates).toContain(watch.state);
          if (watch.state !== before) expect(allowed[before]).toContain(watch.state);
          expect(watch.seen.reasons.length > 0).toBe(watch.state !== 'healthy');
        }
      }),
    );
  });

  it('a zone that answers well for long is healthy, and one that never answers is down', () => {
    fc.assert(
      fc.property(fc.array(round, { maxLength: 30 }), (rounds) => {
        const watch = new Watch();
        for (const bad of rounds) watch.round(bad);
        for (let time = 0; time < 14; time += 1) watch.round();
        expect(watch.state).toBe('healthy');
        for (let time = 0; time < 8; time += 1) watch.round(allSilent);
        expect(watch.state).toBe('down');
      }),
    );
  });
});
