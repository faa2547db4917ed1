// sync: the wish that services with registrations hear of the key's state again (reference §7.9).
import { refuseAction } from './action-table.ts';
import { keyState, type Key } from './key.ts';
import { keepOperations } from './repeat.ts';
import { timeForKey } from './time-rules.ts';
import { applied, refused, type PlainChange, type Transition } from './transition.ts';

/** Between the last action of the life cycle, or the last sync, and a sync (reference §23). */
export const syncWaitMs = 3_600_000;

/** Notes when it was wished; the key itself does not change, and neither do its dates. */
export function syncKey(key: Key, input: PlainChange, nowMs: number): Transition {
  const refusal = refuseAction(key, 'sync', nowMs);
  if (refusal !== undefined) return refused(refusal);
  const atMs = timeForKey(key, nowMs);
  const sinceMs = Math.max(lastActedAtMs(key), key.lastSyncedAtMs ?? Number.NEGATIVE_INFINITY);
  if (atMs < sinceMs + syncWaitMs) {
    const earliest = `${new Date(sinceMs + syncWaitMs).toISOString().slice(0, 19)}Z`;
    return refused({ code: 'REQ_TOO_EARLY_ERR', detail: `not before ${earliest}` });
  }
  const operation = applied(input.stamp, 'sync', atMs);
  return {
    ok: true,
    key: { ...key, lastSyncedAtMs: atMs, operations: keepOperations(key.operations, operation) },
  };
}

/** Neither a create nor an expiration is an action of the life cycle. One in the millisecond of the create shows in other members. */
function lastActedAtMs(key: Key): number {
  const wasActedOn =
    key.lastActionAtMs > key.createdAtMs ||
    key.lastRotatedAtMs !== undefined ||
    key.state === keyState.suspended;
  return wasActedOn ? key.lastActionAtMs : Number.NEGATIVE_INFINITY;
}
