// A service's side of faults on purpose: follows the directory of rules, hands those in force to the engine that links ask, and shows
// them. Exists only where the settings have `faults`: elsewhere links have nobody to ask (docs/faults.md).
import {
  FaultEngine,
  faultKinds,
  faultText,
  isInForce,
  readFaults,
  type FaultRule,
} from '@zonehold/faults';
import type { ServiceIdentity } from '@zonehold/mesh';
import type { Clock, FaultPort, Random } from '@zonehold/primitives';
import type { Log, Metrics } from '@zonehold/telemetry';

/** A rule is in force everywhere within this time and a little: people wait for it. */
const lookEveryMs = 200;

export interface FaultInjectorOptions {
  readonly dir: string;
  readonly self: Pick<ServiceIdentity, 'zone' | 'service'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'faultsActive' | 'faultsInjected'>;
}

export interface FaultSummary {
  readonly id: string;
  readonly fault: string;
  readonly reason: string;
  readonly scenario?: string;
  readonly expiresAt: string;
}

/** `GET /faults` on an ops port: the rules in force, as this process sees them. */
export interface FaultsReply {
  readonly zone: string;
  readonly service: string;
  readonly faults: readonly FaultRule[];
}

export class FaultInjector {
  readonly #options: FaultInjectorOptions;
  readonly #engine: FaultEngine;
  #files: readonly FaultRule[] = [];
  readonly #reported = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(options: FaultInjectorOptions) {
    const { self, clock, random, metrics } = options;
    this.#options = options;
    this.#engine = new FaultEngine({
      ...{ self, clock, random },
      injected: (action, leg) => metrics.faultsInjected.of({ action, leg }).inc(),
    });
    this.#showMetrics();
  }

  /** What links ask. */
  get port(): FaultPort {
    return this.#engine;
  }

  /** The rules in force now. */
  active(): readonly FaultRule[] {
    const nowMs = this.#options.clock.wallMs();
    return this.#engine.rules.filter((rule) => isInForce(rule, nowMs));
  }

  /** The same in words, for pages. */
  summaries(): readonly FaultSummary[] {
    return this.active().map((rule) => {
      const { id, reason, scenario, expiresAt } = rule;
      const named = scenario === undefined ? {} : { scenario };
      return { ...{ id, fault: faultText(rule), reason, expiresAt }, ...named };
    });
  }

  view(): FaultsReply {
    const { zone, service } = this.#options.self;
    return { zone, service, faults: this.active() };
  }

  /** Looks at the directory from now on. Keeps no process alive. */
  start(): void {
    this.#timer = setInterval(() => void this.look(), lookEveryMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks once. A directory that cannot be read leaves the rules as they are: they end by the clock. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { dir } = this.#options;
    try {
      const { rules, unreadable } = await readFaults(dir, this.#files);
      this.#files = rules;
      for (const name of unreadable) this.#reportOnce(name, 'it is no rule');
    } catch (error) {
      this.#reportOnce(dir, (error as Error).message);
    } finally {
      this.#isLooking = false;
    }
    this.#adopt();
  }

  #adopt(): void {
    const nowMs = this.#options.clock.wallMs();
    const before = this.#engine.rules;
    const after = this.#files.filter((rule) => isInForce(rule, nowMs));
    const isAmong = (rules: readonly FaultRule[], id: string): boolean =>
      rules.some((rule) => rule.id === id);
    const begun = after.filter(({ id }) => !isAmong(before, id));
    const ended = before.filter(({ id }) => !isAmong(after, id));
    if (begun.length === 0 && ended.length === 0) return;
    this.#engine.adopt(after);
    this.#showMetrics();
    for (const rule of begun) this.#log('fault.began', rule);
    for (const rule of ended) this.#log('fault.ended', rule);
  }

  #log(event: string, rule: FaultRule): void {
    const { id, scenario, reason, expiresAt } = rule;
    this.#options.log.warn(event, { id, fault: faultText(rule), scenario, reason, expiresAt });
  }

  #reportOnce(what: string, reason: string): void {
    if (this.#reported.has(what)) return;
    this.#reported.add(what);
    this.#options.log.warn('fault.unreadable', { path: what, reason });
  }

  #showMetrics(): void {
    for (const action of faultKinds) {
      const count = this.#engine.rules.filter((rule) => rule.action.kind === action).length;
      this.#options.metrics.faultsActive.of({ action }).set(count);
    }
  }
}
