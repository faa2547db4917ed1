// One monitor among the others: asks each for its word four times a second, counts the verdicts, and gives its own word.
// Asking is a port; nothing here knows of frames or sockets.
import type { DrainRequest } from '@zonehold/api-contract';
import type { Clock } from '@zonehold/primitives';
import {
  Drains,
  hasSlept,
  refusalOfDrain,
  type ActiveDrain,
  type DrainChange,
} from '../drains/drains.ts';
import type { Moment, ProbeResult, ZoneView } from '../zone-view.ts';
import { adviceOf, type Advice } from './advice.ts';
import { electorateOf, heardZones, type Electorate, type HeardWord } from './electorate.ts';
import { trafficResults, type ZoneTraffic } from './traffic.ts';
import { Verdicts, type Verdict, type VerdictChange } from './verdicts.ts';
import type { Word } from './word.ts';

/** Often enough that a lost word or two do not isolate anybody (`wordLifeMs`). */
export const pullIntervalMs = 250;

export const cannotTell = 'This monitor is not in touch with most others, and cannot tell.';

export interface ObserversOptions {
  /** The zone of this monitor. */
  readonly self: string;
  readonly zones: readonly string[];
  readonly clock: Clock;
  /** What this monitor sees with its own eyes. */
  readonly ownView: () => readonly ZoneView[];
  /** The word of another zone's monitor. Rejects when it cannot be had in time. */
  readonly ask: (zone: string) => Promise<Word>;
  /** What the gateway of the own zone has met lately; undefined when it does not say. */
  readonly askTraffic: () => Promise<Readonly<Record<string, ZoneTraffic>> | undefined>;
  readonly onChange: (changes: readonly VerdictChange[]) => void;
  /** This monitor lost touch with most others, or found it again. */
  readonly onIsolation: (isIsolated: boolean) => void;
  /** A drain began, was lifted, or is over. */
  readonly onDrains: (changes: readonly DrainChange[]) => void;
}

