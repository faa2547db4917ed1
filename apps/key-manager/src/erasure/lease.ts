// A soft lease: one key-manager at a time does the work that any could do. It saves work and protects nothing: every step
// that it covers is idempotent and a write over what was read, so two holders (clocks differ) only do some of it twice.
import type { RegisterId, RegisterStore } from '@zonehold/caspaxos';
import type { Deadline } from '@zonehold/primitives';

interface Lease {
  readonly holder: string;
  readonly untilMs: number;
}

/** A holder that dies is followed after this. */
export const leaseMs = 20_000;

/** True when `holder` has the lease now: it had it, it was free, or it had run out. Renewed when less than half is left. */
export async function takeLease(
  store: RegisterStore,
  id: RegisterId,
  holder: string,
  nowMs: number,
  deadline: Deadline,
): Promise<boolean> {
  const { result } = await store.change<boolean>(
    id,
    (current) => {
      const lease = current === null ? undefined : (JSON.parse(current) as Lease);
      // Further ahead than any lease is given for: its holder's clock was wrong.
      const leftMs = lease === undefined ? 0 : lease.untilMs - nowMs;
      const isTaken = leftMs > 0 && leftMs <= 2 * leaseMs;
      if (isTaken && lease?.holder !== holder) return { kind: 'keep', result: false };
      if (isTaken && leftMs > leaseMs / 2) return { kind: 'keep', result: true };
      const value = JSON.stringify({ holder, untilMs: nowMs + leaseMs } satisfies Lease);
      return { kind: 'write', value, summary: null, result: true };
    },
    deadline,
  );
  return result;
}
