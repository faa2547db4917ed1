// What depends on whether a user or a service asks (reference §2.4, §11.2). Rights come before, form and state after.
import {
  operationRow,
  type ApiRefusal,
  type OperationName,
  type OperationRequest,
} from '@zonehold/api-contract';
import { serviceNameOf } from '@zonehold/key-domain';

/** Operations whose path names a resource that must be the caller's. */
const aboutOwnResource: ReadonlySet<OperationName> = new Set([
  'createRegistration',
  'updateRegistration',
  'replaceRegistration',
  'deleteRegistration',
]);

/** Why this kind of caller may not, whoever it is; undefined when it may. */
export function refuseCallerKind({
  operation,
  caller,
  subRef = '',
}: OperationRequest): ApiRefusal | undefined {
  const { isServiceOnly, isImplemented } = operationRow(operation);
  const { service } = caller;
  if (service === undefined) {
    return isServiceOnly === true ? { code: 'SERVICE_ONLY_ERR' } : undefined;
  }
  // Moving registrations from key to key, and a scanner's questions: the contract's word for what is not enabled.
  if (isServiceOnly === true && !isImplemented) return { code: 'FEATURE_RESTRICTED_ERR' };
  if (operation === 'deleteKey') return { code: 'RESOURCE_OWNER_ERR' };
  // What is no CRN at all is the form's matter.
  const owner = serviceNameOf(subRef);
  const isStrange = aboutOwnResource.has(operation) && owner !== undefined && owner !== service;
  return isStrange ? { code: 'RESOURCE_OWNER_ERR' } : undefined;
}
