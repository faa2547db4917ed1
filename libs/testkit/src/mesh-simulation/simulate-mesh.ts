// Gateways and key-managers of a whole region under a simulated clock, with the mesh's own policy code in between: one seeded run of one
// scenario. A discrete-event model: no sockets, no promises, so that fifty thousand requests a second can be simulated.
import { balancerPolicyDefaults, type BalancerPolicy, type RetryPolicy } from '@zonehold/mesh';
import { SeededRandom } from '@zonehold/primitives';
import { derivedSeed } from '../simulation/derived-seed.ts';
import { EventQueue } from './event-queue.ts';
import { SimulatedGateway, type Wire } from './gateway.ts';
import { SimulatedKeyManager } from './key-manager.ts';
import type { MeshReport } from './report.ts';
import { meshScenarios, type MeshScenario, type MeshScenarioName } from './scenarios.ts';
import { Tally } from './tally.ts';

export interface MeshPlan {
  readonly zones: number;
  readonly gateways: number;
  readonly keyManagers: number;
  readonly requestsPerSecond: number;
  /** Which part of what the key-managers can do is asked of them in quiet times; two of three zones must do for all. */
  readonly utilisation: number;
  /** A full key-manager holds so much work, in milliseconds of its own time; more is shed. */
  readonly queueMs: number;
  readonly balancer: BalancerPolicy;
  readonly retries: Partial<RetryPolicy>;
}

/** For every commit. The load on each key-manager and each gateway is that of `meshPlanLong`. */
export const meshPlanSmall: MeshPlan = {
  zones: 3,
  gateways: 9,
  keyManagers: 9,
  requestsPerSecond: 1_500,
  utilisation: 0.5,
  queueMs: 250,
  balancer: balancerPolicyDefaults,
  retries: {},
};

export const meshPlanLong: MeshPlan = {
  ...meshPlanSmall,
  gateways: 300,
  keyManagers: 300,
  requestsPerSecond: 50_000,
};

const workers = 4;
const wire: Wire = { sameZoneMs: 0.1, otherZoneMs: 0.5, silenceMs: 500 };
/** The pulse of a link looks every so often (link-pulse.ts), and a lost one is dialled again within a second. */
const pulseMs = 100;
const redialMaxMs = 1_000;

/** What a scenario can do to a run. */
export class MeshRun {
  readonly plan: MeshPlan;
  readonly #time = new EventQueue();
  readonly #chance: SeededRandom;
  readonly #tally: Tally;
  readonly #keyManagers: readonly SimulatedKeyManager[];
  readonly #gateways: readonly SimulatedGateway[];
  readonly #seconds: number;
  #load = 1;

  constructor(plan: MeshPlan, seconds: number, seed: number) {
    this.plan = plan;
    this.#seconds = seconds;
    this.#tally = new Tally(seconds, plan.zones);
    const randomOf = (name: string): SeededRandom => new SeededRandom(derivedSeed(seed, name));
    this.#chance = randomOf('chance');
    const loadPerMs = plan.requestsPerSecond / plan.keyManagers / 1_000;
    const serviceMs = (workers * plan.utilisation) / loadPerMs;
    const inFlightMax = workers + Math.ceil((plan.queueMs / serviceMs) * workers);
    const time = this.#time;
    this.#keyManagers = Array.from({ length: plan.keyManagers }, (_, at) => {
      const random = randomOf(`key-manager ${at}`);
      return new SimulatedKeyManager(
        at % plan.zones,
        { workers, serviceMs, inFlightMax },
        time,
        random,
      );
    });
    this.#gateways = Array.from(
      { length: plan.gateways },
      (_, at) =>
        new SimulatedGateway({
          zone: at % plan.zones,
          keyManagers: this.#keyManagers,
          ...{ wire, time, tally: this.#tally },
          random: randomOf(`gateway ${at}`),
          balancer: plan.balancer,
          retries: plan.retries,
        }),
    );
  }

  at(second: number, task: () => void): void {
    this.#time.after(second * 1_000, task);
  }

  loadTimes(times: number): void {
    this.#load = times;
  }

  failIn(zones: readonly number[] | 'all', part: number): void {
    for (const keyManager of this.#keyManagers)
      if (zones === 'all' || zones.includes(keyManager.zone)) keyManager.failing = part;
  }

  /** Power off: gateways notice by silence, each at its own pulse. */
  loseZone(zone: number): void {
    for (const keyManager of this.#keyManagersOf(zone)) keyManager.goDark();
    for (const gateway of this.#gateways)
      this.#time.after(wire.silenceMs + this.#chance.unit() * pulseMs, () =>
        gateway.linksDown(zone),
      );
  }

  /** Power on: gateways dial again, each when its wait is over. Work is slow for `coldMs`. */
  returnZone(zone: number, slowness: number, coldMs: number): void {
    for (const keyManager of this.#keyManagersOf(zone)) {
      keyManager.goLight();
      keyManager.slowness = slowness;
      this.#time.after(coldMs, () => (keyManager.slowness = 1));
    }
    for (const gateway of this.#gateways)
      this.#time.after(this.#chance.unit() * redialMaxMs, () => gateway.linksUp(zone));
  }

  /** Runs to the end and reports. */
  run(scenario: string, seed: number, trouble: MeshReport['trouble']): MeshReport {
    const { zones, gateways, keyManagers, requestsPerSecond } = this.plan;
    for (const gateway of this.#gateways) this.#arrive(gateway);
    this.#time.run(this.#seconds * 1_000);
    // Nothing begins any more; what is under way ends.
    this.#load = 0;
    this.#time.run(this.#seconds * 1_000 + 3_000);
    return {
      ...{ scenario, seed, zones, gateways, keyManagers, requestsPerSecond, trouble },
      seconds: this.#tally.seconds(),
      failures: this.#tally.failures(),
      shed: this.#keyManagers.reduce((total, { shed }) => total + shed, 0),
    };
  }

  /** The next request of a gateway: a Poisson process whose rate is looked at each time. */
  #arrive(gateway: SimulatedGateway): void {
    const meanMs = (1_000 * this.plan.gateways) / (this.plan.requestsPerSecond * this.#load);
    this.#time.after(-Math.log(1 - this.#chance.unit()) * meanMs, () => {
      if (this.#load === 0) return;
      gateway.request();
      this.#arrive(gateway);
    });
  }

  #keyManagersOf(zone: number): readonly SimulatedKeyManager[] {
    return this.#keyManagers.filter((keyManager) => keyManager.zone === zone);
  }
}

/** One scenario from start to end. */
export function simulateMesh(name: MeshScenarioName, plan: MeshPlan, seed: number): MeshReport {
  const scenario: MeshScenario = meshScenarios[name];
  const run = new MeshRun(plan, scenario.seconds, seed);
  scenario.arrange(run);
  return run.run(name, seed, scenario.trouble);
}

/** What the report says against the mesh. */
export function judgeMesh(name: MeshScenarioName, report: MeshReport): readonly string[] {
  return meshScenarios[name].judge(report);
}
