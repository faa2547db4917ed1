// For tests only: three whole monitors under one clock that can see each other or not.
import { ManualClock, type Clock } from '@zonehold/primitives';
import { createLog, createMetrics } from '@zonehold/telemetry';
import { Monitor } from './monitor.ts';
import { wellFound, type Finding, type ProbePoint } from './probe.ts';
import { probeTargets, type ProbeTarget } from './zone-view.ts';

export const zones = ['south-1', 'south-2', 'south-3'] as const;
export const silent: Finding = { verdict: 'silent', reason: 'Not a word.' };

/** `found` says what a look gives; `isInTouch`, whether one monitor gets another's word. */
export class TestMonitors {
  readonly clock = new ManualClock();
  /** How long the machine of a zone has slept: its monotonic clock stood still. */
  readonly sleptMs = new Map<string, number>();
  readonly lines: string[] = [];
  readonly monitors: Monitor[];
  readonly metrics = zones.map((zone) =>
    createMetrics({ service: 'health-monitor', zone, region: 'south' }),
  );
  found: (from: string, zone: string, target: ProbeTarget) => Finding = () => wellFound;
  isInTouch: (from: string, to: string) => boolean = () => true;

  constructor() {
    this.monitors = zones.map((zone) => this.#start(zone));
  }

  /** A new process in the place of the monitor of `zone`: it knows nothing. */
  restart(zone: string): void {
    this.monitors[at(zone)] = this.#start(zone);
  }

  /** Half a second each: one round, two pulls. */
  async rounds(count: number): Promise<void> {
    for (let round = 0; round < count; round += 1) {
      await Promise.all(this.monitors.map(({ watch }) => watch.round()));
      for (let pull = 0; pull < 2; pull += 1) {
        await Promise.all(this.monitors.map(({ observers }) => observers.tick()));
        this.clock.advance(250);
      }
    }
  }

  async metricsOf(at: number): Promise<string> {
    this.monitors[at]?.showMetrics();
    return known(this.metrics[at]).text();
  }

  cutOff(zone: string): void {
    this.isInTouch = (from, to) => from !== zone && to !== zone;
    this.found = (from, to) => (from !== to && [from, to].includes(zone) ? silent : wellFound);
  }

  #start(zone: string): Monitor {
    const identity = { service: 'health-monitor', zone, region: 'south' };
    const destination = { write: (line: string) => void this.lines.push(line) };
    const clock: Clock = {
      wallMs: () => this.clock.wallMs(),
      monotonicMs: () => this.clock.monotonicMs() - (this.sleptMs.get(zone) ?? 0),
    };
    return new Monitor({
      ...{ region: 'south', self: zone, zones, clock, life: `life${at(zone)}` },
      points: zones.flatMap((to) =>
        probeTargets.map((target): ProbePoint => ({
          zone: to,
          target,
          look: async () => this.found(zone, to, target),
        })),
      ),
      ask: async (peer) => {
        if (!this.isInTouch(zone, peer)) throw new Error('not heard');
        return known(this.monitors[at(peer)]).observers.word();
      },
      askTraffic: async () => undefined,
      log: createLog({ ...identity, level: 'info', destination }),
      metrics: known(this.metrics[at(zone)]),
    });
  }
}

function at(zone: string): number {
  return zones.findIndex((name) => name === zone);
}

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('There is no such monitor.');
  return value;
}
