// Work by date: keys expire, rotate and are purged when their time has come, in whichever zone. Finds what is due in the lists of
// the instances and has each key's register decide (docs/schedules.md). Keeps nothing that a crash could lose.
import { isKmsError } from '@zonehold/primitives';
import { InstanceDirectory } from './instance-directory.ts';
import type { SchedulePorts } from './ports.ts';
import { WatchedInstance } from './watched-instance.ts';

/** More than clocks drift between two ticks, less than anybody sets a clock by. */
const jumpMinMs = 1_000;
/** One instance with very many due keys must not hold up all others. */
const parallelMax = 2;

export class ScheduleController {
  readonly #ports: SchedulePorts;
  readonly #directory: InstanceDirectory;
  readonly #watched = new Map<string, WatchedInstance>();
  #offsetMs: number;
  #isForced = false;

  constructor(ports: SchedulePorts) {
    this.#ports = ports;
    this.#directory = new InstanceDirectory(ports);
    this.#offsetMs = offsetOf(ports);
  }

  /**
   * Looks at every instance whose time has come. Cheap when none has. Fails as RegisterStore does when no voter answers; what
   * single instances and keys meet is logged, and tried again. Does nothing by a wrong clock: a purge cannot be taken back. One
   * tick at a time.
   */
  async tick(): Promise<void> {
    if (!this.#ports.isClockRight()) return;
    this.#noticeJump();
    await this.#directory.refresh(this.#isForced);
    this.#isForced = false;
    for (const id of this.#directory.ids) {
      if (!this.#watched.has(id)) this.#watched.set(id, new WatchedInstance(this.#ports, id));
    }
    const due = [...this.#watched].filter(([, instance]) => instance.isDue());
    await Promise.all(Array.from({ length: parallelMax }, () => this.#lookAt(due)));
    this.#measure();
  }

  async #lookAt(due: (readonly [string, WatchedInstance])[]): Promise<void> {
    const { log, signal } = this.#ports;
    for (let next = due.pop(); next !== undefined && !signal.aborted; next = due.pop()) {
      const [instanceId, instance] = next;
      try {
        await instance.look();
      } catch (error) {
        if (!isKmsError(error)) throw error;
        log.warn('schedule.look-failed', { instanceId, error });
      }
    }
  }

  /** Wall time moved by more than time went by: it was set, and what was years away may be due. */
  #noticeJump(): void {
    const offsetMs = offsetOf(this.#ports);
    if (Math.abs(offsetMs - this.#offsetMs) >= jumpMinMs) {
      this.#isForced = true;
      for (const instance of this.#watched.values()) instance.wake();
    }
    this.#offsetMs = offsetMs;
  }

  #measure(): void {
    const { clock, metrics } = this.#ports;
    let oldestMs = Infinity;
    for (const { oldestDueAtMs } of this.#watched.values()) {
      oldestMs = Math.min(oldestMs, oldestDueAtMs);
    }
    const lateMs = Math.max(0, clock.wallMs() - oldestMs);
    metrics.scheduledOldestDue.of({}).set(lateMs / 1_000);
  }
}

function offsetOf({ clock }: SchedulePorts): number {
  return clock.wallMs() - clock.monotonicMs();
}
