// What this process's calls to one service have met in the last seconds, zone by zone: a health-monitor asks for it, because
// real requests see what probes do not (mesh reference C). A count per call and second, nothing else.
import type { CallCode, MeshObserver, ServiceName } from '@zonehold/mesh';
import type { Clock } from '@zonehold/primitives';
import type { EdgeBookView } from './edge-book.ts';

const bucketMs = 1_000;
/** Short enough that a monitor sees within 3 s that a third of the calls fail. */
const buckets = 5;

/**
 * What speaks against the zone that was called. Not OVERLOADED: a zone that sheds load is not helped by losing its place, and the
 * others would be next.
 */
const failures: ReadonlySet<CallCode> = new Set([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'LINK_LOST',
  'SEALED',
  'PROTOCOL',
  'INTERNAL',
]);

/** Whether a call that ended so speaks against the zone that was called. */
export function isFailure(code: CallCode): boolean {
  return failures.has(code);
}

/** Of one zone. */
export interface CallCounts {
  readonly calls: number;
  readonly failed: number;
}

/** `GET /edges` on a gateway's ops port. */
export interface EdgesReply {
  readonly zones: Readonly<Record<string, CallCounts>>;
  /** The same calls as people want to see them. */
  readonly book: EdgeBookView;
}

export class RecentCalls {
  readonly #service: ServiceName;
  readonly #clock: Clock;
  readonly #byZone = new Map<string, ZoneCalls>();

  constructor(service: ServiceName, clock: Clock) {
    this.#service = service;
    this.#clock = clock;
  }

  /** `observer`, and this beside it. */
  watching(observer: MeshObserver): MeshObserver {
    return {
      ...observer,
      attemptEnded: (service, zone, method, code, durationMs) => {
        observer.attemptEnded(service, zone, method, code, durationMs);
        if (service === this.#service) this.#of(zone).add(failures.has(code), this.#second());
      },
    };
  }

  /** The zones that were called lately. */
  counts(): EdgesReply['zones'] {
    const now = this.#second();
    const counted = [...this.#byZone].map(([zone, calls]) => [zone, calls.counts(now)] as const);
    return Object.fromEntries(counted.filter(([, { calls }]) => calls > 0));
  }

  #second(): number {
    return Math.floor(this.#clock.monotonicMs() / bucketMs);
  }

  #of(zone: string): ZoneCalls {
    const known = this.#byZone.get(zone);
    if (known !== undefined) return known;
    const fresh = new ZoneCalls();
    this.#byZone.set(zone, fresh);
    return fresh;
  }
}

/** A ring of seconds. */
class ZoneCalls {
  readonly #seconds = new Float64Array(buckets).fill(-1);
  readonly #calls = new Float64Array(buckets);
  readonly #failed = new Float64Array(buckets);

  add(isFailed: boolean, second: number): void {
    const at = second % buckets;
    if (this.#seconds[at] !== second) {
      this.#seconds[at] = second;
      this.#calls[at] = 0;
      this.#failed[at] = 0;
    }
    this.#calls[at] = (this.#calls[at] ?? 0) + 1;
    if (isFailed) this.#failed[at] = (this.#failed[at] ?? 0) + 1;
  }

  counts(now: number): CallCounts {
    let calls = 0;
    let failed = 0;
    for (const [at, second] of this.#seconds.entries()) {
      if (now - second >= buckets) continue;
      calls += this.#calls[at] ?? 0;
      failed += this.#failed[at] ?? 0;
    }
    return { calls, failed };
  }
}
