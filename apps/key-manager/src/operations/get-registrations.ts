// GET /keys/id/registrations: which resources a key protects.
import type { OperationReply } from '@zonehold/api-contract';
import { refuse, type KeyCall, type OperationPorts } from '../operation.ts';
import { refuseLook, replyWithRegistrations, selectRegistrations } from '../registration-page.ts';

/** 200 with one page (reference §11.1), of a deleted key too, until it is purged. */
export async function getRegistrations(
  ports: OperationPorts,
  call: KeyCall,
): Promise<OperationReply> {
  const refusal = refuseLook(call);
  if (refusal !== undefined) return refuse(refusal);
  const selected = await selectRegistrations(ports, call, call.key.id);
  return replyWithRegistrations(ports, call, selected, () => true);
}
