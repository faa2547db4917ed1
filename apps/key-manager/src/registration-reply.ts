// What a service is answered about one registration.
import {
  etagOf,
  registrationBody,
  registrationCollection,
  type OperationReply,
} from '@zonehold/api-contract';
import { livingRegistration, type RegistrationRecord } from '@zonehold/key-domain';
import { refuse, type KeyCall } from './operation.ts';

/** The registration with its ETag. IDEMPOTENCY_MISMATCH_ERR for a repeat that comes when it is gone again. */
export function replyWithRegistration(
  { key }: KeyCall,
  record: RegistrationRecord | undefined,
  status: number,
): OperationReply {
  const registration = livingRegistration(record);
  if (registration === undefined) return refuse({ code: 'IDEMPOTENCY_MISMATCH_ERR' });
  const body = registrationCollection([registrationBody(registration, key, true)]);
  return { ok: true, status, body, headers: { ETag: etagOf(registration.revision) } };
}
