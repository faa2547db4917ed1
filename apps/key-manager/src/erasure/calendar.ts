// Deleted keys whose restore window has closed: from the calendar (scope `erasure-later`) to the work (scope `erasure`). Keys
// that were restored, deleted anew or purged meanwhile are found out here; restore itself knows nothing of erasure.
import { restoreWindowMs } from '@zonehold/key-domain';
import { Deadline } from '@zonehold/primitives';
import { keyRegister, livingKey } from '../key-repository.ts';
import { closedRecord, type Closed } from './erasure-record.ts';
import type { ListedErasure, ReadErasure } from './erasure-repository.ts';
import type { IntentAges } from './intent-ages.ts';
import { stepTimeoutMs, type ErasurePorts } from './ports.ts';

/** Of one look at the calendar; the next look takes the next ones. */
export const dueMax = 200;

/** Those of `listed` whose time has come, and those of which only the register can say; oldest first, cut to `dueMax`. */
export function dueAmong(
  listed: readonly ListedErasure[],
  nowMs: number,
): readonly ListedErasure[] {
  const dueAtOf = ({ summary }: ListedErasure): number => summary?.dueAtMs ?? -Infinity;
  return listed
    .filter((entry) => dueAtOf(entry) <= nowMs)
    .toSorted((left, right) => dueAtOf(left) - dueAtOf(right))
    .slice(0, dueMax);
}

/** Moves one entry on. Fails as RegisterStore does; every part may be repeated. */
export async function callUp(
  ports: ErasurePorts,
  read: ReadErasure,
  intents: IntentAges,
): Promise<void> {
  const { record } = read;
  const nowMs = ports.clock.wallMs();
  if (record.dueAtMs > nowMs) return;
  const { instanceId, keyId } = record;
  const [found] = await ports.keys.read(instanceId, [keyId], soon(ports));
  const key = livingKey(found);
  if (key === undefined) return settleAlive(ports, read, intents, found?.isPurged === true);
  if (key.materialDestroyedAtMs !== undefined) return close(ports, read);
  if (key.deletedAtMs === undefined) return settleAlive(ports, read, intents, false);
  const dueAtMs = key.deletedAtMs + restoreWindowMs + 1;
  if (dueAtMs > nowMs) {
    // Deleted anew after a restore, or by a clock ahead of ours.
    await ports.erasures.replace(read, { ...record, dueAtMs }, soon(ports));
    return;
  }
  await ports.erasures.open(record, soon(ports));
  await close(ports, read, 'called-up');
}

/** As in spread.ts: only what holds after a fence, and an intent that has stood long enough, may be dropped. */
async function settleAlive(
  ports: ErasurePorts,
  read: ReadErasure,
  intents: IntentAges,
  isPurged: boolean,
): Promise<void> {
  // A purge is for ever, and has an erasure of its own.
  if (isPurged) return close(ports, read);
  if (!intents.isOld(read)) return;
  const { instanceId, keyId } = read.record;
  await ports.store.reseal(keyRegister(instanceId, keyId), soon(ports));
  const [found] = await ports.keys.read(instanceId, [keyId], soon(ports));
  if (livingKey(found)?.deletedAtMs === undefined) await close(ports, read);
}

async function close(
  ports: ErasurePorts,
  read: ReadErasure,
  closed: Closed = 'withdrawn',
): Promise<void> {
  await ports.erasures.replace(read, closedRecord(read.record, closed), soon(ports));
}

function soon({ clock }: ErasurePorts): Deadline {
  return Deadline.after(clock, stepTimeoutMs);
}
