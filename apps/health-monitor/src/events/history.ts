// What happened, newest last, and no more of it than a bound. Pure. Ids grow and begin with the life of this process, so that a
// listener who comes back can be told what it missed, or that nobody knows.
export interface MonitorEvent {
  /** `<life>-<number>`. */
  readonly id: string;
  /** ISO time. */
  readonly at: string;
  /**
   * `zone`: a verdict changed. `isolation`: this monitor lost touch with most others, or found it again. `drain`: requests are kept away from
   * the zone by hand (`to` is `begun`), or not any more (`lifted`, `ended`, `outranked`).
   */
  readonly kind: 'zone' | 'isolation' | 'drain';
  /** The zone that it is about. */
  readonly zone: string;
  readonly from: string;
  readonly to: string;
  /** Sentences. */
  readonly reasons: readonly string[];
}

/** A week of a quiet region, an hour of one that flaps. */
export const eventsMax = 1_000;

export class History {
  readonly #life: string;
  readonly #events: MonitorEvent[] = [];
  readonly #listeners = new Set<(event: MonitorEvent) => void>();
  #number = 0;
  /** The first of them is being told. */
  readonly #untold: MonitorEvent[] = [];

  /** `life` differs with each start of the process. */
  constructor(life: string) {
    this.#life = life;
  }

  add(event: Omit<MonitorEvent, 'id'>): void {
    this.#number += 1;
    const whole = { id: `${this.#life}-${this.#number}`, ...event };
    this.#events.push(whole);
    if (this.#events.length > eventsMax) this.#events.shift();
    this.#untold.push(whole);
    // To tell may add more, from within: everybody hears everything in the same order.
    if (this.#untold.length > 1) return;
    for (let next = this.#untold[0]; next !== undefined; next = this.#untold[0]) {
      for (const tell of this.#listeners) tell(next);
      this.#untold.shift();
    }
  }

  /** Everything that is kept, oldest first. */
  all(): readonly MonitorEvent[] {
    return [...this.#events];
  }

  /** What came after the event `id`; undefined when that cannot be said: another life's, or too long ago. */
  after(id: string): readonly MonitorEvent[] | undefined {
    const [life, number, ...rest] = id.split('-');
    const seen = Number(number);
    const oldest = this.#number - this.#events.length;
    if (life !== this.#life || rest.length > 0 || !/^\d{1,15}$/.test(number ?? ''))
      return undefined;
    if (seen < oldest || seen > this.#number) return undefined;
    return this.#events.slice(seen - oldest);
  }

  /** Calls `tell` with each event to come, until the returned function is called. */
  listen(tell: (event: MonitorEvent) => void): () => void {
    this.#listeners.add(tell);
    return () => void this.#listeners.delete(tell);
  }

  /** How many listen now. */
  get listeners(): number {
    return this.#listeners.size;
  }
}
