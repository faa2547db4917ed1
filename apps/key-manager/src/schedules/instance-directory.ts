// Which instances there are, from their index (scope `instances`), asked of one voter after another. Instances that were made
// before there was an index are put into it once in the life of each process.
import { isUuidV4 } from '@zonehold/key-domain';
import type { ListMark } from '@zonehold/caspaxos';
import { Deadline, isKmsError } from '@zonehold/primitives';
import { instanceIndexScope } from '../instance-repository.ts';
import type { SchedulePorts } from './ports.ts';

/** A new instance's first key has nothing due for some time. */
const refreshIntervalMs = 30_000;
/** A scan is many pages in a large region. */
const scanTimeoutMs = 60_000;
const noteTimeoutMs = 3_000;

type DirectoryPorts = Pick<
  SchedulePorts,
  'lists' | 'instances' | 'zones' | 'clock' | 'random' | 'rest'
>;

export class InstanceDirectory {
  readonly #ports: DirectoryPorts;
  readonly #marks = new Map<string, ListMark>();
  readonly #ids = new Set<string>();
  #turn: number;
  #refreshAtMs = -Infinity;
  #isComplete = false;

  constructor(ports: DirectoryPorts) {
    this.#ports = ports;
    this.#turn = Math.floor(ports.random.unit() * ports.zones.length);
  }

  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** Asks what is new, if that is due or `isForced`. Fails as RegisterStore does; then what is known stays. */
  async refresh(isForced: boolean): Promise<void> {
    const { clock } = this.#ports;
    if (!isForced && clock.monotonicMs() < this.#refreshAtMs) return;
    await this.#ask();
    if (!this.#isComplete) await this.#completeIndex();
    this.#isComplete = true;
    this.#refreshAtMs = clock.monotonicMs() + refreshIntervalMs;
  }

  async #ask(): Promise<void> {
    const { zones } = this.#ports;
    for (let silent = 1; ; silent += 1) {
      const zone = zones[this.#turn % zones.length] ?? '';
      this.#turn += 1;
      try {
        await this.#askZone(zone);
        return;
      } catch (error) {
        if (!isKmsError(error) || silent >= zones.length) throw error;
      }
    }
  }

  async #askZone(zone: string): Promise<void> {
    const { lists, clock, rest } = this.#ports;
    for (let isComplete = false; !isComplete;) {
      const startedAtMs = clock.monotonicMs();
      const news = await lists.news(instanceIndexScope, zone, this.#marks.get(zone));
      for (const { name, summary } of news.changes) {
        if (summary !== null && isUuidV4(name)) this.#ids.add(name);
      }
      this.#marks.set(zone, news.mark);
      ({ isComplete } = news);
      await rest(clock.monotonicMs() - startedAtMs);
    }
  }

  async #completeIndex(): Promise<void> {
    const { instances, clock, rest } = this.#ports;
    for (const id of await instances.scanIds(Deadline.after(clock, scanTimeoutMs))) {
      if (this.#ids.has(id)) continue;
      const startedAtMs = clock.monotonicMs();
      await instances.noteInIndex(id, Deadline.after(clock, noteTimeoutMs));
      this.#ids.add(id);
      await rest(clock.monotonicMs() - startedAtMs);
    }
  }
}