export class Observers {
  readonly #options: ObserversOptions;
  readonly #peers: readonly string[];
  readonly #verdicts: Verdicts;
  readonly #drainsKept: Drains;
  readonly #heard = new Map<string, HeardWord>();
  readonly #asking = new Set<string>();
  #traffic: Readonly<Record<string, ZoneTraffic>> = {};
  /** As everybody is at first. */
  #wasIsolated = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ObserversOptions) {
    this.#options = options;
    this.#peers = options.zones.filter((zone) => zone !== options.self);
    this.#verdicts = new Verdicts(options.zones, this.#now());
    this.#drainsKept = new Drains(options.zones);
  }

  start(): void {
    this.#timer = setInterval(() => void this.tick(), pullIntervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Asks everybody who does not owe an answer, and counts: first what is known now, then with each word that comes. */
  async tick(): Promise<void> {
    this.#count();
    this.#tellDrains();
    await Promise.all([
      ...this.#peers.map((zone) => this.#once(zone, () => this.#askWord(zone))),
      this.#once('', () => this.#askTraffic()),
    ]);
  }

  /** This monitor's own word, as of now. */
  word(): Word {
    return { ...this.#ownWord(), isIsolated: this.electorate().isIsolated };
  }

  /** Who counts now, and whether this monitor may count at all. */
  electorate(): Electorate {
    const { zones, clock } = this.#options;
    const heard = [...this.#heard.values()];
    return electorateOf(this.#ownWord(), heard, zones.length, clock.monotonicMs());
  }

  /** Counted anew: after this process was stopped, what it last counted is not worth anything. */
  verdicts(): readonly Verdict[] {
    this.#count();
    return this.lastVerdicts();
  }

  /** As they were last counted; for who is told of a change. */
  lastVerdicts(): readonly Verdict[] {
    return this.#verdicts.all(this.#options.clock.monotonicMs());
  }

  advice(): Advice {
    const drained = this.drains().map(({ zone }) => zone);
    return adviceOf(this.verdicts(), drained, this.#options.clock.wallMs());
  }

  /** Those in force. */
  drains(): readonly ActiveDrain[] {
    return this.#drains.active(this.#options.clock.monotonicMs());
  }

  /** Begins a drain, or says why not. The same `id` twice is one drain. */
  drain({ id, zone, reason, lengthMs }: DrainRequest): string | undefined {
    const now = this.#now();
    const verdicts = this.verdicts();
    if (this.electorate().isIsolated) return cannotTell;
    if (this.#drains.knows(id)) return undefined;
    const drained = this.drains().map((drain) => drain.zone);
    const refusal = refusalOfDrain(zone, verdicts, drained);
    if (refusal !== undefined) return refusal;
    if (this.#drains.isFull) return 'Too many drains are remembered; the oldest end by themselves.';
    const drain = { id, zone, reason, startedWallMs: now.wallMs };
    const told = { ...drain, remainingMs: lengthMs, isLifted: false };
    this.#drains.learn([told], now.monotonicMs, now.monotonicMs);
    this.#tellDrains();
    return undefined;
  }

  /** Ends the drain of a zone for all monitors, or says why not. */
  undrain(zone: string): string | undefined {
    // Nobody would hear of it, and who asks would believe it.
    if (this.electorate().isIsolated) return cannotTell;
    if (!this.#drains.lift(zone, this.#now().monotonicMs))
      return `The zone ${zone} is not drained.`;
    this.#tellDrains();
    return undefined;
  }

  /** The latest word of each other monitor that is still fresh. */
  words(): readonly Word[] {
    const fresh = new Set(this.#hears());
    return [...this.#heard.values()]
      .map(({ word }) => word)
      .filter(({ observer }) => fresh.has(observer));
  }

  /** What the gateways of all monitors that count have met, zone by zone. */
  trafficResults(): ProbeResult[] {
    const { zones } = this.#options;
    const counts = this.electorate().words.map(
      ({ observer, traffic }) => [observer, traffic] as const,
    );
    return trafficResults(zones, Object.fromEntries(counts));
  }

  get #drains(): Drains {
    this.#drainsKept.mind(this.#now());
    return this.#drainsKept;
  }

  #ownWord(): Word {
    const { self, ownView } = this.#options;
    const zones = Object.fromEntries(ownView().map(({ zone, state }) => [zone, state]));
    const traffic = this.#traffic;
    const drains = this.#drains.told(this.#options.clock.monotonicMs());
    return { observer: self, isIsolated: false, hears: this.#hears(), zones, traffic, drains };
  }

  #hears(): string[] {
    return heardZones([...this.#heard.values()], this.#options.clock.monotonicMs());
  }

  #count(): void {
    const { onChange, onIsolation } = this.#options;
    const electorate = this.electorate();
    if (electorate.isIsolated !== this.#wasIsolated) {
      this.#wasIsolated = electorate.isIsolated;
      onIsolation(electorate.isIsolated);
    }
    const changes = this.#verdicts.count(electorate, this.#now());
    if (changes.length > 0) onChange(changes);
  }

  async #once(name: string, ask: () => Promise<void>): Promise<void> {
    if (this.#asking.has(name)) return;
    this.#asking.add(name);
    try {
      await ask();
    } finally {
      this.#asking.delete(name);
    }
  }

  async #askWord(zone: string): Promise<void> {
    const asked = this.#now();
    const askedAtMs = asked.monotonicMs;
    try {
      const word = await this.#options.ask(zone);
      // It may have waited for as long as this machine slept; the next question comes soon.
      if (hasSlept(asked, this.#now())) return;
      this.#heard.set(zone, { word, askedAtMs });
      this.#drains.learn(word.drains, askedAtMs, this.#options.clock.monotonicMs());
    } catch {
      // Not heard: the last word ages, and the next question comes soon.
      return;
    }
    this.#tellDrains();
    this.#count();
  }

  #tellDrains(): void {
    const changes = this.#drains.changes(this.#options.clock.monotonicMs());
    if (changes.length > 0) this.#options.onDrains(changes);
  }

  async #askTraffic(): Promise<void> {
    this.#traffic = (await this.#options.askTraffic()) ?? {};
  }

  #now(): Moment {
    const { clock } = this.#options;
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
  }
}
