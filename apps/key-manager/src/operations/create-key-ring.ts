// POST /key_rings/id: a ring more, in the one register of an instance's rings.
import type { OperationReply } from '@zonehold/api-contract';
import { createKeyRing as createRing } from '@zonehold/key-domain';
import { changeKeyRings } from '../key-ring-change.ts';
import { stampOf, type InstanceCall, type OperationPorts } from '../operation.ts';

/** 201 without a body (reference §12); the same for a repeat. */
export function createKeyRing(ports: OperationPorts, call: InstanceCall): Promise<OperationReply> {
  const { request, nowMs } = call;
  const input = {
    id: request.subRef ?? '',
    createdBy: request.caller.iamId,
    stamp: stampOf(request),
  };
  return changeKeyRings(ports, call, {
    action: 'create-ring',
    transition: (rings) => createRing(rings, input, nowMs),
    done: { ok: true, status: 201 },
  });
}
