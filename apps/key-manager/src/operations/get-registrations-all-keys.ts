// GET /keys/registrations: which resources the keys of an instance protect, or those of the rings that are named or the caller's.
import type { OperationReply } from '@zonehold/api-contract';
import { isWithin, type RingName } from '@zonehold/key-domain';
import { refuse, type InstanceCall, type OperationPorts } from '../operation.ts';
import type { ListedRegistration } from '../registration-index.ts';
import { refuseLook, replyWithRegistrations, selectRegistrations } from '../registration-page.ts';
import { visibleRings } from './list-keys.ts';

/** 200 with one page (reference §11.1), in the order of the keys' ids. Deleted keys' are among them, purged keys' are not. */
export async function getRegistrationsAllKeys(
  ports: OperationPorts,
  call: InstanceCall,
): Promise<OperationReply> {
  const refusal = refuseLook(call);
  if (refusal !== undefined) return refuse(refusal);
  const within = visibleRings(call);
  const isInRing = (key: RingName): boolean => within === undefined || isWithin(key, within);
  const selected = await selectRegistrations(ports, call, undefined);
  const seen = await ofSeenKeys(ports, call, selected, isInRing);
  return replyWithRegistrations(ports, call, seen, isInRing);
}

/** Which keys there are, and in which rings, the list of keys says: a registration may outlive a purge until that has erased it. */
async function ofSeenKeys(
  ports: OperationPorts,
  { instance, deadline }: InstanceCall,
  selected: readonly ListedRegistration[],
  isInRing: (key: RingName) => boolean,
): Promise<readonly ListedRegistration[]> {
  const wanted = new Set(selected.map(({ keyId }) => keyId));
  if (wanted.size === 0) return selected;
  const seen = new Set<string>();
  for await (const slice of ports.index.slices(instance.instanceId, deadline)) {
    for (const { id, summary } of slice.keys) {
      if (wanted.has(id) && isInRing(summary)) seen.add(id);
    }
  }
  return selected.filter(({ keyId }) => seen.has(keyId));
}
