// How long this process has seen an intent stand unchanged, by its own monotonic clock: the writer's wall clock may be wrong.
import type { Clock } from '@zonehold/primitives';
import type { ReadErasure } from './erasure-repository.ts';

/** Requests have 5 s at most (service-host, edge-limits.ts); twelve times that. */
export const intentGraceMs = 60_000;
/** Intents that stand without their change are rare; forgetting one only makes it wait again. */
const rememberedMax = 10_000;

export class IntentAges {
  readonly #clock: Clock;
  readonly #firstSeen = new Map<string, { readonly text: string; readonly atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when exactly this text has stood for the grace time under our eyes. */
  isOld({ scope, name, text }: ReadErasure): boolean {
    const nowMs = this.#clock.monotonicMs();
    const place = `${scope}/${name}`;
    const known = this.#firstSeen.get(place);
    if (known?.text === text) return nowMs - known.atMs >= intentGraceMs;
    if (this.#firstSeen.size >= rememberedMax) this.#firstSeen.clear();
    this.#firstSeen.set(place, { text, atMs: nowMs });
    return false;
  }

  forget({ scope, name }: ReadErasure): void {
    this.#firstSeen.delete(`${scope}/${name}`);
  }
}
