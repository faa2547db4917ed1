// The rest that work by date gives its process between two pieces of work.
import { mayGoOn } from '../may-go-on.ts';

/** Of its time it works a tenth: each piece of work is followed by nine times as much rest. */
const restShare = 9;
const restMaxMs = 1_000;

/** The rest after a piece of work that took `tookMs`; over at once when `signal` is aborted. */
export function restUntil(signal: AbortSignal): (tookMs: number) => Promise<void> {
  return async (tookMs) => {
    await mayGoOn(Math.min(restMaxMs, tookMs * restShare), signal);
  };
}
