// What gateways' counts say of a zone, as tables; and what one gateway's calls do to a monitor's view, in virtual time.
import type { CallCode, MeshObserver } from '@zonehold/mesh';
import { ManualClock, SeededRandom } from '@zonehold/primitives';
import { RecentCalls } from '@zonehold/service-host';
import { describe, expect, it } from 'vitest';
import { probeTargets, RegionView } from '../zone-view.ts';
import { trafficResults } from './traffic.ts';

/** `failed/calls`, going on unless it ends with `!`: that was one moment. */
function counts(text: string) {
  const [failed = 0, calls = 0] = text.replace('!', '').split('/').map(Number);
  return { calls, failed, failedForMs: failed === 0 || text.endsWith('!') ? 0 : 1_000 };
}

interface Case {
  readonly why: string;
  /** By gateway and zone. */
  readonly met: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly failing: string;
}

describe('the counts of gateways', () => {
  it.each<Case>([
    { why: 'all is well', met: { a: { a: '0/500' }, b: { b: '0/500' } }, failing: '' },
    { why: 'a gray zone that only its own gateway calls', met: { a: { a: '6/20' } }, failing: 'a' },
    { why: 'too few calls', met: { a: { a: '19/19' } }, failing: '' },
    { why: 'less than a fifth', met: { a: { a: '99/500' } }, failing: '' },
    { why: 'one moment', met: { a: { a: '100/500!' } }, failing: '' },
    {
      why: 'one sick gateway among three that share their calls',
      met: {
        a: { a: '500/500', b: '250/250', c: '250/250' },
        b: { a: '0/30', b: '0/500' },
        c: { a: '0/30', c: '0/500' },
      },
      failing: '',
    },
    {
      why: 'a sick gateway that alone calls all zones',
      met: { a: { a: '90/100', b: '30/30', c: '3/3' } },
      failing: '',
    },
    {
      why: 'the only caller, whose other calls go well',
      met: { a: { a: '90/100', b: '0/5' } },
      failing: 'a',
    },
    {
      why: 'one of two callers is no majority',
      met: { a: { a: '90/100' }, b: { a: '0/30' } },
      failing: '',
    },
    {
      why: 'two of three are',
      met: { a: { a: '90/100' }, b: { a: '20/30', b: '0/9' }, c: { a: '0/30' } },
      failing: 'a',
    },
    {
      why: 'who called seldom has no say',
      met: { a: { a: '90/100', b: '0/9' }, b: { a: '0/9' } },
      failing: 'a',
    },
    {
      why: 'all gateways and all zones',
      met: { a: { a: '50/50', b: '50/50' }, b: { a: '50/50', b: '50/50' } },
      failing: 'ab',
    },
  ])('say of $why: "$failing"', ({ met, failing }) => {
    const byGateway = Object.fromEntries(
      Object.entries(met).map(([gateway, byZone]) => [
        gateway,
        Object.fromEntries(Object.entries(byZone).map(([zone, text]) => [zone, counts(text)])),
      ]),
    );
    const results = trafficResults(['a', 'b', 'c'], byGateway);
    const unwell = results.filter(({ verdict }) => verdict === 'unwell');
    expect(unwell.map(({ zone }) => zone).join('')).toBe(failing);
  });

  it('are told with the gateways that say so', () => {
    const [result] = trafficResults(['a'], { a: { a: counts('30/100') }, b: { b: counts('9/9') } });
    expect(result?.reason).toBe('30 % of 100 calls failed (gateways of a).');
  });

  it('of a gateway of an older release count as they did', () => {
    const [result] = trafficResults(['a'], { a: { a: { calls: 100, failed: 30 } } });
    expect(result?.verdict).toBe('unwell');
  });
});

/** A monitor that sees one zone with green probes, and the calls of one gateway. */
class Watched {
  readonly clock = new ManualClock();
  readonly #recent = new RecentCalls('key-manager', this.clock);
  readonly #calls = this.#recent.watching({
    attemptEnded: () => undefined,
  } as unknown as MeshObserver);
  readonly #view = new RegionView(['a'], { monotonicMs: 0, wallMs: 0 });

  called(code: CallCode, times = 1): void {
    for (let at = 0; at < times; at += 1)
      this.#calls.attemptEnded('key-manager', 'a', 'operation', code, 1);
  }

  /** The states that it went through, with the time of each; `each` makes calls. */
  run(forMs: number, stepMs: number, each: (atMs: number) => void): string[] {
    const states: string[] = [];
    for (let atMs = 0; atMs < forMs; atMs += stepMs) {
      each(atMs);
      if (atMs % 500 === 0) states.push(...this.#look(atMs));
      this.clock.advance(stepMs);
    }
    return states;
  }

  #look(atMs: number): string[] {
    const probes = probeTargets.map((target) => ({
      ...{ zone: 'a', target, verdict: 'ok' as const, latencyMs: 1, reason: '' },
    }));
    const now = { monotonicMs: atMs, wallMs: atMs };
    const traffic = trafficResults(['a'], { a: { a: this.#recent.counts()['a']! } });
    return this.#view.observe([...probes, ...traffic], now).map(({ state }) => `${atMs} ${state}`);
  }
}

describe('a zone whose probes are green', () => {
  it.each([
    { what: 'one moment of failures', forMs: 250 },
    { what: 'half a second of failures', forMs: 500 },
  ])('is not down for $what among a few calls', ({ forMs }) => {
    const watched = new Watched();
    const states = watched.run(20_000, 250, (atMs) => {
      watched.called('OK');
      if (atMs >= 10_000 && atMs < 10_000 + forMs) watched.called('LINK_LOST', 6);
    });
    expect(states.join()).not.toContain('down');
  });

  it('is not down for one moment of failures after which its gateway has ejected it', () => {
    const watched = new Watched();
    const states = watched.run(20_000, 250, (atMs) => {
      if (atMs === 10_000) watched.called('LINK_LOST', 6);
      if (atMs < 10_000 || atMs > 15_000) watched.called('OK');
    });
    expect(states).toEqual(['0 healthy']);
  });

  it('is down when three calls of ten go on failing, also when its gateway ejects it after a second', () => {
    for (const untilMs of [11_000, 20_000]) {
      const watched = new Watched();
      const random = new SeededRandom(1);
      const states = watched.run(20_000, 10, (atMs) => {
        const isFailing = atMs >= 10_000 && random.unit() < 0.3;
        if (atMs >= 9_500 && atMs < untilMs) watched.called(isFailing ? 'UNAVAILABLE' : 'OK');
      });
      const down = states.find((state) => state.endsWith('down'));
      const downMs = Number.parseInt(down ?? 'Infinity', 10);
      expect(downMs - 10_000).toBeLessThanOrEqual(5_000);
    }
  });
});
