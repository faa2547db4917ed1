// The part of a purge's first step that is about registrations: whom the key protected leaves every acceptor too. A record that is on
// its way out keeps its line in the list until every acceptor holds it without the resource, so that no crash loses sight of it.
import { erasedRegistration } from '@zonehold/key-domain';
import { Deadline } from '@zonehold/primitives';
import {
  registrationPrefix,
  registrationRegister,
  registrationScope,
} from '../registration-repository.ts';
import type { ErasureRecord } from './erasure-record.ts';
import { stepTimeoutMs, type ErasurePorts } from './ports.ts';

/** Taken at once; each is three rounds, and requests come first. */
const batchMax = 8;

type PurgedKey = Pick<ErasureRecord, 'instanceId' | 'keyId'>;

/**
 * True when no acceptor holds a registration of the purged key any more; false when a zone is away. Nothing new comes: the key was
 * deleted for hours before it was purged, and no request lives that long. Fails as RegisterStore does, with nothing half done: every part may be repeated.
 */
export async function eraseRegistrations(ports: ErasurePorts, key: PurgedKey): Promise<boolean> {
  const names = await listedNames(ports, key);
  for (let at = 0; at < names.length; at += batchMax) {
    const batch = names.slice(at, at + batchMax);
    const erased = await Promise.all(batch.map((name) => eraseOne(ports, key.instanceId, name)));
    if (erased.includes(false)) return false;
  }
  return true;
}

/** Those in doubt too. */
async function listedNames(
  ports: ErasurePorts,
  { instanceId, keyId }: PurgedKey,
): Promise<readonly string[]> {
  const prefix = registrationPrefix(keyId);
  const view = await ports.store.list(registrationScope(instanceId), soon(ports));
  const names: string[] = [];
  let part = view.next(prefix);
  while (part !== undefined) {
    part.visit((name) => {
      if (name.startsWith(prefix)) names.push(name);
    });
    part = part.lastName.startsWith(prefix) ? view.next(part.lastName) : undefined;
  }
  return names;
}

/** Without the resource, but listed; then so everywhere; then not listed. */
async function eraseOne(ports: ErasurePorts, instanceId: string, name: string): Promise<boolean> {
  const isThere = await ports.registrations.change<boolean>(
    instanceId,
    name,
    (current) => {
      if (current === undefined) return { kind: 'keep', result: false };
      if (current.isDeleted && current.isErasing === true) return { kind: 'keep', result: true };
      const record = { ...erasedRegistration(current), isErasing: true } as const;
      return { kind: 'write', record, result: true };
    },
    soon(ports),
  );
  if (!isThere) return true;
  const register = registrationRegister(instanceId, name);
  const { isEverywhere } = await ports.store.reseal(register, soon(ports));
  if (!isEverywhere) return false;
  await ports.registrations.change<undefined>(
    instanceId,
    name,
    (current) =>
      current?.isDeleted === true && current.isErasing === true
        ? { kind: 'write', record: erasedRegistration(current), result: undefined }
        : { kind: 'keep', result: undefined },
    soon(ports),
  );
  return true;
}

function soon({ clock }: ErasurePorts): Deadline {
  return Deadline.after(clock, stepTimeoutMs);
}
