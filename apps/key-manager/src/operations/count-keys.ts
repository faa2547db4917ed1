// HEAD /keys: how many keys a list would select.
import type { OperationReply } from '@zonehold/api-contract';
import { countSelected } from '@zonehold/key-domain';
import type { InstanceCall, OperationPorts } from '../operation.ts';
import { selectionOf } from './list-keys.ts';

/** 200 without a body and with the header Key-Total (reference §6.1). */
export async function countKeys(
  ports: OperationPorts,
  call: InstanceCall,
): Promise<OperationReply> {
  const { instance, nowMs, deadline } = call;
  const selection = selectionOf(call);
  let total = 0;
  for await (const slice of ports.index.slices(instance.instanceId, deadline)) {
    total += countSelected(slice, selection, nowMs);
  }
  return { ok: true, status: 200, headers: { 'Key-Total': String(total) } };
}
