// POST /keys/id/registrations/crn: a service says that its resource is protected by this key.
import type { ApiRefusal, OperationReply } from '@zonehold/api-contract';
import {
  createRegistration as create,
  registrationsPerKeyMax,
  type RegistrationWishes,
} from '@zonehold/key-domain';
import { refuse, type KeyCall, type OperationPorts } from '../operation.ts';
import { changeRegistration } from '../registration-change.ts';
import { replyWithRegistration } from '../registration-reply.ts';

/** 201 with the registration (reference §11.2); the same again for a repeat. */
export async function createRegistration(
  ports: OperationPorts,
  call: KeyCall,
): Promise<OperationReply> {
  const { request, key, nowMs } = call;
  const wishes = (request.body ?? {}) as RegistrationWishes;
  const resourceCrn = request.subRef ?? '';
  const { iamId } = request.caller;
  const changed = await changeRegistration(ports, call, {
    action: 'register',
    isCreate: true,
    step: (current, operation) =>
      create(current, { key, resourceCrn, wishes, author: { operation, iamId } }, nowMs),
    refuseBefore: () => refuseOneMore(ports, call),
  });
  return changed.ok ? replyWithRegistration(call, changed.record, 201) : refuse(changed.refusal);
}

/** Counted before the round: requests that come at once may overshoot by their number. */
async function refuseOneMore(
  ports: OperationPorts,
  { key, deadline }: KeyCall,
): Promise<ApiRefusal | undefined> {
  let count = 0;
  for await (const slice of ports.registrationIndex.slices(key.instanceId, key.id, deadline)) {
    count += slice.length;
  }
  return count < registrationsPerKeyMax
    ? undefined
    : { code: 'REGISTRATION_LIMIT_ERR', detail: `at most ${registrationsPerKeyMax}` };
}
