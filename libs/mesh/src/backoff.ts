// How long to wait before trying again: exponential with full jitter, so that a crowd that failed together does not come
// back together (mesh reference B4). Pure.
import type { Random } from '@zonehold/primitives';

export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Milliseconds before try number `attempt` (0 is the first repeat): between `baseMs` and min(maxMs, baseMs × 2^(attempt+1)). */
export function backoffMs({ baseMs, maxMs }: Backoff, attempt: number, random: Random): number {
  const ceilingMs = Math.min(maxMs, baseMs * 2 ** Math.min(attempt + 1, 30));
  return baseMs + random.unit() * Math.max(0, ceilingMs - baseMs);
}
