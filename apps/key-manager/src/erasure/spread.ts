// Step 1 of an erasure: the key's or instance's record without material is accepted by every acceptor of the region. Before that it is made
// sure that there is such a record; an intent whose change never happened is withdrawn here.
import { destroyMaterial, restoreWindowMs, type KeyRecord } from '@zonehold/key-domain';
import type { RegisterId } from '@zonehold/caspaxos';
import { Deadline } from '@zonehold/primitives';
import { instanceRegister, living } from '../instance-repository.ts';
import { keyRegister, livingKey } from '../key-repository.ts';
import { eraseRegistrations } from './erase-registrations.ts';
import { closedRecord, type ErasureRecord } from './erasure-record.ts';
import type { ReadErasure } from './erasure-repository.ts';
import type { IntentAges } from './intent-ages.ts';
import { stepTimeoutMs, type ErasurePorts } from './ports.ts';
import { readRewrites } from './rewrite-zones.ts';

/** True once `record`'s change has happened: what a majority holds of the key has no material. */
function hasNoMaterial(kind: ErasureRecord['kind'], key: KeyRecord | undefined): boolean {
  if (key === undefined) return false;
  return key.isPurged || (kind === 'deleted' && key.materialDestroyedAtMs !== undefined);
}

/**
 * Takes the step as far as it goes now. `waiting`: a zone is away, or a change may still be under way; try again later. Fails
 * as RegisterStore does, with nothing half done: every part may be repeated.
 */
export async function spread(
  ports: ErasurePorts,
  read: ReadErasure,
  intents: IntentAges,
): Promise<'done' | 'withdrawn' | 'waiting'> {
  const { record } = read;
  if (record.kind === 'instance') {
    if (!(await isShredded(ports, record))) return settleDeletion(ports, read, intents);
  } else if (!hasNoMaterial(record.kind, await destroyed(ports, record))) {
    return settleIntent(ports, read, intents);
  }
  if (record.kind === 'purge' && !(await eraseRegistrations(ports, record))) return 'waiting';
  const register = registerOf(record);
  const { isEverywhere } = await ports.store.reseal(register, soon(ports));
  if (!isEverywhere) return 'waiting';
  // Read after the reseal: a rewrite of a later round starts from a memory that has nothing of it any more.
  const rewrites = await readRewrites(ports, soon(ports));
  const after = Object.fromEntries(ports.zones.map((zone) => [zone, rewrites[zone]?.round ?? 0]));
  const atMs = Math.max(ports.clock.wallMs(), record.requestedAtMs);
  const isOurs = await ports.erasures.replace(
    read,
    { ...record, spread: { atMs, after } },
    soon(ports),
  );
  return isOurs ? 'done' : 'waiting';
}

function registerOf({ kind, instanceId, keyId }: ErasureRecord): RegisterId {
  return kind === 'instance' ? instanceRegister(instanceId) : keyRegister(instanceId, keyId);
}

/** True once the deletion has happened: what a majority holds of the instance has no key. */
async function isShredded(ports: ErasurePorts, { instanceId }: ErasureRecord): Promise<boolean> {
  const record = await ports.instances.read(instanceId, soon(ports));
  return record !== undefined && living(record) === undefined;
}

/** As `settleIntent`, for an instance that still has its key. */
async function settleDeletion(
  ports: ErasurePorts,
  read: ReadErasure,
  intents: IntentAges,
): Promise<'withdrawn' | 'waiting'> {
  if (!intents.isOld(read)) return 'waiting';
  const { record } = read;
  await ports.store.reseal(registerOf(record), soon(ports));
  if (await isShredded(ports, record)) return 'waiting';
  const isOurs = await ports.erasures.replace(read, closedRecord(record, 'withdrawn'), soon(ports));
  if (!isOurs) return 'waiting';
  ports.log.info('erasure.withdrawn', { instanceId: record.instanceId, kind: record.kind });
  return 'withdrawn';
}

/** The key as a majority holds it, its material destroyed where the erasure is to do that itself. */
async function destroyed(
  ports: ErasurePorts,
  { kind, instanceId, keyId }: ErasureRecord,
): Promise<KeyRecord | undefined> {
  const [found] = await ports.keys.read(instanceId, [keyId], soon(ports));
  if (kind === 'purge' || hasNoMaterial(kind, found)) return found;
  const nowMs = ports.clock.wallMs();
  return ports.keys.change<KeyRecord | undefined>(
    instanceId,
    keyId,
    (current) => {
      const key = livingKey(current);
      const outcome = key === undefined ? undefined : destroyMaterial(key, nowMs);
      return outcome?.kind === 'destroyed'
        ? { kind: 'write', record: outcome.key, result: outcome.key }
        : { kind: 'keep', result: current };
    },
    soon(ports),
  );
}

/**
 * The key still has its material. Perhaps the purge is under way: no request lives as long as an intent is left alone. Then it
 * is fenced: a round above all others makes sure that no accept of a dead request can still succeed, and only what holds after
 * that counts.
 */
async function settleIntent(
  ports: ErasurePorts,
  read: ReadErasure,
  intents: IntentAges,
): Promise<'withdrawn' | 'waiting'> {
  if (!intents.isOld(read)) return 'waiting';
  const { record } = read;
  const { instanceId, keyId, kind } = record;
  await ports.store.reseal(keyRegister(instanceId, keyId), soon(ports));
  const [key] = await ports.keys.read(instanceId, [keyId], soon(ports));
  if (hasNoMaterial(kind, key)) return 'waiting';
  const isGoneBefore = hasNoMaterial('deleted', key);
  // A purge that never happened may have taken the place of an erasure of the deleted key. That goes on: here when the material
  // was destroyed already, from the calendar when it was not.
  const deletedAtMs = livingKey(key)?.deletedAtMs;
  if (key !== undefined && !isGoneBefore && deletedAtMs !== undefined) {
    const dueAtMs = deletedAtMs + restoreWindowMs + 1;
    await ports.erasures.schedule(key, ports.clock.wallMs(), dueAtMs, soon(ports));
  }
  const next: ErasureRecord = isGoneBefore
    ? { ...restarted(record), kind: 'deleted' }
    : closedRecord(record, 'withdrawn');
  const isOurs = await ports.erasures.replace(read, next, soon(ports));
  if (!isOurs || isGoneBefore) return 'waiting';
  ports.log.info('erasure.withdrawn', { instanceId, keyId, kind });
  return 'withdrawn';
}

function restarted(record: ErasureRecord): ErasureRecord {
  const { instanceId, keyId, kind, requestedAtMs, dueAtMs } = record;
  return { instanceId, keyId, kind, requestedAtMs, dueAtMs };
}

function soon({ clock }: ErasurePorts): Deadline {
  return Deadline.after(clock, stepTimeoutMs);
}
