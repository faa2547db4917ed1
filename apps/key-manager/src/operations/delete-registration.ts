// DELETE /keys/id/registrations/crn: the service does not use the key for this resource any more.
import {
  registrationBody,
  registrationCollection,
  type OperationReply,
} from '@zonehold/api-contract';
import { deleteRegistration as remove, livingRegistration } from '@zonehold/key-domain';
import { noContent, refuse, type KeyCall, type OperationPorts } from '../operation.ts';
import { changeRegistration } from '../registration-change.ts';

/**
 * 204, or 200 with the registration as it was when a representation was asked for (reference §11.2). Of a repeat's there is nothing
 * left to show: 204. In any state of the key: who gives up a claim is not kept.
 */
export async function deleteRegistration(
  ports: OperationPorts,
  call: KeyCall,
): Promise<OperationReply> {
  const changed = await changeRegistration(ports, call, {
    action: 'deregister',
    isCreate: false,
    step: remove,
  });
  if (!changed.ok) return refuse(changed.refusal);
  const before = livingRegistration(changed.before);
  if (before === undefined || call.request.prefer !== 'representation') return noContent;
  const body = registrationCollection([registrationBody(before, call.key, true)]);
  return { ok: true, status: 200, body };
}
