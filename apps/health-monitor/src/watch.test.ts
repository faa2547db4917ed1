// Rounds, the report and the metrics. Points are plain looks here; real ones are tested beside the probes.
import { ManualClock } from '@zonehold/primitives';
import { createLog, createMetrics } from '@zonehold/telemetry';
import { describe, expect, it } from 'vitest';
import { wellFound, type Finding, type ProbePoint } from './probe.ts';
import { Watch } from './watch.ts';
import { probeTargets, type ProbeTarget } from './zone-view.ts';

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
      region: 'us-south',
      observer: 'us-south-1',
      zones,
      points,
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
    return this.watch.report().zones.map(({ state }) => state);
  }
}

describe('the watch', () => {
  it('has looked after its first round, and reports every service of every zone', async () => {
    const region = new Region();
    expect(region.watch.hasLooked).toBe(false);
    await region.watch.round();
    expect(region.watch.hasLooked).toBe(true);
    const report = region.watch.report();
    expect(report).toMatchObject({
      region: 'us-south',
      observer: 'us-south-1',
      observedAt: new Date(region.clock.wallMs()).toISOString(),
    });
    expect(report.zones.map(({ zone }) => zone)).toEqual(zones);
    for (const zone of report.zones) {
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
    expect(region.watch.report().zones[1]?.reasons).toContain('redis: Nobody is there.');
    expect(
      region.lines.some((line) => line.includes('"zone.down"') && line.includes('us-south-2')),
    ).toBe(true);
    const text = await region.metrics.text();
    expect(text).toMatch(/kms_zone_standing\{zone="us-south-2",standing="down"[^}]*\} 1/);
    expect(text).toMatch(/kms_zone_standing\{zone="us-south-2",standing="healthy"[^}]*\} 0/);
    expect(text).toMatch(/kms_zone_standing\{zone="us-south-1",standing="healthy"[^}]*\} 1/);
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

  it('does not begin a round while one is under way', async () => {
    const region = new Region();
    await Promise.all([region.watch.round(), region.watch.round(), region.watch.round()]);
    expect(region.looks.get('us-south-1 gateway')).toBe(1);
  });
});
