// What this process's calls to one service have met in the last seconds, zone by zone: a health-monitor asks for it, because
// real requests see what probes do not (mesh reference C). A count per call and quarter of a second, nothing else.
import type { CallCode, MeshObserver, ServiceName } from '@zonehold/mesh';
import type { Clock } from '@zonehold/primitives';
import type { EdgeBookView } from './edge-book.ts';

const bucketMs = 250;
/** Five seconds: short enough that a monitor sees within 3 s that a third of the calls fail. */
const buckets = 20;
/** Failures are over when so many calls since the last one went well, for about a second. One or two may be chance. */
const clearing = { buckets: 4, callsMin: 3 } as const;

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
  /**
   * From the first failure to the last, to a quarter of a second; 0 when calls have gone well since. The same failures are counted for five
   * seconds, and whoever asks twice must not take one lost link for an outage that goes on. Without calls since then it stands: who
   * is ejected is not called, and has not become well by that.
   */
  readonly failedForMs: number;
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
        if (service === this.#service) this.#of(zone).add(failures.has(code), this.#bucket());
      },
    };
  }

  /** The zones that were called lately. */
  counts(): EdgesReply['zones'] {
    const now = this.#bucket();
    const counted = [...this.#byZone].map(([zone, calls]) => [zone, calls.counts(now)] as const);
    return Object.fromEntries(counted.filter(([, { calls }]) => calls > 0));
  }

  #bucket(): number {
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

/** A ring of quarters of a second. */
class ZoneCalls {
  readonly #numbers = new Float64Array(buckets).fill(-1);
  readonly #calls = new Float64Array(buckets);
  readonly #failed = new Float64Array(buckets);

  add(isFailed: boolean, bucket: number): void {
    const at = bucket % buckets;
    if (this.#numbers[at] !== bucket) {
      this.#numbers[at] = bucket;
      this.#calls[at] = 0;
      this.#failed[at] = 0;
    }
    this.#calls[at] = (this.#calls[at] ?? 0) + 1;
    if (isFailed) this.#failed[at] = (this.#failed[at] ?? 0) + 1;
  }

  counts(now: number): CallCounts {
    const total = { calls: 0, failed: 0 };
    let first: number | undefined;
    let last = now;
    let wellSince = 0;
    // Oldest first.
    for (let bucket = Math.max(0, now - buckets + 1); bucket <= now; bucket += 1) {
      const at = bucket % buckets;
      if (this.#numbers[at] !== bucket) continue;
      const [calls, failed] = [this.#calls[at] ?? 0, this.#failed[at] ?? 0];
      total.calls += calls;
      total.failed += failed;
      wellSince += calls;
      if (failed === 0) continue;
      first ??= bucket;
      last = bucket;
      wellSince = 0;
    }
    const isOver = now - last >= clearing.buckets && wellSince >= clearing.callsMin;
    const failedForMs = isOver ? 0 : (last - (first ?? last)) * bucketMs;
    return { ...total, failedForMs };
  }
}
