// PATCH and PUT /keys/id/registrations/crn: the same change; that a PUT leaves nothing out, its parser has seen to.
import { parseIfMatch, type OperationReply } from '@zonehold/api-contract';
import { updateRegistration as update, type RegistrationWishes } from '@zonehold/key-domain';
import { refuse, type KeyCall, type OperationPorts } from '../operation.ts';
import { changeRegistration } from '../registration-change.ts';
import { replyWithRegistration } from '../registration-reply.ts';

/** 200 with the registration; 412 when it is none of those that If-Match names (reference §11.2). */
export async function updateRegistration(
  ports: OperationPorts,
  call: KeyCall,
): Promise<OperationReply> {
  const { request, key, nowMs } = call;
  const wishes = (request.body ?? {}) as RegistrationWishes;
  const wanted = request.ifMatch === undefined ? undefined : parseIfMatch(request.ifMatch);
  const { iamId } = request.caller;
  const changed = await changeRegistration(ports, call, {
    action: 'register',
    isCreate: false,
    step: (current, operation) =>
      update(current, { key, wishes, wanted, author: { operation, iamId } }, nowMs),
  });
  return changed.ok ? replyWithRegistration(call, changed.record, 200) : refuse(changed.refusal);
}
