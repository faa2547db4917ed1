// DELETE /key_rings/id: refused while the ring holds keys; with `force`, while it holds keys that are not Destroyed.
//
// What is in the ring is looked up before the round that ends it. A key that was in it when the request came is seen (docs/listing.md);
// one that enters meanwhile, in whichever zone, is in `default` once the ring has ended, as the Destroyed keys of a forced delete
// are: no key is lost and none is left in a ring that is not there (key-domain's key-rings.ts).
import type { ForceQuery, OperationReply } from '@zonehold/api-contract';
import {
  deleteKeyRing as deleteRing,
  findKeyRing,
  keyState,
  keyStates,
  nameKeyRing,
  type KeyRings,
  type KeyRingTransition,
} from '@zonehold/key-domain';
import { changeKeyRings } from '../key-ring-change.ts';
import { noContent, stampOf, type InstanceCall, type OperationPorts } from '../operation.ts';

const statesButDestroyed = keyStates.filter((state) => state !== keyState.destroyed);

/** 204 (reference §12). */
export function deleteKeyRing(ports: OperationPorts, call: InstanceCall): Promise<OperationReply> {
  const { request, keyRings, nowMs } = call;
  const id = request.subRef ?? '';
  const input = { id, stamp: stampOf(request) };
  const seen = findKeyRing(keyRings, id)?.number;
  const transition = (rings: KeyRings): KeyRingTransition => {
    // Another ring may have got the id meanwhile: nobody has looked into that one.
    const isAnother = seen !== undefined && findKeyRing(rings, id)?.number !== seen;
    return isAnother
      ? { ok: false, refusal: { code: 'KEY_RING_NOT_FOUND_ERR' } }
      : deleteRing(rings, input, nowMs);
  };
  return changeKeyRings(ports, call, {
    action: 'delete-ring',
    transition,
    done: noContent,
    refuseBefore: async () =>
      (await holdsKeys(ports, call, id)) ? { code: 'KEY_RING_NOT_EMPTY_ERR' } : undefined,
  });
}

/** True for a ring with keys that would be in its way: any, or with `force` those that are not Destroyed. */
async function holdsKeys(ports: OperationPorts, call: InstanceCall, id: string): Promise<boolean> {
  const { request, instance, keyRings, nowMs, deadline } = call;
  const { isForced } = request.query as ForceQuery;
  const states = isForced ? statesButDestroyed : keyStates;
  const name = nameKeyRing(keyRings, id);
  const selection = {
    states,
    within: { names: name === undefined ? [] : [name], rings: keyRings },
  };
  for await (const slice of ports.index.slices(instance.instanceId, deadline)) {
    if (slice.tally.count(selection, nowMs) > 0) return true;
  }
  return false;
}
