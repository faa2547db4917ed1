// All processes of the region together: started in parallel, stopped in order, written down in processes.json.
import type { Clock } from '@zonehold/primitives';
import { writeDurably } from '../region/durable-file.ts';
import { serviceNames, type SupervisedService } from '../region/zones.ts';
import { SupervisedProcess, type ProcessPlan, type ProcessState } from './supervised-process.ts';

/** service-host gives a drain 5 s; a little more before SIGKILL. */
const stopPatienceMs = 6_500;

/** What is told about one process. */
export interface ProcessView {
  readonly zone: string;
  readonly service: SupervisedService;
  /** null while it does not run. */
  readonly pid: number | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly state: ProcessState;
  readonly restarts: number;
  /** How the last run ended; null when it never did. */
  readonly lastEnd: string | null;
}

/** Order of a stop: those who take requests first, those who keep the data last. */
const stopOrder: readonly (readonly SupervisedService[])[] = [
  ['gateway'],
  ['key-manager', 'health-monitor'],
  ['crypto-worker'],
  ['redis'],
];

export class Supervisor {
  readonly #processes: SupervisedProcess[];
  readonly #processesPath: string;
  readonly #clock: Clock;
  #isWriteDue = false;

  constructor(plans: readonly ProcessPlan[], processesPath: string, clock: Clock) {
    this.#processesPath = processesPath;
    this.#clock = clock;
    this.#processes = plans.map((plan) => this.#supervise(plan));
  }

  get processes(): readonly SupervisedProcess[] {
    return this.#processes;
  }

  /** One more process, not started yet; it is shown beside the others of its kind in its zone. */
  add(plan: ProcessPlan): SupervisedProcess {
    const process = this.#supervise(plan);
    const last = this.#processes.findLastIndex(
      (other) => other.plan.zone === plan.zone && other.plan.service === plan.service,
    );
    this.#processes.splice(last + 1, 0, process);
    return process;
  }

  /** Stops it in order, and forgets it. */
  async retire(process: SupervisedProcess): Promise<void> {
    await process.stop(stopPatienceMs);
    const position = this.#processes.indexOf(process);
    if (position >= 0) this.#processes.splice(position, 1);
    this.#scheduleWrite();
  }

  /** Stops those that run, in order, and starts them again. */
  async restart(processes: readonly SupervisedProcess[]): Promise<void> {
    const running = processes.filter(({ state }) => state === 'running');
    await Promise.all(
      running.map(async (process) => {
        await process.stop(stopPatienceMs);
        process.start();
      }),
    );
  }

  /** The processes of a zone (all zones without), of these services (all without). */
  select(
    zone?: string,
    services: readonly SupervisedService[] = serviceNames,
  ): readonly SupervisedProcess[] {
    return this.processes.filter(
      ({ plan }) => (zone === undefined || plan.zone === zone) && services.includes(plan.service),
    );
  }

  start(...services: SupervisedService[]): void {
    for (const process of this.select(undefined, services)) process.start();
  }

  /** Gateways drain, then key-managers and monitors, then crypto-workers, then Redis. Resolves when all are gone. */
  async stopAll(): Promise<void> {
    // Nothing that is paused may hold up the drain of another.
    for (const process of this.processes) process.resume();
    for (const services of stopOrder) {
      const group = this.select(undefined, services);
      await Promise.all(group.map((process) => process.stop(stopPatienceMs)));
    }
    this.#write();
  }

  views(): ProcessView[] {
    return this.processes.map((process) => ({
      zone: process.plan.zone,
      service: process.plan.service,
      pid: process.pid ?? null,
      ports: process.plan.ports,
      state: process.state,
      restarts: process.restarts,
      lastEnd: process.lastEnd ?? null,
    }));
  }

  #supervise(plan: ProcessPlan): SupervisedProcess {
    return new SupervisedProcess(plan, this.#clock, () => this.#scheduleWrite());
  }

  /** Once per event-loop turn: a start of fifteen is one write. */
  #scheduleWrite(): void {
    if (this.#isWriteDue) return;
    this.#isWriteDue = true;
    setImmediate(() => this.#write());
  }

  #write(): void {
    this.#isWriteDue = false;
    writeDurably(this.#processesPath, `${JSON.stringify(this.views(), null, 2)}\n`);
  }
}
