// Rounds, the report and the metrics. Points are plain looks here; real ones are tested beside the probes.
import { ManualClock } from '@zonehold/primitives';
import { createLog, createMetrics } from '@zonehold/telemetry';
import { describe, expect, it } from 'vitest';
import { wellFound, type Finding, type ProbePoint } from './probe.ts';
import { Watch } from './watch.ts';
import { probeTargets, type ProbeResult, type ProbeTarget } from './zone-view.ts';

const zones = ['us-south-1', 'us-south-2'];
const refused: Finding = { verdict: 'refused', reason: 'Nobody is there.' };

/** Two zones; `found` says what each look gives. */
class Region {
  readonly clock = new ManualClock();
  readonly lines: string[] = [];
  readonly looks = new Map<string, number>();
  readonly metrics = createMetrics({
    service: 'health-monitor',
    zone: 'us-south-1',
    region: 'us-south',
  });
  traffic: readonly ProbeResult[] = [];
  found: (zone: string, target: ProbeTarget) => Finding = () => wellFound;
  readonly watch: Watch;

  constructor() {
    const points = zones.flatMap((zone) =>
      probeTargets.map((target): ProbePoint => ({
        zone,
        target,
        everyRounds: target === 'redis' ? 2 : 1,
        look: async () => {
          this.looks.set(`${zone} ${target}`, (this.looks.get(`${zone} ${target}`) ?? 0) + 1);
          return this.found(zone, target);
        },
      })),
    );
    const destination = { write: (line: string) => void this.lines.push(line) };
    const identity = { service: 'health-monitor', zone: 'us-south-1', region: 'us-south' };
    const log = createLog({ ...identity, level: 'info', destination });
    const { clock, metrics } = this;
    this.watch = new Watch({
      zones,
      points,
      traffic: () => this.traffic,
      clock,
      log,
      metrics,
    });
  }

  async rounds(count: number): Promise<void> {
    for (let round = 0; round < count; round += 1) {
      await this.watch.round();
      this.clock.advance(500);
    }
  }

  states(): string[] {
    return this.watch.views().map(({ state }) => state);
  }
}

describe('the watch', () => {
  it('has looked after its first round, and reports every service of every zone', async () => {
    const region = new Region();
    expect(region.watch.hasLooked).toBe(false);
    await region.watch.round();
    expect(region.watch.hasLooked).toBe(true);
    expect(region.watch.observedAt).toBe(new Date(region.clock.wallMs()).toISOString());
    const views = region.watch.views();
    expect(views.map(({ zone }) => zone)).toEqual(zones);
    for (const zone of views) {
      expect(zone.state).toBe('healthy');
      expect(Object.keys(zone.services).toSorted()).toEqual([...probeTargets].toSorted());
    }
  });

  it('blames only the zone that fails, in report, log and metrics', async () => {
    const region = new Region();
    await region.rounds(2);
    region.found = (zone) => (zone === 'us-south-2' ? refused : wellFound);
    await region.rounds(10);
    expect(region.states()).toEqual(['healthy', 'down']);
    expect(region.watch.views()[1]?.reasons).toContain('redis: Nobody is there.');
    expect(
      region.lines.some((line) => line.includes('"zone.seen.down"') && line.includes('us-south-2')),
    ).toBe(true);
    const text = await region.metrics.text();
    expect(text).toMatch(
      /kms_probes_total\{zone="us-south-2",target="gateway",result="failed"[^}]*\} 10/,
    );
  });

  it('looks at costly points in every second round only, but at all of them in the first', async () => {
    const region = new Region();
    await region.watch.round();
    expect(region.looks.get('us-south-1 redis')).toBe(1);
    expect(region.looks.get('us-south-2 redis')).toBe(1);
    await region.rounds(20);
    expect(region.looks.get('us-south-1 gateway')).toBe(21);
    expect(region.looks.get('us-south-1 redis')).toBe(11);
    expect(region.looks.get('us-south-2 redis')).toBe(11);
  });

  it('takes in what real requests met, and does not count it as probes', async () => {
    const region = new Region();
    await region.rounds(2);
    const reason = '40 % of 100 calls failed.';
    region.traffic = [
      { zone: 'us-south-2', target: 'traffic', verdict: 'unwell', latencyMs: 0, reason },
    ];
    await region.rounds(2);
    expect(region.states()).toEqual(['healthy', 'suspect']);
    expect(region.watch.views()[1]?.reasons).toEqual([`traffic: ${reason}`]);
    expect(await region.metrics.text()).not.toContain('target="traffic"');
    await region.rounds(6);
    expect(region.states()).toEqual(['healthy', 'down']);
  });

  it('does not begin a round while one is under way', async () => {
    const region = new Region();
    await Promise.all([region.watch.round(), region.watch.round(), region.watch.round()]);
    expect(region.looks.get('us-south-1 gateway')).toBe(1);
  });
});
