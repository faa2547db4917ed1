// One process of one zone: started, restarted with back-off, killed, paused, continued. What "ready" means is not known here.
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync } from 'node:fs';
import type { Clock } from '@zonehold/primitives';
import type { SupervisedService } from '../region/zones.ts';
import { openLog } from './process-log.ts';
import { RestartBackoff } from './restart-backoff.ts';

/**
 * - `running`     it has a pid
 * - `paused`      stopped by SIGSTOP through the CLI
 * - `backing-off` died, waits for its restart
 * - `killed`      killed through the CLI; stays down until it is started
 * - `failed`      ended with a code that a restart cannot cure
 * - `stopped`     not started, or ended because the region stops
 */
export type ProcessState = 'running' | 'paused' | 'backing-off' | 'killed' | 'failed' | 'stopped';

/** What to run, and where it writes. */
export interface ProcessPlan {
  readonly zone: string;
  readonly service: SupervisedService;
  readonly ports: Readonly<Record<string, number>>;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logPath: string;
  /** Tried before it is started again after it ended by itself. Its sentence goes to the log. */
  readonly mend?: () => Promise<string | undefined>;
  /** Runs before every start. When it throws, a line in the log says so, and the process is started all the same. */
  readonly beforeStart?: () => void;
}

/** BSD's EX_CONFIG: its settings are not sound (service-host settings.ts); the next start would find them the same. */
const settingsExitCode = 78;

export class SupervisedProcess {
  readonly plan: ProcessPlan;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #backoff = new RestartBackoff();
  #state: ProcessState = 'stopped';
  #child: ChildProcess | undefined;
  #startedMs = 0;
  #restarts = 0;
  #isMending = false;
  #lastEnd: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `onChange` is called after every change of state. */
  constructor(plan: ProcessPlan, clock: Clock, onChange: () => void) {
    this.plan = plan;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get state(): ProcessState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How often it was started again after it died by itself. */
  get restarts(): number {
    return this.#restarts;
  }

  /** How the last run ended, for people. */
  get lastEnd(): string | undefined {
    return this.#lastEnd;
  }

  /** Milliseconds since the present run began. */
  uptimeMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  /** Starts it if it does not run, continues it if it is paused. */
  start(): void {
    if (this.#state === 'paused') {
      this.resume();
      return;
    }
    // A restart that mends first is under way: nothing may run on files that are being mended.
    if (this.#isMending) {
      this.#enter('backing-off');
      return;
    }
    if (this.#child !== undefined) return;
    // A restart may be due: two processes on the same files would be worse than none.
    clearTimeout(this.#timer);
    this.#backoff.reset();
    this.#spawn();
  }

  /** SIGKILL, and it stays down. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#enter('killed');
    await this.#end('SIGKILL');
  }

  /** SIGKILL, and it is started again as after any death: for one that hangs. */
  killHung(): void {
    if (this.#state === 'paused') this.#enter('running');
    this.#child?.kill('SIGKILL');
  }

  pause(): void {
    if (this.#child === undefined || this.#state !== 'running') return;
    this.#child.kill('SIGSTOP');
    this.#enter('paused');
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#child?.kill('SIGCONT');
    this.#enter('running');
  }

  /** SIGTERM (after SIGCONT), and SIGKILL when it is still there after `patienceMs`. Resolves when it is gone. */
  async stop(patienceMs: number): Promise<void> {
    this.#enter('stopped');
    this.#child?.kill('SIGCONT');
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), patienceMs);
    await this.#end('SIGTERM');
    clearTimeout(late);
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await gone;
  }

  #spawn(): void {
    const { command, args, cwd, env, logPath } = this.plan;
    this.#prepare();
    const log = openLog(logPath);
    this.#startedMs = this.#clock.monotonicMs();
    // A session of its own: Ctrl-C at the terminal reaches the launcher only, which then stops everything in order.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    child.once('error', (error) => this.#onGone(child, error.message, undefined));
    child.once('exit', (code, signal) =>
      this.#onGone(child, signal ?? `exit code ${code ?? 0}`, code ?? undefined),
    );
    this.#child = child;
    this.#enter('running');
  }

  #prepare(): void {
    try {
      this.plan.beforeStart?.();
    } catch (error) {
      appendFileSync(this.plan.logPath, `Before the start: ${String(error)}\n`);
    }
  }

  #onGone(child: ChildProcess, end: string, code: number | undefined): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#lastEnd = end;
    if (this.#state === 'killed' || this.#state === 'stopped') {
      this.#onChange();
      return;
    }
    if (code === settingsExitCode) {
      this.#enter('failed');
      return;
    }
    this.#enter('backing-off');
    this.#timer = setTimeout(
      () => void this.#restart(),
      this.#backoff.delayAfterRun(this.uptimeMs()),
    );
  }

  async #restart(): Promise<void> {
    this.#isMending = true;
    const remark = await this.plan
      .mend?.()
      .catch((error: unknown) => `It could not be mended: ${String(error)}`);
    this.#isMending = false;
    if (remark !== undefined) appendFileSync(this.plan.logPath, `${remark}\n`);
    // Meanwhile it may have been killed or stopped.
    if (this.#state !== 'backing-off') return;
    this.#restarts += 1;
    this.#spawn();
  }

  #enter(state: ProcessState): void {
    this.#state = state;
    this.#onChange();
  }
}
