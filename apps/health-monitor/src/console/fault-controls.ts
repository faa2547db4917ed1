// The console's hand on the directory of fault rules. The directory is looked at once a second, and after each order.
import { addFault, clearFaults, faultText, listFaults, type FaultRule } from '@zonehold/faults';
import type { Clock, Random } from '@zonehold/primitives';
import type { FaultControls, FaultOrder, Refusal } from './controls.ts';
import { presetViews, specsOf } from './fault-presets.ts';
import type { FaultView } from './state.ts';

const lookIntervalMs = 1_000;

export class DirectoryFaults implements FaultControls {
  readonly presets = presetViews;
  readonly #dir: string;
  readonly #zones: readonly string[];
  readonly #clock: Clock;
  readonly #random: Random;
  #rules: readonly FaultRule[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    dir: string,
    options: { readonly zones: readonly string[]; readonly clock: Clock; readonly random: Random },
  ) {
    this.#dir = dir;
    this.#zones = options.zones;
    this.#clock = options.clock;
    this.#random = options.random;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), lookIntervalMs);
    void this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  list(): readonly FaultView[] {
    return this.#rules.map((rule) => ({
      ...{ id: rule.id, text: faultText(rule), reason: rule.reason, endsAt: rule.expiresAt },
    }));
  }

  async add(order: FaultOrder): Promise<Refusal> {
    const specs = specsOf(order, this.#zones);
    if (specs === undefined) return `There is no fault ${order.preset} of ${order.zone}.`;
    return this.#within(async () => {
      const ids: string[] = [];
      for (const spec of specs) {
        const added = await addFault(this.#dir, spec, this.#clock, this.#random);
        if (added.ok) ids.push(added.rule.id);
        else {
          // What is refused is not half in force.
          for (const id of ids) await clearFaults(this.#dir, { id });
          return added.problems.join(' ');
        }
      }
      return undefined;
    });
  }

  async clear(id: string | undefined): Promise<Refusal> {
    return this.#within(async () => {
      const ended = await clearFaults(this.#dir, id === undefined ? 'all' : { id });
      return id !== undefined && ended.length === 0 ? `There is no fault ${id}.` : undefined;
    });
  }

  /** Reads the directory. One that cannot be read says nothing new. */
  async look(): Promise<void> {
    try {
      this.#rules = await listFaults(this.#dir, this.#clock);
    } catch {
      // The next look comes soon; an order says what is wrong.
    }
  }

  /** A directory that cannot be used refuses; it does not end the monitor. */
  async #within(work: () => Promise<Refusal>): Promise<Refusal> {
    try {
      return await work();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return `The directory of faults cannot be used (${code ?? 'unknown reason'}).`;
    } finally {
      await this.look();
    }
  }
}
