// For tests only: many monitors under one virtual clock, with the code that runs in production. Each has its own rounds of
// probes and its own pulls, out of step with the others; links break in one direction, services die, monitors stop.
import { ManualClock, SeededRandom } from '@zonehold/primitives';
import {
  probeTargets,
  RegionView,
  type ProbeResult,
  type ProbeTarget,
  type ProbeVerdict,
} from '../zone-view.ts';
import { Observers, pullIntervalMs } from './observers.ts';
import type { ZoneTraffic } from './traffic.ts';
import type { VerdictState } from './verdicts.ts';

const stepMs = 50;
const roundMs = 500;
const probeTimeoutMs = 400;
/** Looked at in every second round. */
const costly: ReadonlySet<ProbeTarget> = new Set<ProbeTarget>(['redis', 'canary']);

interface Simulated {
  readonly zone: string;
  readonly phaseMs: number;
  readonly view: RegionView;
  readonly observers: Observers;
  /** Rounds under way: when they end, and what they found. */
  readonly rounds: { readonly endsAtMs: number; readonly results: readonly ProbeResult[] }[];
}

export class SimulatedRegion {
  readonly clock = new ManualClock();
  readonly zones: readonly string[];
  /** `a>b`: nothing gets from zone a to zone b. */
  readonly cut = new Set<string>();
  /** Monitors that are stopped or dead. */
  readonly stopped = new Set<string>();
  /** What each service answers, `zone target`; ok when absent. */
  readonly sick = new Map<string, ProbeVerdict>();
  /** What each gateway meets: `gateway>zone`. */
  readonly traffic = new Map<string, ZoneTraffic>();
  readonly #monitors: readonly Simulated[];

  constructor(zoneCount: number, seed: number) {
    const random = new SeededRandom(seed);
    this.zones = Array.from({ length: zoneCount }, (_, at) => `south-${at + 1}`);
    this.#monitors = this.zones.map((zone) => this.#monitor(zone, random));
  }

  /** Cuts or mends both directions between a zone and others. */
  isolate(zone: string, isCut = true): void {
    for (const other of this.zones.filter((name) => name !== zone)) {
      for (const edge of [`${zone}>${other}`, `${other}>${zone}`]) {
        if (isCut) this.cut.add(edge);
        else this.cut.delete(edge);
      }
    }
  }

  /** Every service of a zone, its monitor too, is gone or back. */
  kill(zone: string, isDead = true): void {
    for (const target of probeTargets) this.setSick(zone, target, isDead ? 'refused' : 'ok');
    if (isDead) this.stopped.add(zone);
    else this.stopped.delete(zone);
  }

  setSick(zone: string, target: ProbeTarget, verdict: ProbeVerdict): void {
    this.sick.set(`${zone} ${target}`, verdict);
  }

  /** `eachStep` runs after each step, when everything that was due has happened. */
  async run(forMs: number, eachStep: () => void = () => undefined): Promise<void> {
    for (let ranMs = 0; ranMs < forMs; ranMs += stepMs) {
      this.clock.advance(stepMs);
      await Promise.all(
        this.#monitors.filter(({ zone }) => !this.stopped.has(zone)).map((m) => this.#step(m)),
      );
      eachStep();
    }
  }

  /** Runs until the condition holds, and tells how long that took; fails after a minute. */
  async until(isTrue: () => boolean, what: string): Promise<number> {
    const startMs = this.clock.monotonicMs();
    while (!isTrue()) {
      if (this.clock.monotonicMs() - startMs > 60_000) throw new Error(`${what} did not happen`);
      await this.run(stepMs);
    }
    return this.clock.monotonicMs() - startMs;
  }

  /** What the monitor of `observer` says of `zone`. */
  verdict(observer: string, zone: string): VerdictState {
    const verdicts = this.#of(observer).observers.verdicts();
    return verdicts.find((verdict) => verdict.zone === zone)?.state ?? 'unknown';
  }

  observers(observer: string): Observers {
    return this.#of(observer).observers;
  }

  /** Zone by zone. */
  verdicts(observer: string): VerdictState[] {
    return this.zones.map((zone) => this.verdict(observer, zone));
  }

  /** Whether a probe from `from` finds the service well now. */
  look(from: string, zone: string, target: ProbeTarget): ProbeVerdict {
    if (this.cut.has(`${from}>${zone}`) || this.cut.has(`${zone}>${from}`)) return 'silent';
    return this.sick.get(`${zone} ${target}`) ?? 'ok';
  }

  #of(zone: string): Simulated {
    const found = this.#monitors.find((monitor) => monitor.zone === zone);
    if (found === undefined) throw new Error(`There is no monitor of ${zone}.`);
    return found;
  }

  #monitor(zone: string, random: SeededRandom): Simulated {
    const view = new RegionView(this.zones, { monotonicMs: 0, wallMs: this.clock.wallMs() });
    const observers = new Observers({
      self: zone,
      zones: this.zones,
      clock: this.clock,
      ownView: () => view.zones(),
      ask: async (peer) => {
        if (this.stopped.has(peer) || this.look(zone, peer, 'health-monitor') !== 'ok')
          throw new Error('not heard');
        return this.#of(peer).observers.word();
      },
      askTraffic: async () =>
        Object.fromEntries(
          this.zones.flatMap((to) => {
            const counts = this.traffic.get(`${zone}>${to}`);
            return counts === undefined ? [] : [[to, counts] as const];
          }),
        ),
      onChange: () => undefined,
      onIsolation: () => undefined,
      onDrains: () => undefined,
    });
    return { zone, phaseMs: stepMs * random.below(roundMs / stepMs), view, observers, rounds: [] };
  }

  async #step({ zone, phaseMs, view, observers, rounds }: Simulated): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    if ((nowMs + phaseMs) % roundMs === 0) {
      const isCostlyDue = Math.floor(nowMs / roundMs) % 2 === 0;
      const targets = probeTargets.filter((target) => isCostlyDue || !costly.has(target));
      const results = this.zones.flatMap((to) =>
        targets.map((target) => this.#probe(zone, to, target)),
      );
      const isSlow = results.some(({ verdict }) => verdict === 'silent');
      rounds.push({ endsAtMs: nowMs + (isSlow ? probeTimeoutMs : 0), results });
    }
    const ended = rounds[0];
    if (ended !== undefined && ended.endsAtMs <= nowMs) {
      rounds.shift();
      const moment = { monotonicMs: nowMs, wallMs: this.clock.wallMs() };
      view.observe([...ended.results, ...observers.trafficResults()], moment);
    }
    if ((nowMs + phaseMs) % pullIntervalMs === 0) await observers.tick();
  }

  #probe(from: string, zone: string, target: ProbeTarget): ProbeResult {
    const verdict = this.look(from, zone, target);
    const reason = verdict === 'ok' ? '' : `It is ${verdict}.`;
    return { zone, target, verdict, reason, latencyMs: 1 };
  }
}
